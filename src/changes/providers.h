// Planners for providers themselves: create, rename and move, give away, delete. Pure.
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
  std::optional<CreatedBy> owner = {};  // dropped if the World keeps no owners
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

// Sets the owner of the root of the provider's tree, and so of the whole tree; none: nobody's.
// Fails with no_such_resource for no provider, unavailable if the World keeps no owners.
struct ChangeOwner {
  Uuid provider;
  std::optional<CreatedBy> owner;
};
Result<ChangeSet> plan(const World& world, const ChangeOwner& command, Time now);

struct RemoveProvider {
  Uuid uuid;
};
Result<ChangeSet> plan(const World& world, const RemoveProvider& command, Time now);

}  // namespace emplace::changes
