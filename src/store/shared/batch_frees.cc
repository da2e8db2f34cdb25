// The part of BatchWork that deletes and renames, so that what comes after it may take the places.
#include <algorithm>
#include <limits>
#include <set>
#include <string_view>

#include "store/shared/batch_work.h"

namespace emplace::store {

// Where upstream has left circles of providers, or parents that do not exist, the World has cut
// them. That holds only as long as nothing else moves; so what it took for roots become such.
void BatchWork::mend_cut_parents() {
  const auto& cut = rows_.rows().cut_parents;
  const bool any_moves =
      std::any_of(difference_.providers.begin(), difference_.providers.end(),
                  [](const ProviderDifference& each) { return !each.stays() || each.moves(); });
  if (cut.empty() || !any_moves) return;
  SqlStatement statement{
      .text = "UPDATE resource_providers SET parent_provider_id = NULL WHERE id IN ("};
  for (const auto& [row, parent] : cut) {
    statement.text += statement.values.empty() ? "?" : ", ?";
    statement.values.emplace_back(row);
    touched_.providers.insert(row);
  }
  statement.text += ')';
  statements_.push_back({.statement = std::move(statement),
                         .rows = static_cast<std::int64_t>(cut.size()),
                         .what = "a resource provider whose parent does not count"});
  rows_.erase_cut_parents();
}

void BatchWork::free_consumers() {
  std::vector<SqlValue> reallocated, gone;
  std::vector<std::string> names;
  for (const auto& each : difference_.consumers) {
    auto text = consumer_text(each.uuid);
    touched_.consumers.insert(text);
    // A new consumer has no allocations yet.
    if (each.before && (each.reallocated || !each.after)) reallocated.emplace_back(text);
    if (each.after) continue;
    if (has_row(each)) {
      gone.emplace_back(text);
      names.push_back(std::move(text));
    }
    rows_.erase_consumer_spelling(each.uuid);
    rows_.erase_rowless_consumer(each.uuid);
  }
  append_delete(statements_, "allocations", "consumer_id", reallocated);
  append_delete(statements_, "consumers", "uuid", gone, "consumer", names);
}

// What providers have, as far as it goes; all of those that go.
void BatchWork::free_belongings() {
  std::vector<SqlValue> gone;
  std::vector<Belongings> inventories, traits, aggregates;
  for (const auto& each : difference_.providers) {
    if (!each.before) continue;
    const RowId id = row_of(each.uuid);
    if (!each.after) {
      gone.emplace_back(id);
      if (!each.before->inventories.empty()) touched_.inventories.insert(id);
      if (!each.before->traits.empty()) touched_.traits_of.insert(id);
      if (!each.before->aggregates.empty()) touched_.aggregates_of.insert(id);
      continue;
    }
    Belongings classes{id, each.uuid.str(), {}};
    for (const auto& inventory : each.before->inventories) {
      if (each.after->find_inventory(inventory.resource_class)) continue;
      classes.things.push_back(rows_.class_row(inventory.resource_class));
    }
    Belongings lost_traits{id, each.uuid.str(), {}}, lost_aggregates{id, each.uuid.str(), {}};
    for (const auto trait : only_in_first(each.before->traits, each.after->traits))
      lost_traits.things.push_back(rows_.trait_row(trait));
    for (const auto aggregate : only_in_first(each.before->aggregates, each.after->aggregates)) {
      const auto& rows = rows_.aggregate_rows(difference_.before->aggregate(aggregate));
      lost_aggregates.things.insert(lost_aggregates.things.end(), rows.begin(), rows.end());
    }
    const auto keep = [id](std::vector<Belongings>& all, std::set<RowId>& touched,
                           Belongings& one) {
      if (one.things.empty()) return;
      touched.insert(id);
      all.push_back(std::move(one));
    };
    keep(inventories, touched_.inventories, classes);
    keep(traits, touched_.traits_of, lost_traits);
    keep(aggregates, touched_.aggregates_of, lost_aggregates);
  }
  for (const auto* table :
       {"inventories", "resource_provider_traits", "resource_provider_aggregates"})
    append_delete(statements_, table, "resource_provider_id", gone);
  append_delete(statements_, "inventories", "resource_class_id", inventories, true);
  append_delete(statements_, "resource_provider_traits", "trait_id", traits, true);
  // A UUID may have several rows, of which the provider need not be in all.
  append_delete(statements_, "resource_provider_aggregates", "aggregate_id", aggregates, false);
}

void BatchWork::free_owners() {
  std::vector<RowId> ownerless;
  for (const auto& each : difference_.providers) {
    if (!each.before || !each.before->owner || (each.after && each.after->owner)) continue;
    ownerless.push_back(row_of(each.uuid));
  }
  if (ownerless.empty()) return;
  // By the uuid as the provider's row spells it. MariaDB would read all owners for one subquery of
  // many rows.
  SqlStatement statement{
      .text = "DELETE FROM emplace_provider_owners WHERE resource_provider_uuid IN ("};
  for (const RowId id : ownerless) {
    statement.text += statement.values.empty() ? "" : ", ";
    statement.text += "(SELECT uuid FROM resource_providers WHERE id = ?)";
    statement.values.emplace_back(id);
    touched_.owners.insert(id);
  }
  statement.text += ')';
  statements_.push_back({.statement = std::move(statement)});
}

// Of inventories that go. MariaDB alone has any.
void BatchWork::free_exact_ratios() {
  const auto& known = rows_.rows().exact_ratios;
  if (known.empty()) return;
  std::vector<Belongings> gone;
  for (const auto& each : difference_.providers) {
    if (!each.before) continue;
    Belongings ratios{row_of(each.uuid), each.uuid.str(), {}};
    std::set<RowId> kept;
    if (each.after) {
      for (const auto& inventory : each.after->inventories)
        if (each.before->find_inventory(inventory.resource_class))
          kept.insert(rows_.class_row(inventory.resource_class));
    }
    auto ratio = known.lower_bound({ratios.provider, std::numeric_limits<RowId>::min()});
    for (; ratio != known.end() && ratio->first == ratios.provider; ++ratio)
      if (!kept.contains(ratio->second)) ratios.things.push_back(ratio->second);
    for (const RowId thing : ratios.things)
      rows_.erase_exact_ratio({ratios.provider, thing});
    if (!ratios.things.empty()) gone.push_back(std::move(ratios));
  }
  append_delete(statements_, "emplace_exact_ratios", "resource_class_id", gone, false);
}

void BatchWork::delete_providers() {
  std::set<Uuid> gone;
  for (const auto& each : difference_.providers)
    if (!each.after) gone.insert(each.uuid);
  if (gone.empty()) return;
  std::vector<SqlValue> ids;
  std::vector<std::string> names;
  // A server checks each row that it deletes: whatever names one of them as parent or root, be it
  // the row itself, lets go first. What is to stay gets another place later on.
  KeyedUpdate detached("resource_providers", "id", "resource provider",
                       {{"parent_provider_id"}, {"root_provider_id"}});
  for (const auto& each : difference_.providers) {
    if (!each.before) continue;
    const RowId id = row_of(each.uuid);
    const auto& parent = each.before->parent;
    if (gone.contains(each.root_before->uuid) || (parent && gone.contains(*parent))) {
      detached.add({id, each.uuid.str(), {nullptr, nullptr}});
    }
    if (each.after) continue;
    ids.emplace_back(id);
    names.push_back(each.uuid.str());
    touched_.providers.insert(id);
  }
  detached.append_to(statements_, engine_, difference_.at);
  append_delete(statements_, "resource_providers", "id", ids, "resource provider", names);
  for (const auto& uuid : gone)
    rows_.erase_provider(uuid);
}

void BatchWork::delete_names() {
  std::vector<SqlValue> traits, classes;
  std::vector<std::string> trait_names, class_names;
  for (const auto& each : difference_.traits) {
    if (!each.after.empty()) continue;
    const RowId row = rows_.trait_row(each.id);
    traits.emplace_back(row);
    trait_names.push_back(each.before);
    touched_.traits.insert(row);
    rows_.erase_trait(each.id);
  }
  for (const auto& each : difference_.classes) {
    if (!each.after.empty()) continue;
    const RowId row = rows_.class_row(each.id);
    classes.emplace_back(row);
    class_names.push_back(each.before);
    touched_.classes.insert(row);
    rows_.erase_class(each.id);
  }
  append_delete(statements_, "traits", "id", traits, "trait", trait_names);
  append_delete(statements_, "resource_classes", "id", classes, "resource class", class_names);
}

// Whoever has a name that another one takes over gives it up first: both servers look for doubles
// row by row.
void BatchWork::give_up_names() {
  std::set<std::string_view> taken;
  KeyedUpdate classes("resource_classes", "id", "resource class",
                      {{"name", KeyedUpdate::Type::text}});
  for (const auto& each : difference_.classes)
    taken.insert(each.after);
  for (const auto& each : difference_.classes) {
    if (each.before.empty() || each.after.empty() || !taken.contains(each.before)) continue;
    const RowId row = rows_.class_row(each.id);
    // No name that a request could ask for.
    classes.add({row, each.before, {"emplace " + std::to_string(row)}});
  }
  classes.append_to(statements_, engine_, difference_.at);
  taken.clear();
  KeyedUpdate providers("resource_providers", "id", "resource provider",
                        {{"name", KeyedUpdate::Type::text}});
  for (const auto& each : difference_.providers) {
    if (each.stays() && each.before->name != each.after->name) taken.insert(each.after->name);
  }
  for (const auto& each : difference_.providers) {
    if (!each.stays() || each.before->name == each.after->name) continue;
    if (!taken.contains(each.before->name)) continue;
    providers.add({row_of(each.uuid), each.uuid.str(), {nullptr}});
  }
  providers.append_to(statements_, engine_, difference_.at);
}

void BatchWork::rename() {
  give_up_names();
  KeyedUpdate classes("resource_classes", "id", "resource class",
                      {{"name", KeyedUpdate::Type::text}});
  for (const auto& each : difference_.classes) {
    if (each.before.empty() || each.after.empty()) continue;
    const RowId row = rows_.class_row(each.id);
    classes.add({row, each.before, {each.after}});
    touched_.classes.insert(row);
  }
  classes.append_to(statements_, engine_, difference_.at);
  KeyedUpdate providers("resource_providers", "id", "resource provider",
                        {{"name", KeyedUpdate::Type::text}});
  for (const auto& each : difference_.providers) {
    if (!each.stays() || each.before->name == each.after->name) continue;
    const RowId id = row_of(each.uuid);
    providers.add({id, each.uuid.str(), {each.after->name}});
    touched_.providers.insert(id);
  }
  providers.append_to(statements_, engine_, difference_.at);
}

}  // namespace emplace::store
