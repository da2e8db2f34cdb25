#include "store/shared/batch_difference.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "store/changed_things.h"

namespace emplace::store {
namespace {

const Provider* find_provider(const World& world, const Uuid& uuid, const Provider*& root) {
  const auto place = world.find_place(uuid);
  if (!place) return nullptr;
  const auto& nodes = world.tree(place->tree)->nodes;
  root = nodes.front().provider.get();
  return nodes[place->index].provider.get();
}

// Adds what stands below a provider: if that has moved, it shows another root, or a new time.
void add_below(const World& after, const Uuid& top, std::set<Uuid>& providers) {
  const auto place = after.find_place(top);
  if (!place) return;
  const auto& nodes = after.tree(place->tree)->nodes;
  std::vector<bool> is_below(nodes.size(), false);
  is_below[place->index] = true;
  for (std::size_t i = place->index + 1; i < nodes.size(); ++i) {
    is_below[i] = nodes[i].parent >= 0 && is_below[static_cast<std::size_t>(nodes[i].parent)];
    if (is_below[i]) providers.insert(nodes[i].provider->uuid);
  }
}

std::vector<ProviderDifference> providers_of(const ChangedThings& things, const World& before,
                                             const World& after) {
  auto uuids = things.providers;
  for (const auto& uuid : things.updated_providers)
    add_below(after, uuid, uuids);
  std::vector<ProviderDifference> all;
  for (const auto& uuid : uuids) {
    ProviderDifference each{.uuid = uuid};
    each.before = find_provider(before, uuid, each.root_before);
    each.after = find_provider(after, uuid, each.root_after);
    if (each.before != each.after) all.push_back(each);
  }
  const auto old_ones = std::stable_partition(
      all.begin(), all.end(), [](const ProviderDifference& each) { return !each.before; });
  std::sort(all.begin(), old_ones,
            [&](const ProviderDifference& one, const ProviderDifference& other) {
              return *after.find_place(one.uuid) < *after.find_place(other.uuid);
            });
  return all;
}

std::vector<ConsumerDifference> consumers_of(const ChangedThings& things, const World& before,
                                             const World& after) {
  std::vector<ConsumerDifference> all;
  for (const auto& uuid : things.consumers) {
    ConsumerDifference each{uuid, before.find_consumer(uuid), after.find_consumer(uuid),
                            things.reallocated.contains(uuid)};
    if (each.before != each.after) all.push_back(std::move(each));
  }
  return all;
}

// `find` gives the id of a name in a World, `name_of` the Name of an id.
template <class Id, class Find, class NameOf>
std::vector<NameDifference<Id>> names_of(const std::set<std::string>& names, const World& before,
                                         const World& after, Find find, NameOf name_of) {
  std::map<Id, NameDifference<Id>> by_id;
  for (const auto& name : names) {
    if (const auto id = find(before, name)) by_id[*id].before = name;
    if (const auto id = find(after, name)) by_id[*id].after = name;
  }
  std::vector<NameDifference<Id>> all;
  for (auto& [id, each] : by_id) {
    each.id = id;
    const bool stays = each.before == each.after;
    if (stays && name_of(before, id).updated_at == name_of(after, id).updated_at) continue;
    all.push_back(std::move(each));
  }
  return all;
}

}  // namespace

BatchDifference difference_of(const std::vector<Step>& steps) {
  const World& before = *steps.front().before;
  const World& after = *steps.back().after;
  std::vector<const ChangeSet*> changes;
  for (const auto& step : steps)
    changes.push_back(step.changes);
  const ChangedThings things = changed_things(changes, before);
  return BatchDifference{
      .at = steps.back().changes->at,
      .before = &before,
      .after = &after,
      .providers = providers_of(things, before, after),
      .consumers = consumers_of(things, before, after),
      .traits = names_of<TraitId>(
          things.traits, before, after,
          [](const World& world, const std::string& name) { return world.find_trait(name); },
          [](const World& world, TraitId id) { return world.trait(id); }),
      .classes = names_of<ClassId>(
          things.classes, before, after,
          [](const World& world, const std::string& name) { return world.find_class(name); },
          [](const World& world, ClassId id) { return world.resource_class(id); }),
      .new_traits = things.new_traits,
      .new_classes = things.new_classes};
}

}  // namespace emplace::store
