// The question of GET /allocation_candidates, parsed but not looked up: names are still names,
// since upstream looks them up group by group as it searches, and an early empty group hides later
// errors.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/uuid.h"

namespace emplace::candidates {

// required=A,!B,in:C,D → any_of {{A},{C,D}}, none_of {B}
struct TraitFilter {
  std::vector<std::vector<std::string>> any_of;  // at least one of each inner list
  std::vector<std::string> none_of;
  bool empty() const { return any_of.empty() && none_of.empty(); }
};

// member_of=in:A,B&member_of=!C → any_of {{A,B}}, none_of {C}
struct AggregateFilter {
  std::vector<std::vector<Uuid>> any_of;
  std::vector<Uuid> none_of;
  bool empty() const { return any_of.empty() && none_of.empty(); }
};

// One request group. Resources are in the order of the query string, each class once.
struct Group {
  std::string suffix;                                           // empty: the unsuffixed group
  std::vector<std::pair<std::string, std::int64_t>> resources;  // class name, amount ≥ 1
  TraitFilter traits;
  AggregateFilter aggregates;
  std::optional<Uuid> in_tree;
};

enum class GroupPolicy { none, isolate };

struct Query {
  std::vector<Group> groups;  // in the order in which their suffixes first appear
  GroupPolicy group_policy = GroupPolicy::none;
  TraitFilter root_traits;  // root_required: any_of lists have one member each
  std::vector<std::vector<std::string>> same_subtree;  // of suffixes
  std::optional<std::int64_t> limit;
  bool nested = true;  // from 1.29: candidates may use several providers of one tree
};

}  // namespace emplace::candidates
