#include "candidates/collector.h"

#include <algorithm>
#include <bit>

namespace emplace::candidates {
namespace {

// What is written down takes memory here and then in the answer, some tens of bytes for each part:
// it counts as so many steps, so that the limit on work is one on memory, too.
constexpr std::uint64_t steps_per_entry = 8;

}  // namespace

std::size_t Collector::KeyHash::operator()(const Key& key) const {
  std::uint64_t hash = 0x9e3779b97f4a7c15ull;
  for (const auto& place : key) {
    hash = (hash ^ (std::uint64_t{place.tree} << 32 | place.index)) * 0xff51afd7ed558ccdull;
    hash ^= hash >> 32;
  }
  return hash;
}

void Collector::reserve(std::size_t candidates) {
  candidates = static_cast<std::size_t>(std::min<std::uint64_t>(candidates, limit_));
  found_.candidates.reserve(candidates);
  found_.parts.reserve(candidates * space_.slots().size());
  found_.mappings.reserve(candidates * space_.plan().groups.size());
}

void Collector::add(const TreeSearch& search) {
  places_.clear();
  for (std::size_t i = 0; i < space_.slots().size(); ++i)
    places_.push_back(search.place_of(i));
  // The places tell a candidate: two choices of providers never have the same parts and mappings.
  if (!space_.sharing().empty() && search.is_shared() && !shared_.insert(places_).second) return;
  add_places(places_);
}

void Collector::add_single(Place place) {
  places_.assign(space_.slots().size(), place);
  add_places(places_);
}

void Collector::add_places(const Key& places) {
  Candidate candidate;
  candidate.first_part = static_cast<std::uint32_t>(found_.parts.size());
  candidate.first_mapping = static_cast<std::uint32_t>(found_.mappings.size());
  const auto& slots = space_.slots();
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const auto& slot = slots[i];
    for (const auto& demand : slot.demands) {
      add_part(candidate.first_part, places[i], demand, !slot.uses.empty());
    }
    // The slots of one group are neighbours.
    bool mapped = false;
    for (std::size_t j = found_.mappings.size(); j-- > candidate.first_mapping && !mapped;) {
      const auto& mapping = found_.mappings[j];
      if (mapping.group != slot.group) break;
      mapped = mapping.provider == places[i];
    }
    if (!mapped) found_.mappings.push_back(Mapping{slot.group, places[i]});
  }
  candidate.last_part = static_cast<std::uint32_t>(found_.parts.size());
  candidate.last_mapping = static_cast<std::uint32_t>(found_.mappings.size());
  found_.candidates.push_back(candidate);
  const auto entries = 1 + (candidate.last_part - candidate.first_part) +
                       (candidate.last_mapping - candidate.first_mapping);
  work_.add(slots.size() + steps_per_entry * entries);
}

void Collector::add_part(std::uint32_t first, Place provider, const Demand& demand,
                         bool contested) {
  for (std::size_t i = first; contested && i < found_.parts.size(); ++i) {
    auto& part = found_.parts[i];
    if (part.provider == provider && part.resource_class == demand.resource_class) {
      part.amount += demand.amount;
      return;
    }
  }
  found_.parts.push_back(Part{provider, demand.resource_class, demand.amount});
}

Found Collector::finish() && {
  if (!space_.plan().nested) {
    auto& providers = found_.summary_providers;
    for (const auto& part : found_.parts) {
      if (providers.empty() || providers.back() != part.provider) {
        providers.push_back(part.provider);
      }
    }
    std::sort(providers.begin(), providers.end());
    providers.erase(std::unique(providers.begin(), providers.end()), providers.end());
    return std::move(found_);
  }
  // Marks instead of sorting: parts are many, and shared providers come again and again.
  std::vector<std::uint64_t> marks(space_.world().tree_limit() / 64 + 1);
  for (const auto& part : found_.parts) {
    marks[part.provider.tree / 64] |= std::uint64_t{1} << (part.provider.tree % 64);
  }
  for (std::uint32_t word = 0; word < marks.size(); ++word) {
    for (auto bits = marks[word]; bits; bits &= bits - 1) {
      found_.summary_trees.push_back(word * 64 +
                                     static_cast<std::uint32_t>(std::countr_zero(bits)));
    }
  }
  return std::move(found_);
}

}  // namespace emplace::candidates
