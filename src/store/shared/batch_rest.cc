// The part of BatchWork that writes all rows whose ids nobody needs, and what changes of rows.
#include <algorithm>
#include <map>

#include "store/shared/batch_work.h"
#include "store/shared/exact_ratio.h"

namespace emplace::store {
namespace {

bool is_same(const SharedText& one, const SharedText& other) {
  return one && other ? *one == *other : one == other;
}

bool is_same(const std::shared_ptr<const Owner>& one, const std::shared_ptr<const Owner>& other) {
  if (!one || !other) return one == other;
  return is_same(one->project_id, other->project_id) && is_same(one->user_id, other->user_id);
}

SqlValue row_or_null(const std::unordered_map<std::string, RowId>& rows, const SharedText& text) {
  if (!text) return nullptr;
  return rows.at(*text);
}

const Inventory* inventory_before(const ProviderDifference& provider, ClassId resource_class) {
  return provider.before ? provider.before->find_inventory(resource_class) : nullptr;
}

}  // namespace

// --- names --------------------------------------------------------------------------------------

void BatchWork::insert_classes() {
  const auto first = rows_.rows().classes.size();
  std::vector<RowId> made(difference_.new_classes, no_row);
  MultiInsert insert("resource_classes (created_at, id, name)", 3);
  RowId last = rows_.rows().last_class;
  for (const auto& each : difference_.classes) {
    if (!each.before.empty()) continue;
    last = std::max(last + 1, first_custom_class);
    made.at(static_cast<std::size_t>(each.id) - first) = last;
    insert.add(now_, last, each.after);
    touched_.classes.insert(last);
  }
  for (const RowId row : made)
    rows_.add_class(row);
  insert.append_to(statements_);
}

// --- consumers ----------------------------------------------------------------------------------

void BatchWork::insert_consumers() {
  const auto& rows = rows_.rows();
  MultiInsert insert(
      "consumers (created_at, uuid, project_id, user_id, consumer_type_id, generation)", 6);
  for (const auto& each : difference_.consumers) {
    if (!each.after || has_row(each)) continue;
    const auto& made = *each.after;
    insert.add(now_, consumer_text(each.uuid), rows.projects.at(*made.project_id),
               rows.users.at(*made.user_id), row_or_null(rows.consumer_types, made.type),
               made.generation);
  }
  insert.append_to(statements_);
}

void BatchWork::insert_allocations() {
  MultiInsert insert(
      "allocations (created_at, resource_provider_id, consumer_id, resource_class_id, used)", 5);
  for (const auto& each : difference_.consumers) {
    if (!each.after || (each.before && !each.reallocated)) continue;
    const auto text = consumer_text(each.uuid);
    for (const auto& allocation : each.after->allocations) {
      insert.add(now_, row_of(allocation.provider), text,
                 rows_.class_row(allocation.resource_class), allocation.used);
    }
  }
  insert.append_to(statements_);
}

void BatchWork::update_consumers() {
  const auto& rows = rows_.rows();
  KeyedUpdate update("consumers", "uuid", "consumer",
                     {{"project_id"}, {"user_id"}, {"consumer_type_id"}, {"generation"}});
  for (const auto& each : difference_.consumers) {
    if (!each.stays()) continue;
    if (!has_row(each)) {
      rows_.erase_rowless_consumer(each.uuid);  // insert_consumers() has made it one
      continue;
    }
    const auto &before = *each.before, &after = *each.after;
    auto row = update.row(consumer_text(each.uuid), each.uuid.str());
    if (!is_same(before.project_id, after.project_id)) {
      row.cells[0] = rows.projects.at(*after.project_id);
    }
    if (!is_same(before.user_id, after.user_id)) row.cells[1] = rows.users.at(*after.user_id);
    if (!is_same(before.type, after.type)) {
      row.cells[2] = row_or_null(rows.consumer_types, after.type);
    }
    if (before.generation != after.generation) row.cells[3] = after.generation;
    const bool changes = std::any_of(row.cells.begin(), row.cells.end(),
                                     [](const auto& cell) { return cell.has_value(); });
    // New rows of allocations tell the time too.
    const bool tells_time =
        before.updated_at == after.updated_at || (each.reallocated && !after.allocations.empty());
    if (changes || !tells_time) update.add(std::move(row));
  }
  update.append_to(statements_, engine_, difference_.at);
}

// --- what providers have ------------------------------------------------------------------------

void BatchWork::insert_inventories() {
  MultiInsert insert(
      "inventories (created_at, resource_provider_id, resource_class_id, total, reserved, "
      "min_unit, max_unit, step_size, allocation_ratio)",
      9);
  for (const auto& each : difference_.providers) {
    if (!each.after) continue;
    const RowId provider = row_of(each.uuid);
    for (const auto& inventory : each.after->inventories) {
      if (inventory_before(each, inventory.resource_class)) continue;
      const auto& values = inventory.values;
      insert.add(now_, provider, rows_.class_row(inventory.resource_class), values.total,
                 values.reserved, values.min_unit, values.max_unit, values.step_size,
                 values.allocation_ratio);
      touched_.inventories.insert(provider);
    }
  }
  insert.append_to(statements_);
}

void BatchWork::update_inventories() {
  const std::pair<const char*, std::int32_t InventoryValues::*> counts[] = {
      {"total", &InventoryValues::total},
      {"reserved", &InventoryValues::reserved},
      {"min_unit", &InventoryValues::min_unit},
      {"max_unit", &InventoryValues::max_unit},
      {"step_size", &InventoryValues::step_size}};
  std::vector<KeyedUpdate::Column> columns{{"allocation_ratio", KeyedUpdate::Type::real}};
  for (const auto& count : counts)
    columns.push_back({count.first});
  // By class, so that the provider's row is key enough.
  std::map<RowId, KeyedUpdate> updates;
  for (const auto& each : difference_.providers) {
    if (!each.stays()) continue;
    const RowId provider = row_of(each.uuid);
    for (const auto& inventory : each.after->inventories) {
      const auto* before = each.before->find_inventory(inventory.resource_class);
      if (!before ||
          (before->values == inventory.values && before->updated_at == inventory.updated_at)) {
        continue;
      }
      const RowId resource_class = rows_.class_row(inventory.resource_class);
      auto& update = updates
                         .try_emplace(resource_class, "inventories", "resource_provider_id",
                                      "resource provider", columns)
                         .first->second;
      update.narrow_to("resource_class_id", resource_class);
      auto row = update.row(provider, each.uuid.str());
      const auto &was = before->values, &is = inventory.values;
      if (was.allocation_ratio != is.allocation_ratio) row.cells[0] = is.allocation_ratio;
      for (std::size_t i = 0; i < std::size(counts); ++i) {
        const auto count = counts[i].second;
        if (was.*count != is.*count) row.cells[i + 1] = is.*count;
      }
      update.add(std::move(row));
      touched_.inventories.insert(provider);
    }
  }
  for (auto& [resource_class, update] : updates)
    update.append_to(statements_, engine_, difference_.at);
}

void BatchWork::insert_traits_and_aggregates() {
  MultiInsert traits("resource_provider_traits (created_at, trait_id, resource_provider_id)", 3);
  MultiInsert aggregates(
      "resource_provider_aggregates (created_at, resource_provider_id, aggregate_id)", 3);
  const Provider nothing;
  for (const auto& each : difference_.providers) {
    if (!each.after) continue;
    const RowId provider = row_of(each.uuid);
    const Provider& before = each.before ? *each.before : nothing;
    for (const auto trait : only_in_first(each.after->traits, before.traits)) {
      traits.add(now_, rows_.trait_row(trait), provider);
      touched_.traits_of.insert(provider);
    }
    for (const auto aggregate : only_in_first(each.after->aggregates, before.aggregates)) {
      const auto& uuid = difference_.after->aggregate(aggregate);
      aggregates.add(now_, provider, rows_.aggregate_rows(uuid).front());
      touched_.aggregates_of.insert(provider);
    }
  }
  traits.append_to(statements_);
  aggregates.append_to(statements_);
}

void BatchWork::put_owners() {
  const std::string into =
      "emplace_provider_owners (resource_provider_uuid, resource_provider_id, project_id, user_id)";
  const std::string key = "resource_provider_uuid";
  const std::vector<std::string> others{"resource_provider_id", "project_id", "user_id"};
  MultiInsert insert(into, 4);
  for (const auto& each : difference_.providers) {
    if (!each.after || !each.after->owner) continue;
    const auto& owner = *each.after->owner;
    if (each.before && is_same(each.before->owner, each.after->owner)) continue;
    const RowId provider = row_of(each.uuid);
    touched_.owners.insert(provider);
    if (!each.before) {
      insert.add(each.uuid.str(), provider, *owner.project_id, *owner.user_id);
      continue;
    }
    // The uuid as the provider's row spells it, so that both always agree.
    statements_.push_back(
        {.statement = {.text = "INSERT INTO " + into +
                               " SELECT uuid, id, ?, ? FROM resource_providers WHERE id = ?" +
                               on_conflict(engine_, key, others),
                       .values = {*owner.project_id, *owner.user_id, provider}}});
  }
  // A row may be there: upstream leaves it behind when it deletes a provider.
  insert.append_to(statements_, engine_, key, others);
}

// MariaDB's columns do not keep each ratio.
void BatchWork::put_exact_ratios() {
  if (engine_ != Engine::mariadb) return;
  MultiInsert insert(
      "emplace_exact_ratios (resource_provider_id, resource_class_id, stored, exact)", 4);
  std::vector<Belongings> gone;
  for (const auto& each : difference_.providers) {
    if (!each.after) continue;
    Belongings kept_by_column{row_of(each.uuid), each.uuid.str(), {}};
    for (const auto& inventory : each.after->inventories) {
      const double ratio = inventory.values.allocation_ratio;
      const auto* before = inventory_before(each, inventory.resource_class);
      if (before && before->values.allocation_ratio == ratio) continue;
      const InventoryRow row{kept_by_column.provider, rows_.class_row(inventory.resource_class)};
      if (!float_column_keeps(ratio)) {
        insert.add(row.first, row.second, float_column_text(ratio), ratio);
        rows_.put_exact_ratio(row);
      } else if (rows_.rows().exact_ratios.contains(row)) {
        kept_by_column.things.push_back(row.second);
        rows_.erase_exact_ratio(row);
      }
    }
    if (!kept_by_column.things.empty()) gone.push_back(std::move(kept_by_column));
  }
  append_delete(statements_, "emplace_exact_ratios", "resource_class_id", gone, false);
  insert.append_to(statements_, engine_, "resource_provider_id, resource_class_id",
                   {"stored", "exact"});
}

// --- providers ----------------------------------------------------------------------------------

void BatchWork::update_providers() {
  KeyedUpdate update("resource_providers", "id", "resource provider",
                     {{"root_provider_id"}, {"parent_provider_id"}, {"generation"}});
  update.guard_by("coalesce(generation, 0)");
  for (const auto& each : difference_.providers) {
    if (!each.after) continue;
    const ProviderRow provider = rows_.provider(each.uuid);
    const auto& parent = each.after->parent;
    auto row = update.row(provider.id, each.uuid.str());
    const auto place = [&] {
      row.cells[0] = provider.root;
      row.cells[1] = nullptr;
      if (parent) row.cells[1] = row_of(*parent);
    };
    if (!each.before) {
      // New ones stand in their places already, if these were there before them.
      const bool is_placed = parent && !providers_.ids().contains(parent->str()) &&
                             !providers_.ids().contains(each.root_after->uuid.str());
      if (is_placed) continue;
      place();
      row.guard = each.after->generation;
      update.add(std::move(row));
      continue;
    }
    const auto &before = *each.before, &after = *each.after;
    row.guard = before.generation;
    if (each.moves()) place();
    if (before.generation != after.generation) row.cells[2] = after.generation;
    // A new name has brought the new time along.
    const bool is_timed = before.updated_at == after.updated_at || before.name != after.name;
    if (!row.cells[0] && !row.cells[2] && is_timed) continue;
    touched_.providers.insert(provider.id);
    update.add(std::move(row));
  }
  update.append_to(statements_, engine_, difference_.at);
}

}  // namespace emplace::store
