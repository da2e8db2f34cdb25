// Planner for the aggregates of a provider. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "model/world.h"

namespace emplace::changes {

struct ReplaceAggregates {
  Uuid provider;
  // None before 1.19: then it is neither checked nor advanced.
  std::optional<std::int64_t> generation;
  std::vector<Uuid> aggregates;  // each once
};
Result<ChangeSet> plan(const World& world, const ReplaceAggregates& command, Time now);

}  // namespace emplace::changes
