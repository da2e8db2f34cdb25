// The search for candidates done in the plainest way: try everything, keep what obeys every rule.
// Slow, and the oracle for candidates::find().
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "candidates/search.h"

namespace emplace::candidates {

// A candidate, in a form that can be compared.
struct PlainCandidate {
  std::map<std::pair<Place, ClassId>, std::int64_t> parts;
  std::map<std::uint32_t, std::set<Place>> mappings;  // by group
  auto operator<=>(const PlainCandidate&) const = default;
};

struct PlainResult {
  std::string failure;  // empty: none
  std::set<PlainCandidate> candidates;
  bool too_large = false;  // given up
};

// What find() is to find without a limit.
PlainResult find_by_brute_force(const World& world, const Query& query,
                                const std::function<bool(const Provider&)>& visible);
// The candidates of an answer; duplicates are counted as such by comparing sizes.
std::set<PlainCandidate> plain(const Found& found);

}  // namespace emplace::candidates
