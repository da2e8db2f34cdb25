// Partition: divides a search in a tree into parts without overlap, such that in each part rules
// that bind several slots at once (same_subtree, one provider per tree) hold whatever is chosen. A
// part is nothing but shorter lists of choices.
#pragma once

#include <cstdint>
#include <vector>

#include "candidates/work.h"

namespace emplace::candidates {

using Choices = std::vector<std::uint32_t>;  // of providers, as small numbers

// A rule over some slots. Each way to meet it is told by its pivot: the one provider of the slots
// that all others are below (below_pivot), or that alone is used of a tree (one_of_tree).
struct Rule {
  enum class Kind { below_pivot, one_of_tree };
  Kind kind = Kind::below_pivot;
  std::vector<std::uint32_t> slots;
  std::vector<bool> of_tree;  // one_of_tree: the providers of that tree
};

class Partition {
 public:
  explicit Partition(Work& work) : work_(work) {}

  // `parents`: of each provider the nearest one above it, or -1.
  // Requires: each slot has a choice.
  void start(std::vector<Choices> choices, std::vector<Rule> rules,
             std::vector<std::int32_t> parents);
  // Moves on to the next part in which each slot has a choice left. False: there is none, or the
  // work is exhausted.
  bool next();
  // Of each slot, in the present part.
  const std::vector<Choices>& choices() const { return levels_.back(); }

 private:
  static constexpr std::uint32_t nobody = 0xffffffff;
  struct Way {  // to meet a rule: the first of its slots that takes the pivot
    std::uint32_t pivot = nobody, first = 0;
  };

  bool is_below(std::uint32_t provider, std::uint32_t pivot) const;
  std::vector<Way> ways_of(const Rule& rule) const;
  std::vector<bool> pivots_below_which_all_have_choices(const Rule& rule) const;
  bool allows(const Rule& rule, const Way& way, std::size_t position, std::uint32_t provider) const;
  bool restrict_level(std::size_t level);

  Work& work_;
  std::vector<Rule> rules_;
  std::vector<std::int32_t> parents_;
  std::vector<std::vector<Way>> ways_;        // of each rule
  std::vector<std::size_t> way_;              // of each rule: the next one to take
  std::vector<std::vector<Choices>> levels_;  // after 0, 1, … rules
  std::size_t level_ = 0;
  bool started_ = false;
};

}  // namespace emplace::candidates
