#include "candidates/partition.h"

#include <algorithm>
#include <utility>

namespace emplace::candidates {

void Partition::start(std::vector<Choices> choices, std::vector<Rule> rules,
                      std::vector<std::int32_t> parents) {
  rules_ = std::move(rules);
  parents_ = std::move(parents);
  levels_.assign(rules_.size() + 1, {});
  levels_[0] = std::move(choices);
  ways_.clear();
  for (const auto& rule : rules_)
    ways_.push_back(ways_of(rule));
  way_.assign(rules_.size(), 0);
  level_ = 0;
  started_ = false;
}

bool Partition::next() {
  if (rules_.empty()) return !std::exchange(started_, true);
  if (started_) level_ = rules_.size() - 1;
  started_ = true;
  while (true) {
    if (way_[level_] == ways_[level_].size()) {
      way_[level_] = 0;
      if (level_ == 0) {
        way_[0] = ways_[0].size();  // from now on there is none
        return false;
      }
      --level_;
      continue;
    }
    if (work_.exhausted()) return false;
    const bool possible = restrict_level(level_);
    ++way_[level_];
    if (!possible) continue;
    if (level_ + 1 == rules_.size()) return true;
    ++level_;
  }
}

bool Partition::is_below(std::uint32_t provider, std::uint32_t pivot) const {
  for (auto at = static_cast<std::int32_t>(provider); at >= 0;
       at = parents_[static_cast<std::size_t>(at)]) {
    if (at == static_cast<std::int32_t>(pivot)) return true;
  }
  return false;
}

std::vector<bool> Partition::pivots_below_which_all_have_choices(const Rule& rule) const {
  std::vector<std::size_t> slots_served(parents_.size(), 0);
  for (std::size_t position = 0; position < rule.slots.size(); ++position) {
    for (const auto provider : levels_[0][rule.slots[position]]) {
      for (auto at = static_cast<std::int32_t>(provider); at >= 0;
           at = parents_[static_cast<std::size_t>(at)]) {
        auto& served = slots_served[static_cast<std::size_t>(at)];
        if (served == position + 1) break;  // another choice of this slot has been this way
        if (served == position) ++served;
      }
    }
  }
  std::vector<bool> all(parents_.size());
  for (std::size_t i = 0; i < all.size(); ++i)
    all[i] = slots_served[i] == rule.slots.size();
  return all;
}

std::vector<Partition::Way> Partition::ways_of(const Rule& rule) const {
  std::vector<Way> ways;
  std::vector<bool> possible(parents_.size(), true);
  if (rule.kind == Rule::Kind::below_pivot) {
    possible = pivots_below_which_all_have_choices(rule);
  } else {
    possible = rule.of_tree;
    ways.push_back(Way{});
  }
  for (std::size_t position = 0; position < rule.slots.size(); ++position) {
    for (const auto provider : levels_[0][rule.slots[position]]) {
      if (possible[provider]) ways.push_back({provider, static_cast<std::uint32_t>(position)});
    }
  }
  return ways;
}

// Whether the rule's slot at this position may take the provider. The slot `first` takes the pivot,
// those before it do not: so an assignment belongs to one way only.
bool Partition::allows(const Rule& rule, const Way& way, std::size_t position,
                       std::uint32_t provider) const {
  if (position == way.first && way.pivot != nobody) return provider == way.pivot;
  if (provider == way.pivot) return position > way.first;
  return rule.kind == Rule::Kind::below_pivot ? is_below(provider, way.pivot)
                                              : !rule.of_tree[provider];
}

// Makes the choices after the rule of this level from those before it; whether all slots have some.
bool Partition::restrict_level(std::size_t level) {
  const Rule& rule = rules_[level];
  const Way& way = ways_[level][way_[level]];
  levels_[level + 1] = levels_[level];
  for (std::size_t position = 0; position < rule.slots.size(); ++position) {
    auto& choices = levels_[level + 1][rule.slots[position]];
    work_.add(choices.size());
    std::erase_if(choices,
                  [&](std::uint32_t provider) { return !allows(rule, way, position, provider); });
    if (choices.empty()) return false;
  }
  return true;
}

}  // namespace emplace::candidates
