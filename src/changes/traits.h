// Planners for traits, and for which of them a provider has. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/world.h"

namespace emplace::changes {

struct AddTrait {  // nothing to do if it exists
  std::string name;
};
Result<ChangeSet> plan(const World& world, const AddTrait& command, Time now);

struct RemoveTrait {
  std::string name;
};
Result<ChangeSet> plan(const World& world, const RemoveTrait& command, Time now);

struct ReplaceTraits {  // all of a provider; the generation advances only if they change
  Uuid provider;
  std::int64_t generation = 0;
  std::vector<std::string> traits;  // in any order, any number of times
};
Result<ChangeSet> plan(const World& world, const ReplaceTraits& command, Time now);

struct RemoveTraits {  // all of a provider
  Uuid provider;
};
Result<ChangeSet> plan(const World& world, const RemoveTraits& command, Time now);

}  // namespace emplace::changes
