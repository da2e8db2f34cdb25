// The search: Query + World → allocation candidates. Pure; cost follows what is returned.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/result.h"
#include "candidates/query.h"
#include "model/world.h"

namespace emplace::candidates {

struct Part {  // this much of a class from one provider
  Place provider;
  ClassId resource_class{};
  std::int64_t amount = 0;
};
struct Mapping {  // the group (index in Query::groups) is served by this provider, among others
  std::uint32_t group = 0;
  Place provider;
};
// A candidate's parts and mappings are ranges of Found::parts and Found::mappings. Amounts that
// several groups take of one class from one provider are one part.
struct Candidate {
  std::uint32_t first_part = 0, last_part = 0;  // last: one past
  std::uint32_t first_mapping = 0, last_mapping = 0;
};
struct Found {
  std::vector<Candidate> candidates;
  std::vector<Part> parts;
  std::vector<Mapping> mappings;
  // Who is to stand in provider_summaries: whole trees (from 1.29), by number, ascending; or the
  // used providers alone (Query::nested false).
  std::vector<std::uint32_t> summary_trees;
  std::vector<Place> summary_providers;
};

struct Options {
  bool breadth_first = false;  // take roots in turn; else all candidates of one root first
  std::optional<std::uint64_t> shuffle_seed = {};  // [placement] randomize_allocation_candidates
  std::int64_t candidates_max = -1;  // [placement] max_allocation_candidates; -1: no limit
  std::uint64_t work_max = 0;        // search steps; over it Reason::overloaded; 0: no limit
  // Providers that may be used; nullptr: all.
  const std::function<bool(const Provider&)>* visible = nullptr;
};

// Failures: bad_request for names that do not exist (in upstream's words and order: upstream looks
// a group's names up only if no earlier group came out empty), overloaded.
Result<Found> find(const World& world, const Query& query, const Options& options);

}  // namespace emplace::candidates
