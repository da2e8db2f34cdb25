#include "candidates/assignments.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

namespace emplace::candidates {
namespace {

// Sets of covers are cut down to their union beyond this: the check gets weaker, not wrong.
constexpr std::size_t reachable_max = 64;
// So many dead ends are remembered: some tens of megabytes of them.
constexpr std::size_t dead_max = 100'000;

}  // namespace

void Assignments::start(const AssignmentProblem& problem) {
  problem_ = &problem;
  const std::size_t count = problem.slots.size();
  order_.resize(count);
  std::iota(order_.begin(), order_.end(), 0);
  if (problem.dimensions || problem.needed) {
    // The most constrained first: it is there that branches end.
    std::stable_sort(order_.begin(), order_.end(), [&](std::uint32_t a, std::uint32_t b) {
      return problem.slots[a].choices.size() < problem.slots[b].choices.size();
    });
  }
  chosen_.assign(count, 0);
  cursor_.assign(count, 0);
  fruitful_.assign(count, false);
  covered_.assign(count + 1, 0);
  room_ = problem.room;
  if (problem.dimensions) {
    const std::size_t providers = problem.room.size() / problem.dimensions;
    if (matched_.size() < providers) matched_.resize(providers);
    if (seen_.size() < providers) seen_.resize(providers, round_);
  }
  if (problem.needed) prepare_covers();
  dead_.clear();
  class_of_.clear();
  depth_ = 0;
  at_assignment_ = false;
  over_ = !promising(0);
}

bool Assignments::next() {
  if (over_) return false;
  const std::size_t last = order_.size() - 1;
  if (at_assignment_) retract(last);
  at_assignment_ = false;
  while (true) {
    const auto& choices = slot_at(depth_).choices;
    if (cursor_[depth_] == choices.size()) {
      if (depth_ == 0) break;
      // The last slot is told as fast by trying.
      if (!fruitful_[depth_] && depth_ != last && dead_.size() < dead_max) {
        dead_.insert(key_of(depth_));
      }
      if (fruitful_[depth_]) fruitful_[depth_ - 1] = true;
      retract(--depth_);
      continue;
    }
    work_.add(1);
    if (work_.exhausted()) break;
    const std::uint32_t provider = choices[cursor_[depth_]++];
    if (!fits(slot_at(depth_), provider)) continue;
    place(depth_, provider);
    if (depth_ == last) {
      if ((covered_[depth_ + 1] & problem_->needed) == problem_->needed) {
        fruitful_[depth_] = true;
        at_assignment_ = true;
        return true;
      }
    } else if (depth_ + 1 == last || (promising(depth_ + 1) && !is_dead(depth_ + 1))) {
      ++depth_;
      cursor_[depth_] = 0;
      fruitful_[depth_] = false;
      continue;
    }
    retract(depth_);
  }
  over_ = true;
  return false;
}

bool Assignments::fits(const AssignmentProblem::Slot& slot, std::uint32_t provider) {
  for (const auto& use : slot.uses) {
    if (room(provider, use.dimension) < use.amount) return false;
  }
  return true;
}

void Assignments::place(std::size_t depth, std::uint32_t provider) {
  const auto& slot = slot_at(depth);
  chosen_[order_[depth]] = provider;
  for (const auto& use : slot.uses)
    room(provider, use.dimension) -= use.amount;
  if (problem_->needed) {
    covered_[depth + 1] = covered_[depth] | (slot.covers ? problem_->cover[provider] : 0);
  }
}

void Assignments::retract(std::size_t depth) {
  const std::uint32_t provider = chosen_[order_[depth]];
  for (const auto& use : slot_at(depth).uses)
    room(provider, use.dimension) += use.amount;
}

// Whether the slots from this depth on can be assigned, as far as each dimension and the covers
// tell by themselves. Exact if there is one dimension and all use the same amount of it.
bool Assignments::promising(std::size_t depth) {
  for (std::uint32_t dimension = 0; dimension < problem_->dimensions; ++dimension) {
    if (!matchable(dimension, depth)) return false;
  }
  return !problem_->needed || coverable(depth);
}

// --- covers -------------------------------------------------------------------------------------

void Assignments::prepare_covers() {
  const std::size_t count = order_.size();
  reachable_.resize(count + 1);
  reachable_[count].assign(1, 0);
  for (std::size_t depth = count; depth-- > 0;) {
    auto& here = reachable_[depth];
    const auto& below = reachable_[depth + 1];
    here.clear();
    if (!slot_at(depth).covers) {
      here = below;
      continue;
    }
    std::vector<std::uint64_t> own;
    for (const auto provider : slot_at(depth).choices)
      own.push_back(problem_->cover[provider]);
    std::sort(own.begin(), own.end());
    own.erase(std::unique(own.begin(), own.end()), own.end());
    for (const auto cover : own) {
      for (const auto more : below)
        here.push_back(cover | more);
    }
    std::sort(here.begin(), here.end());
    here.erase(std::unique(here.begin(), here.end()), here.end());
    if (here.size() > reachable_max) {
      const auto all = std::accumulate(here.begin(), here.end(), std::uint64_t{0},
                                       [](std::uint64_t a, std::uint64_t b) { return a | b; });
      here.assign(1, all);
    }
  }
}

bool Assignments::coverable(std::size_t depth) const {
  const std::uint64_t missing = problem_->needed & ~covered_[depth];
  return std::any_of(reachable_[depth].begin(), reachable_[depth].end(),
                     [&](std::uint64_t cover) { return (cover & missing) == missing; });
}

// --- counting and matching ----------------------------------------------------------------------

// Whether the slots from this depth on can be dealt to providers such that none gets more of them
// than would fit if they were the smallest ones.
bool Assignments::matchable(std::uint32_t dimension, std::size_t depth) {
  users_.clear();
  amounts_.clear();
  for (std::size_t i = depth; i < order_.size(); ++i) {
    for (const auto& use : slot_at(i).uses) {
      if (use.dimension != dimension) continue;
      users_.push_back(order_[i]);
      amounts_.push_back(use.amount);
    }
  }
  if (users_.empty()) return true;
  work_.add(users_.size());
  std::sort(amounts_.begin(), amounts_.end());
  std::partial_sum(amounts_.begin(), amounts_.end(), amounts_.begin());
  for (const auto provider : loaded_)
    matched_[provider].clear();
  loaded_.clear();
  for (std::size_t user = 0; user < users_.size(); ++user) {
    ++round_;
    if (!match(dimension, user)) return false;
  }
  return true;
}

std::size_t Assignments::load_max(std::uint32_t provider, std::uint32_t dimension) {
  const auto end = std::upper_bound(amounts_.begin(), amounts_.end(), room(provider, dimension));
  return static_cast<std::size_t>(end - amounts_.begin());
}

// Finds a provider for one more user, moving others if need be.
bool Assignments::match(std::uint32_t dimension, std::size_t user) {
  const auto& slot = problem_->slots[users_[user]];
  for (const auto provider : slot.choices) {
    auto& matched = matched_[provider];
    if (!fits(slot, provider) || matched.size() >= load_max(provider, dimension)) continue;
    if (matched.empty()) loaded_.push_back(provider);
    matched.push_back(static_cast<std::uint32_t>(user));
    return true;
  }
  for (const auto provider : slot.choices) {
    if (seen_[provider] == round_ || !fits(slot, provider)) continue;
    seen_[provider] = round_;
    work_.add(1);
    for (std::size_t i = 0; i < matched_[provider].size(); ++i) {
      // All that are matched here have been dealt with before a deeper call can come back.
      if (!match(dimension, matched_[provider][i])) continue;
      matched_[provider][i] = static_cast<std::uint32_t>(user);
      return true;
    }
  }
  return false;
}

// --- dead ends ----------------------------------------------------------------------------------

std::size_t Assignments::KeyHash::operator()(const Key& key) const {
  std::uint64_t hash = 0x9e3779b97f4a7c15ull;
  for (const auto word : key) {
    hash = (hash ^ word) * 0xff51afd7ed558ccdull;
    hash ^= hash >> 32;
  }
  return hash;
}

// Equals are choices of the same slots, and have the same room and cover.
void Assignments::classify_providers() {
  const std::size_t width = problem_->dimensions;
  std::size_t count = width ? problem_->room.size() / width : problem_->cover.size();
  for (const auto& slot : problem_->slots) {
    for (const auto provider : slot.choices)
      count = std::max<std::size_t>(count, provider + 1);
  }
  std::vector<Key> features(count);
  for (std::size_t slot = 0; slot < problem_->slots.size(); ++slot) {
    for (const auto provider : problem_->slots[slot].choices)
      features[provider].push_back(slot);
  }
  std::map<Key, std::uint32_t> classes;
  class_of_.resize(count);
  for (std::size_t provider = 0; provider < count; ++provider) {
    auto& key = features[provider];
    for (std::size_t i = 0; i < width; ++i) {
      key.push_back(static_cast<std::uint64_t>(problem_->room[provider * width + i]));
    }
    key.push_back(problem_->needed ? problem_->cover[provider] : 0);
    class_of_[provider] =
        classes.emplace(key, static_cast<std::uint32_t>(classes.size())).first->second;
  }
}

bool Assignments::is_dead(std::size_t depth) {
  return !dead_.empty() && dead_.contains(key_of(depth));
}

// What the future of the search depends on at this depth: the same for states that differ only in
// which of equal providers has been used.
Assignments::Key Assignments::key_of(std::size_t depth) {
  if (class_of_.empty()) classify_providers();
  std::vector<std::uint32_t> used;
  for (std::size_t i = 0; i < depth; ++i) {
    if (!slot_at(i).uses.empty()) used.push_back(chosen_[order_[i]]);
  }
  std::sort(used.begin(), used.end());
  used.erase(std::unique(used.begin(), used.end()), used.end());
  std::vector<Key> states;
  for (const auto provider : used) {
    auto& state = states.emplace_back(Key{class_of_[provider]});
    for (std::uint32_t i = 0; i < problem_->dimensions; ++i) {
      state.push_back(static_cast<std::uint64_t>(room(provider, i)));
    }
  }
  std::sort(states.begin(), states.end());
  Key key{depth, covered_[depth] & problem_->needed};
  for (const auto& state : states)
    key.insert(key.end(), state.begin(), state.end());
  return key;
}

}  // namespace emplace::candidates
