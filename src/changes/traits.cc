#include "changes/traits.h"

#include <algorithm>
#include <iterator>

#include "changes/generation.h"
#include "changes/providers.h"

namespace emplace::changes {
namespace {

// The ids of all names, sorted, each once; or bad_request with those that do not exist.
Result<std::vector<TraitId>> look_up(const World& world, const std::vector<std::string>& names) {
  constexpr std::size_t told_max = 20;
  std::vector<TraitId> ids;
  std::vector<std::string> unknown;
  for (const auto& name : names) {
    if (const auto id = world.find_trait(name)) {
      ids.push_back(*id);
    } else if (std::find(unknown.begin(), unknown.end(), name) == unknown.end()) {
      unknown.push_back(name);
      if (unknown.size() == told_max) break;
    }
  }
  if (unknown.empty()) {
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    return ids;
  }
  std::string list;
  for (const auto& name : unknown)
    list += (list.empty() ? "" : ", ") + name;
  return fail(Reason::bad_request, "No such trait " + list);
}

ChangeSet replace(const Provider& provider, const std::vector<TraitId>& wanted, Time now) {
  ChangeTraits change{provider.uuid, {}, {}};
  const auto& had = provider.traits;
  std::set_difference(wanted.begin(), wanted.end(), had.begin(), had.end(),
                      std::back_inserter(change.added));
  std::set_difference(had.begin(), had.end(), wanted.begin(), wanted.end(),
                      std::back_inserter(change.removed));
  ChangeSet changes{now, {}};
  if (change.added.empty() && change.removed.empty()) return changes;
  changes.add(std::move(change));
  changes.add(next_generation_of(provider));
  return changes;
}

}  // namespace

Result<ChangeSet> plan(const World& world, const AddTrait& command, Time now) {
  ChangeSet changes{now, {}};
  if (!world.find_trait(command.name)) changes.add(CreateTrait{command.name});
  return changes;
}

Result<ChangeSet> plan(const World& world, const RemoveTrait& command, Time now) {
  const auto id = world.find_trait(command.name);
  if (!id) return fail(Reason::not_found, "No such trait(s): " + command.name + ".");
  if (!command.name.starts_with("CUSTOM_")) {
    return fail(Reason::bad_request, "Cannot delete standard trait " + command.name + ".");
  }
  if (!world.trees_with(*id).empty()) {
    return fail(Reason::conflict,
                "The trait " + command.name + " is in use by a resource provider.");
  }
  ChangeSet changes{now, {}};
  changes.add(DeleteTrait{*id});
  return changes;
}

Result<ChangeSet> plan(const World& world, const ReplaceTraits& command, Time now) {
  const auto provider = TRY(find_provider(world, command.provider));
  if (provider->generation != command.generation) {
    return fail(Reason::concurrent_update,
                "Resource provider's generation already changed. Please update the generation and "
                "try again.");
  }
  const auto wanted = TRY(look_up(world, command.traits));
  return replace(*provider, wanted, now);
}

Result<ChangeSet> plan(const World& world, const RemoveTraits& command, Time now) {
  const auto provider = TRY(find_provider(world, command.provider));
  return replace(*provider, {}, now);
}

}  // namespace emplace::changes
