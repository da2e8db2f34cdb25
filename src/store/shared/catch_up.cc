#include "store/shared/catch_up.h"

#include <algorithm>

#include "store/shared/catch_up_run.h"
#include "store/spelling.h"

namespace emplace::store {

World catch_up(SqlConnection& connection, const World& world, Rows& rows, const Touched& touched,
               const LoadOptions& options, Time now) {
  return CatchUp(connection, world, rows, options, now).run(touched);
}

WorldBuilder& CatchUp::change() {
  if (!builder_) builder_.emplace(world_);
  return *builder_;
}

World CatchUp::run(const Touched& touched) {
  // Nearly always one round trip is all. What was found may ask for more, as when a class is gone
  // that somebody still has allocations of.
  for (auto keys = keys_of(touched); !keys.empty(); keys = further_keys())
    reader_.read(keys);
  if (!apply()) {
    throw NeedsLoad(
        "several rows of the database spell one UUID, each in its own way, and one of them came or "
        "went");
  }
  if (!builder_) return world_;
  World after = builder_->finish();
  update_roots(after);
  return after;
}

// The order in which what was read becomes part of the World:
//  1. Classes and traits, as inventories, allocations and traits of providers name them; the ones
//     that are gone first, so that their names are free for others.
//  2. Aggregates, in the order of their rows, which is the order of all lists of them.
//  3. Providers that are new, parents first; then the moves of others, which may lead below new
//     ones, and out from below ones that go.
//  4. What providers have. New inventories count the allocations that stand against them so far, …
//  5. … and consumers then change these by the difference.
//  6. Providers that are gone, children first. By now nothing stands below them but each other,
//     and no consumer has an allocation there.
// All this compares with the World as it was; a name is given up by whom had it only if nobody has
// taken it over meanwhile, so names may be swapped.
bool CatchUp::apply() {
  if (are_contested()) return false;
  apply_classes();
  update_last_class();
  apply_traits();
  if (read().asked.texts) apply_texts();
  apply_aggregates();
  if (!read().asked.providers.empty()) {
    find_parents();
    update_provider_rows();
    create_providers();
    move_providers();
  }
  apply_contents();
  if (!apply_consumers()) return false;
  delete_providers();
  return true;
}

std::string CatchUp::spelling_of(const Uuid& consumer) const {
  const auto odd = rows_.consumer_spellings.find(consumer);
  return odd == rows_.consumer_spellings.end() ? consumer.str() : odd->second;
}

// --- what is to be read -------------------------------------------------------------------------

Keys CatchUp::keys_of(const Touched& touched) const {
  Keys keys;
  keys.providers = touched.providers;
  keys.inventories = touched.inventories;
  keys.traits_of = touched.traits_of;
  keys.aggregates_of = touched.aggregates_of;
  keys.owners = touched.owners;
  keys.traits = touched.traits;
  keys.classes = touched.classes;
  keys.consumers = touched.consumers;
  keys.texts = touched.purged;
  // Of what is new all counts, also what a database has kept of its row id from before.
  for (const auto* rows : {&touched.providers, &touched.inventories, &touched.traits_of,
                           &touched.aggregates_of, &touched.owners}) {
    for (const RowId row : *rows) {
      if (rows_.provider_uuids.contains(row)) continue;
      keys.providers.insert(row);
      keys.add_contents(row);
    }
  }
  for (const RowId row : touched.traits) {
    if (!rows_.trait_ids.contains(row)) keys.holders_of.insert(row);
  }
  for (const RowId row : touched.classes) {
    if (!rows_.class_ids.contains(row)) keys.users_of_class.insert(row);
  }
  return keys;
}

// What is to be read because of what has been read.
Keys CatchUp::further_keys() const {
  Keys keys;
  add_keys_after_providers(keys);
  add_keys_after_names(keys);
  keys.consumers.insert(read().consumers_with_allocations.begin(),
                        read().consumers_with_allocations.end());
  keys.inventories.insert(read().providers_with_inventories.begin(),
                          read().providers_with_inventories.end());
  keys.traits_of.insert(read().providers_with_traits.begin(), read().providers_with_traits.end());
  keys.remove(read().asked);
  return keys;
}

void CatchUp::add_keys_after_providers(Keys& keys) const {
  for (const RowId row : read().asked.providers) {
    if (!is_lost(row)) continue;
    if (read().providers.contains(row)) keys.add_contents(row);
    const auto provider = world_.find_provider(rows_.provider_uuids.at(row));
    if (!provider) continue;
    (*provider)->consumers.for_each(
        [&](const Uuid& consumer, Nothing) { keys.consumers.insert(spelling_of(consumer)); });
  }
}

void CatchUp::add_keys_after_names(Keys& keys) const {
  // The rows of the providers in some trees for which `has` is true.
  const auto add_rows = [&](const Bitmap& trees, std::set<RowId>& rows, auto has) {
    for (const auto number : trees.members()) {
      for (const auto& node : world_.tree(number)->nodes) {
        if (has(*node.provider)) rows.insert(rows_.providers.at(node.provider->uuid).id);
      }
    }
  };
  for (const RowId row : read().asked.traits) {
    const auto known = rows_.trait_ids.find(row);
    if (known == rows_.trait_ids.end()) continue;
    const TraitId id = known->second;
    if (is_still_there(row, id)) continue;
    add_rows(world_.trees_with(id), keys.traits_of,
             [id](const Provider& provider) { return provider.has_trait(id); });
  }
  for (const RowId row : read().asked.classes) {
    const auto known = rows_.class_ids.find(row);
    if (known == rows_.class_ids.end() || read().classes.contains(row)) continue;
    const ClassId id = known->second;
    add_rows(world_.trees_with(id), keys.inventories,
             [id](const Provider& provider) { return provider.find_inventory(id) != nullptr; });
    keys.users_of_class.insert(row);
  }
}

// --- names --------------------------------------------------------------------------------------

void CatchUp::apply_classes() {
  for (const RowId row : read().asked.classes) {
    const auto known = rows_.class_ids.find(row);
    if (known == rows_.class_ids.end() || read().classes.contains(row)) continue;
    change().apply(DeleteClass{known->second}, now_);
    rows_.class_ids.erase(known);
  }
  // Renaming comes before creating, which may want a name that this sets free.
  for (const auto& [row, made] : read().classes) {
    const auto known = rows_.class_ids.find(row);
    if (known == rows_.class_ids.end()) continue;
    const auto& was = world_.resource_class(known->second);
    if (was.name == made.name && was.updated_at == made.updated_at) continue;
    change().apply(RenameClass{known->second, made.name}, made.updated_at);
  }
  for (const auto& [row, made] : read().classes) {
    if (rows_.class_ids.contains(row)) continue;
    rows_.class_ids.emplace(row, static_cast<ClassId>(rows_.classes.size()));
    rows_.classes.push_back(row);
    change().apply(CreateClass{made.name}, made.updated_at);
  }
}

// Also rows that do not count for now are in the way of a new class of their row id.
void CatchUp::update_last_class() {
  RowId last = rows_.last_class;
  for (const auto& [row, made] : read().classes)
    last = std::max(last, row);
  for (const auto& [provider, inventories] : read().inventories) {
    for (const auto& each : inventories)
      last = std::max(last, each.resource_class);
  }
  for (const auto& [spelling, consumer] : read().consumers) {
    for (const auto& each : consumer.allocations)
      last = std::max(last, each.resource_class);
  }
  rows_.last_class = last;
}

// Traits are never renamed: one with another name or another time is another one.
bool CatchUp::is_still_there(RowId row, TraitId trait) const {
  const auto found = read().traits.find(row);
  const auto& was = world_.trait(trait);
  return found != read().traits.end() && found->second.name == was.name &&
         found->second.updated_at == was.updated_at;
}

void CatchUp::apply_traits() {
  for (const RowId row : read().asked.traits) {
    const auto known = rows_.trait_ids.find(row);
    if (known == rows_.trait_ids.end() || is_still_there(row, known->second)) continue;
    change().apply(DeleteTrait{known->second}, now_);
    rows_.trait_ids.erase(known);
  }
  for (const auto& [row, made] : read().traits) {
    if (rows_.trait_ids.contains(row)) continue;
    rows_.trait_ids.emplace(row, static_cast<TraitId>(rows_.traits.size()));
    rows_.traits.push_back(row);
    change().apply(CreateTrait{made.name}, made.updated_at);
  }
}

void CatchUp::apply_texts() {
  const auto take = [](const std::vector<ReadText>& texts,
                       std::unordered_map<std::string, RowId>& rows) {
    rows.clear();
    for (const auto& each : texts)
      rows.emplace(each.text.value_or(""), each.id);
  };
  take(read().projects, rows_.projects);
  take(read().users, rows_.users);
  take(read().consumer_types, rows_.consumer_types);
  rows_.aggregates.clear();
  rows_.aggregate_uuids.clear();
  rows_.last_aggregate = 0;
}

void CatchUp::apply_aggregates() {
  for (const auto& [row, spelling] : read().aggregates) {
    const Uuid uuid = uuid_spelled(spelling);
    rows_.last_aggregate = std::max(rows_.last_aggregate, row);
    if (!rows_.aggregate_uuids.emplace(row, uuid).second) continue;
    auto& rows = rows_.aggregates[uuid];
    rows.insert(std::upper_bound(rows.begin(), rows.end(), row), row);
    if (world_.find_aggregate(uuid)) continue;
    if (uuid.str() != spelling) report(odd_aggregate(spelling, uuid));
    change().load_aggregate(uuid);
  }
}

}  // namespace emplace::store
