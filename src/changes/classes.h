// Planners for resource classes. Pure.
#pragma once

#include <string>

#include "base/result.h"
#include "model/world.h"

namespace emplace::changes {

struct AddClass {  // fails if it exists
  std::string name;
};
Result<ChangeSet> plan(const World& world, const AddClass& command, Time now);

struct EnsureClass {  // nothing to do if it exists
  std::string name;
};
Result<ChangeSet> plan(const World& world, const EnsureClass& command, Time now);

struct EditClass {
  std::string name, new_name;
};
Result<ChangeSet> plan(const World& world, const EditClass& command, Time now);

struct RemoveClass {
  std::string name;
};
Result<ChangeSet> plan(const World& world, const RemoveClass& command, Time now);

}  // namespace emplace::changes
