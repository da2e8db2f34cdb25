// Assignments: all ways to give each slot one of its choices, one at a time, without ever walking
// into a dead end for long: before each step counting and matching refuse what cannot be completed,
// and a state that led nowhere is remembered, with equal providers taken as one.
#pragma once

#include <cstdint>
#include <limits>
#include <unordered_set>
#include <vector>

#include "candidates/work.h"

namespace emplace::candidates {

// What is to be assigned. Providers are small numbers. A dimension is something that slots compete
// for: a resource class, or (with one unit of room everywhere) the right to a provider of one's
// own.
struct AssignmentProblem {
  struct Use {
    std::uint32_t dimension = 0;
    std::int64_t amount = 0;  // at least 1
  };
  struct Slot {
    std::vector<std::uint32_t> choices;
    std::vector<Use> uses;
    bool covers = false;  // whether its provider's `cover` counts
  };

  std::vector<Slot> slots;
  std::uint32_t dimensions = 0;
  std::vector<std::int64_t> room;    // [provider × dimensions + dimension]
  std::vector<std::uint64_t> cover;  // [provider]; may be empty if nothing is needed
  std::uint64_t needed = 0;          // bits that the covering slots are to have together
};

class Assignments {
 public:
  explicit Assignments(Work& work) : work_(work) {}

  // Begins anew with this problem, which is to stay unchanged until the next start().
  // Requires: at least one slot, and choices for each.
  void start(const AssignmentProblem& problem);
  // Moves on to the next assignment. False: there is none, or the work is exhausted.
  bool next();
  // The provider of a slot in the present assignment.
  std::uint32_t operator[](std::size_t slot) const { return chosen_[slot]; }

 private:
  using Key = std::vector<std::uint64_t>;
  struct KeyHash {
    std::size_t operator()(const Key& key) const;
  };

  const AssignmentProblem::Slot& slot_at(std::size_t depth) const {
    return problem_->slots[order_[depth]];
  }
  std::int64_t& room(std::uint32_t provider, std::uint32_t dimension) {
    return room_[std::size_t{provider} * problem_->dimensions + dimension];
  }
  bool fits(const AssignmentProblem::Slot& slot, std::uint32_t provider);
  void place(std::size_t depth, std::uint32_t provider);
  void retract(std::size_t depth);
  bool promising(std::size_t depth);

  void prepare_covers();
  bool coverable(std::size_t depth) const;

  bool matchable(std::uint32_t dimension, std::size_t depth);
  bool match(std::uint32_t dimension, std::size_t user);
  std::size_t load_max(std::uint32_t provider, std::uint32_t dimension);

  void classify_providers();
  bool is_dead(std::size_t depth);
  Key key_of(std::size_t depth);

  Work& work_;
  const AssignmentProblem* problem_ = nullptr;
  std::vector<std::uint32_t> order_;                   // depth → slot
  std::vector<std::uint32_t> chosen_;                  // slot → provider
  std::vector<std::size_t> cursor_;                    // depth → next choice to try
  std::vector<bool> fruitful_;                         // depth → has led to an assignment
  std::vector<std::uint64_t> covered_;                 // depth → bits covered above it
  std::vector<std::vector<std::uint64_t>> reachable_;  // depth → covers that it and below can add
  std::vector<std::int64_t> room_;
  std::size_t depth_ = 0;
  bool at_assignment_ = false, over_ = true;

  // Of the matching in progress.
  std::vector<std::uint32_t> users_;                 // the slots that use the dimension
  std::vector<std::int64_t> amounts_;                // sums of the smallest 1, 2, … uses
  std::vector<std::vector<std::uint32_t>> matched_;  // provider → users
  std::vector<std::uint32_t> loaded_;                // providers whose matched_ is not empty
  std::vector<std::uint32_t> seen_;                  // provider → the last round that saw it
  std::uint32_t round_ = 0;

  std::unordered_set<Key, KeyHash> dead_;
  std::vector<std::uint32_t> class_of_;  // provider → its class of equals; empty: not yet known
};

}  // namespace emplace::candidates
