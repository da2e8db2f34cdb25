#include "store/load.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "store/loader.h"
#include "store/spelling.h"

namespace emplace::store {

Loaded load_world(SqlSource& source, const LoadOptions& options) {
  return Loader(source, options).load();
}

Loaded Loader::load() {
  load_names();
  read_providers();
  read_owners();
  create_providers();
  load_inventories();
  load_traits();
  load_aggregates();
  load_consumers();
  finish_providers();
  std::vector<ConsumerPtr> consumers(consumers_.begin(), consumers_.end());
  consumers_.clear();
  builder_.load_consumers(std::move(consumers));
  if (options_.reverse_maps) fill_reverse_maps();
  report_left_out();
  loaded_.world = builder_.finish();
  return std::move(loaded_);
}

void Loader::load_names() {
  Rows& rows = loaded_.rows;
  auto row =
      source_.query("SELECT id, name, updated_at, created_at FROM resource_classes ORDER BY id");
  while (row->next()) {
    classes_.emplace(row->integer(0), static_cast<ClassId>(rows.classes.size()));
    rows.classes.push_back(row->integer(0));
    builder_.apply(CreateClass{std::string(row->text(1))}, time_of(*row, 2));
  }
  rows.last_class = rows.classes.empty() ? 0 : rows.classes.back();
  row.reset();
  row = source_.query("SELECT id, name, updated_at, created_at FROM traits ORDER BY id");
  while (row->next()) {
    traits_.emplace(row->integer(0), static_cast<TraitId>(rows.traits.size()));
    rows.traits.push_back(row->integer(0));
    builder_.apply(CreateTrait{std::string(row->text(1))}, time_of(*row, 2));
  }
}

void Loader::read_providers() {
  Rows& rows = loaded_.rows;
  const auto row = source_.query(select_providers + " ORDER BY id");
  while (row->next()) {
    Provider read;
    read.row = read_provider(*row);
    const auto& spelling = read.row.spelling;
    read.uuid = uuid_spelled(spelling);
    if (rows.providers.contains(read.uuid)) {
      rows.contested.insert(read.uuid);
      read.uuid = derived_uuid(spelling);
      rows.contested.insert(read.uuid);
    }
    if (read.uuid.str() != spelling) report(odd_provider(spelling, read.uuid));
    loaded_.to_be_mended |= !read.row.has_root && !options_.shows_incomplete;
    read.traits_updated_at = read.aggregates_updated_at = read.allocations_updated_at =
        read.row.updated_at;
    rows.providers.emplace(read.uuid, ProviderRow{read.row.id, 0});
    provider_index_.emplace(read.row.id, providers_.size());
    if (read.row.parent) children_[read.row.parent].push_back(providers_.size());
    providers_.push_back(std::move(read));
  }
  rows.last_provider = providers_.empty() ? 0 : providers_.back().row.id;
}

void Loader::read_owners() {
  builder_.set_keeps_owners(options_.has_owners);
  if (!options_.has_owners) return;
  const auto row = source_.query(select_owners);
  while (row->next()) {
    owners_.emplace(row->integer(0),
                    CreatedBy{std::string(row->text(1)), std::string(row->text(2))});
  }
}

// Creates a provider and all below it, parents first.
void Loader::create_tree(std::size_t top) {
  std::vector<std::size_t> waiting{top};
  const RowId root = providers_[top].row.id;
  while (!waiting.empty()) {
    const auto index = waiting.back();
    waiting.pop_back();
    const auto& made = providers_[index];
    std::optional<Uuid> parent;
    if (index != top) parent = providers_[provider_index_.at(made.row.parent)].uuid;
    std::optional<CreatedBy> owner;
    if (const auto known = owners_.find(made.row.id); known != owners_.end()) {
      owner = known->second;
    }
    const auto name = made.row.name ? *made.row.name : made.uuid.str();
    builder_.apply(CreateProvider{made.uuid, name, parent, owner}, made.row.updated_at);
    builder_.set_generation(made.uuid, made.row.generation);
    loaded_.rows.providers[made.uuid].root = root;
    created_[index] = true;
    const auto children = children_.find(made.row.id);
    if (children == children_.end()) continue;
    // The last one in is the first one out: so siblings come in the order of their ids.
    for (auto child = children->second.rbegin(); child != children->second.rend(); ++child) {
      if (!created_[*child]) waiting.push_back(*child);
    }
  }
}

void Loader::create_providers() {
  created_.resize(providers_.size(), false);
  for (std::size_t i = 0; i < providers_.size(); ++i) {
    if (!providers_[i].row.parent) create_tree(i);
  }
  // What is left hangs below a provider that does not exist, or below itself.
  for (std::size_t i = 0; i < providers_.size(); ++i) {
    if (created_[i]) continue;
    const std::size_t top = top_above(i);
    loaded_.rows.cut_parents.emplace(providers_[top].row.id, providers_[top].row.parent);
    report(cut_parent(providers_[top].uuid));
    create_tree(top);
  }
}

// Where a provider's subtree that hangs nowhere begins: below a parent that does not exist, or at
// the first row of a circle.
std::size_t Loader::top_above(std::size_t index) const {
  std::set<std::size_t> seen;
  while (seen.insert(index).second) {
    const auto parent = provider_index_.find(providers_[index].row.parent);
    if (parent == provider_index_.end()) return index;
    index = parent->second;
  }
  std::size_t first = index, next = index;
  do {
    next = provider_index_.at(providers_[next].row.parent);
    first = std::min(first, next);
  } while (next != index);
  return first;
}

void Loader::load_inventories() {
  ExactRatios ratios;
  if (options_.has_exact_ratios) {
    const auto row = source_.query(select_exact_ratios);
    while (row->next())
      read_exact_ratio(*row, ratios);
    for (const auto& [key, ratio] : ratios)
      loaded_.rows.exact_ratios.insert(key);
  }
  const auto row = source_.query(select_inventories);
  while (row->next()) {
    loaded_.rows.last_class = std::max(loaded_.rows.last_class, row->integer(1));
    const auto* owner = provider(row->integer(0));
    const auto resource_class = classes_.find(row->integer(1));
    without_class_ += resource_class == classes_.end();
    if (!owner || resource_class == classes_.end()) continue;
    builder_.apply(PutInventory{owner->uuid, resource_class->second, read_inventory(*row, ratios)},
                   time_of(*row, 8));
  }
}

void Loader::load_traits() {
  const auto row = source_.query(
      "SELECT resource_provider_id, trait_id, updated_at, created_at FROM "
      "resource_provider_traits");
  while (row->next()) {
    auto* owner = provider(row->integer(0));
    const auto trait = traits_.find(row->integer(1));
    if (!owner || trait == traits_.end()) continue;
    owner->traits.push_back(trait->second);
    owner->traits_updated_at = std::max(owner->traits_updated_at, time_of(*row, 2));
  }
}

void Loader::load_aggregates() {
  Rows& rows = loaded_.rows;
  auto row =
      source_.query("SELECT id, uuid FROM placement_aggregates WHERE uuid IS NOT NULL ORDER BY id");
  while (row->next()) {
    const Uuid uuid = uuid_spelled(row->text(1));
    if (uuid.str() != row->text(1)) report(odd_aggregate(row->text(1), uuid));
    rows.last_aggregate = row->integer(0);
    aggregates_.emplace(rows.last_aggregate, uuid);
    rows.aggregates[uuid].push_back(rows.last_aggregate);
    builder_.load_aggregate(uuid);
  }
  row.reset();
  row = source_.query(
      "SELECT resource_provider_id, aggregate_id, updated_at, created_at FROM "
      "resource_provider_aggregates");
  while (row->next()) {
    auto* owner = provider(row->integer(0));
    const auto uuid = aggregates_.find(row->integer(1));
    if (!owner || uuid == aggregates_.end()) continue;
    owner->aggregates.push_back(uuid->second);
    owner->aggregates_updated_at = std::max(owner->aggregates_updated_at, time_of(*row, 2));
  }
}

void Loader::finish_providers() {
  for (auto& each : providers_) {
    if (!each.traits.empty()) {
      builder_.apply(ChangeTraits{each.uuid, std::move(each.traits), {}}, each.traits_updated_at);
    }
    if (!each.aggregates.empty()) {
      builder_.apply(ChangeAggregates{each.uuid, std::move(each.aggregates), {}},
                     each.aggregates_updated_at);
    }
    builder_.set_times(each.uuid, each.row.updated_at, each.traits_updated_at,
                       each.aggregates_updated_at, each.allocations_updated_at);
  }
}

void Loader::fill_reverse_maps() {
  Rows& rows = loaded_.rows;
  rows.provider_uuids.reserve(providers_.size());
  for (const auto& each : providers_)
    rows.provider_uuids.emplace(each.row.id, each.uuid);
  rows.class_ids = std::move(classes_);
  rows.trait_ids = std::move(traits_);
  rows.aggregate_uuids = std::move(aggregates_);
}

void Loader::report_left_out() const {
  if (without_provider_) {
    report(std::to_string(without_provider_) +
           " rows belong to resource providers that do not exist; they are left out.");
  }
  if (without_class_) {
    report(std::to_string(without_class_) +
           " rows are of resource classes that do not exist; they are left out.");
  }
  if (const auto count = loaded_.rows.rowless_consumers.size()) {
    report(std::to_string(count) +
           " consumers have allocations, but no row says whose they are; they are shown as those "
           "of project " +
           options_.incomplete_owner.project_id + ", user " + options_.incomplete_owner.user_id +
           ".");
  }
}

}  // namespace emplace::store
