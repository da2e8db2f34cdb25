// Planners for providers themselves: create, rename and move, delete. Pure.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "model/world.h"

namespace emplace::changes {

// The provider, or no_such_resource.
Result<Located> find_provider(const World& world, const Uuid& uuid);

struct AddProvider {
  Uuid uuid;
  std::string name;
  std::optional<Uuid> parent;
};
Result<ChangeSet> plan(const World& world, const AddProvider& command, Time now);

struct EditProvider {
  Uuid uuid;
  std::string name;
  bool keeps_parent = true;  // else `parent` counts; none makes it a root
  std::optional<Uuid> parent = {};
  bool may_reparent = false;  // whether it may leave the parent that it has
};
Result<ChangeSet> plan(const World& world, const EditProvider& command, Time now);

struct RemoveProvider {
  Uuid uuid;
};
Result<ChangeSet> plan(const World& world, const RemoveProvider& command, Time now);

}  // namespace emplace::changes
