#include "changes/providers.h"

#include <algorithm>

namespace emplace::changes {
namespace {

// Whether a provider is another one, or stands anywhere below it.
bool is_within(const Located& provider, const Located& top) {
  if (provider.tree != top.tree) return false;
  for (auto index = static_cast<std::int32_t>(provider.place.index); index >= 0;
       index = provider.tree->nodes[static_cast<std::size_t>(index)].parent) {
    if (index == static_cast<std::int32_t>(top.place.index)) return true;
  }
  return false;
}

tl::unexpected<Failure> cannot_save(const Uuid& uuid, std::string_view action,
                                    std::string_view why) {
  return fail(Reason::bad_request, "Unable to save resource provider " + uuid.str() +
                                       ": Object action " + std::string(action) +
                                       " failed because: " + std::string(why));
}

Result<void> check_new_parent(const World& world, const Located& provider,
                              const EditProvider& command) {
  const bool moves = provider->parent && provider->parent != command.parent;
  if (!command.parent) {
    if (!moves || command.may_reparent) return {};
    return cannot_save(command.uuid, "update", "un-parenting a provider is not currently allowed.");
  }
  const auto parent = world.find_provider(*command.parent);
  if (!parent) {
    return cannot_save(command.uuid, "create", "parent provider UUID does not exist.");
  }
  if (moves && !command.may_reparent) {
    return cannot_save(command.uuid, "update", "re-parenting a provider is not currently allowed.");
  }
  if (is_within(*parent, provider)) {
    return cannot_save(command.uuid, "update",
                       "creating loop in the provider tree is not allowed.");
  }
  return {};
}

}  // namespace

Result<Located> find_provider(const World& world, const Uuid& uuid) {
  if (auto located = world.find_provider(uuid)) return *std::move(located);
  return fail(Reason::no_such_resource, "No resource provider with uuid " + uuid.str() + " found");
}

Result<ChangeSet> plan(const World& world, const AddProvider& command, Time now) {
  const auto cannot_create = [&](const std::string& why) {
    return fail(Reason::bad_request, "Unable to create resource provider \"" + command.name +
                                         "\", " + command.uuid.str() +
                                         ": Object action create failed because: " + why);
  };
  if (command.parent == command.uuid) {
    return cannot_create(
        "parent provider UUID cannot be same as UUID. Please set parent provider UUID to None if "
        "there is no parent.");
  }
  if (command.parent && !world.find_place(*command.parent)) {
    return cannot_create("parent provider UUID does not exist.");
  }
  if (world.find_place(command.uuid)) {
    return fail(Reason::duplicate_name,
                "Conflicting resource provider uuid: " + command.uuid.str() + " already exists.");
  }
  if (world.find_provider_by_name(command.name)) {
    return fail(Reason::duplicate_name,
                "Conflicting resource provider name: " + command.name + " already exists.");
  }
  ChangeSet changes{now, {}};
  changes.add(CreateProvider{command.uuid, command.name, command.parent,
                             world.keeps_owners() ? command.owner : std::nullopt});
  return changes;
}

Result<ChangeSet> plan(const World& world, const EditProvider& command, Time now) {
  const auto provider = TRY(find_provider(world, command.uuid));
  if (!command.keeps_parent) CHECK_OK(check_new_parent(world, provider, command));
  const auto namesake = world.find_provider_by_name(command.name);
  if (namesake && (*namesake)->uuid != command.uuid) {
    return fail(Reason::duplicate_name,
                "Conflicting resource provider " + command.name + " already exists.");
  }
  const auto parent = command.keeps_parent ? provider->parent : command.parent;
  ChangeSet changes{now, {}};
  if (command.name != provider->name || parent != provider->parent) {
    changes.add(UpdateProvider{command.uuid, command.name, parent});
  }
  return changes;
}

Result<ChangeSet> plan(const World& world, const ChangeOwner& command, Time now) {
  const auto provider = TRY(find_provider(world, command.provider));
  if (!world.keeps_owners()) {
    return fail(Reason::unavailable,
                "The database has no table of owners; run \"emplace db sync\" first.");
  }
  const auto& root = provider.root();
  std::optional<CreatedBy> before;
  if (root.owner) before = CreatedBy{*root.owner->project_id, *root.owner->user_id};
  ChangeSet changes{now, {}};
  if (before != command.owner) changes.add(SetOwner{root.uuid, command.owner});
  return changes;
}

Result<ChangeSet> plan(const World& world, const RemoveProvider& command, Time now) {
  const auto provider = world.find_provider(command.uuid);
  if (!provider) {
    return fail(Reason::not_found,
                "No resource provider with uuid " + command.uuid.str() + " found for delete");
  }
  const auto& nodes = provider->tree->nodes;
  const auto index = static_cast<std::int32_t>(provider->place.index);
  if (std::any_of(nodes.begin(), nodes.end(),
                  [&](const Tree::Node& node) { return node.parent == index; })) {
    return fail(Reason::cannot_delete_parent, "Unable to delete parent resource provider " +
                                                  command.uuid.str() +
                                                  ": It has child resource providers.");
  }
  if ((*provider)->in_use()) {
    return fail(Reason::provider_in_use, "Unable to delete resource provider " +
                                             command.uuid.str() +
                                             ": Resource provider has allocations.");
  }
  ChangeSet changes{now, {}};
  changes.add(DeleteProvider{command.uuid});
  return changes;
}

}  // namespace emplace::changes
