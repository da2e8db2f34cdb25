#include "candidates/sharing.h"

#include <algorithm>

namespace emplace::candidates {

Sharing::Sharing(const World& world) : world_(world), trait_(world.sharing_trait()) {
  if (!trait_) return;
  world.trees_with(*trait_).for_each([&](std::uint32_t number) {
    const auto& nodes = world.tree(number)->nodes;
    for (std::uint32_t i = 0; i < nodes.size(); ++i) {
      const Provider& provider = *nodes[i].provider;
      if (!includes(provider)) continue;
      for (const auto aggregate : provider.aggregates) {
        by_aggregate_[static_cast<std::uint32_t>(aggregate)].push_back(
            static_cast<std::uint32_t>(members_.size()));
      }
      members_.push_back(Member{Place{number, i}, &provider});
    }
    return true;
  });
}

Bitmap Sharing::trees_of(std::size_t index) const {
  Bitmap trees;
  for (const auto aggregate : members_[index].provider->aggregates) {
    trees |= world_.trees_with(aggregate);
  }
  trees.add(members_[index].place.tree);
  return trees;
}

std::vector<std::uint32_t> Sharing::serving(std::uint32_t number) const {
  std::vector<std::uint32_t> serving;
  if (by_aggregate_.empty()) return serving;
  for (const auto& node : world_.tree(number)->nodes) {
    for (const auto aggregate : node.provider->aggregates) {
      const auto found = by_aggregate_.find(static_cast<std::uint32_t>(aggregate));
      if (found == by_aggregate_.end()) continue;
      for (const auto index : found->second) {
        if (members_[index].place.tree != number) serving.push_back(index);
      }
    }
  }
  std::sort(serving.begin(), serving.end());
  serving.erase(std::unique(serving.begin(), serving.end()), serving.end());
  return serving;
}

}  // namespace emplace::candidates
