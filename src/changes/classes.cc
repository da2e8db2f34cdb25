#include "changes/classes.h"

namespace emplace::changes {
namespace {

Result<ClassId> find_class(const World& world, const std::string& name) {
  if (const auto id = world.find_class(name)) return *id;
  return fail(Reason::no_such_resource, "No such resource class " + name + ".");
}

bool is_standard(const std::string& name) {
  return !name.starts_with("CUSTOM_");
}

}  // namespace

Result<ChangeSet> plan(const World& world, const AddClass& command, Time now) {
  if (world.find_class(command.name)) {
    return fail(Reason::conflict, "Conflicting resource class already exists: " + command.name);
  }
  ChangeSet changes{now, {}};
  changes.add(CreateClass{command.name});
  return changes;
}

Result<ChangeSet> plan(const World& world, const EnsureClass& command, Time now) {
  ChangeSet changes{now, {}};
  if (!world.find_class(command.name)) changes.add(CreateClass{command.name});
  return changes;
}

Result<ChangeSet> plan(const World& world, const EditClass& command, Time now) {
  const auto id = TRY(find_class(world, command.name));
  if (is_standard(command.name)) {
    return fail(Reason::bad_request, "Cannot update standard resource class " + command.name);
  }
  ChangeSet changes{now, {}};
  if (command.new_name == command.name) return changes;
  if (world.find_class(command.new_name)) {
    return fail(Reason::conflict, "Resource class already exists: " + command.new_name);
  }
  changes.add(RenameClass{id, command.new_name});
  return changes;
}

Result<ChangeSet> plan(const World& world, const RemoveClass& command, Time now) {
  const auto id = TRY(find_class(world, command.name));
  if (is_standard(command.name)) {
    return fail(Reason::bad_request,
                "Error in delete resource class: Cannot delete standard resource class " +
                    command.name + ".");
  }
  if (!world.trees_with(id).empty()) {
    return fail(Reason::conflict, "Error in delete resource class: Cannot delete resource class " +
                                      command.name + ". Class is in use in inventory.");
  }
  ChangeSet changes{now, {}};
  changes.add(DeleteClass{id});
  return changes;
}

}  // namespace emplace::changes
