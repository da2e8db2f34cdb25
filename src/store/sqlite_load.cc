#include "store/sqlite_load.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <set>
#include <unordered_map>
#include <utility>

#include "model/world_builder.h"
#include "store/spelling.h"
#include "store/sqlite_owners.h"
#include "store/time_text.h"

namespace emplace::store {
namespace {

// The time in column `updated`, or in the next one, created_at, if there is none.
Time time_of(const SqliteStatement& row, int updated) {
  return parse_time(row.text(row.is_null(updated) ? updated + 1 : updated));
}

std::int32_t int32_of(std::int64_t value) {
  using Limits = std::numeric_limits<std::int32_t>;
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(value, Limits::min(), Limits::max()));
}

struct LoadedProvider {
  RowId id = 0, parent = 0;  // parent 0: none; row ids start at 1
  Uuid uuid;
  std::string name;
  std::int64_t generation = 0;
  Time updated_at{}, traits_updated_at{}, aggregates_updated_at{}, allocations_updated_at{};
  std::vector<TraitId> traits;
  std::vector<Uuid> aggregates;
};

class Loader {
 public:
  Loader(SqliteDatabase& database, const SqliteOptions& options)
      : database_(database), options_(options) {}

  Loaded load() {
    load_names();
    read_providers();
    owners_ = load_owners(database_);
    builder_.set_keeps_owners(has_owners_table(database_));
    create_providers();
    load_inventories();
    load_traits();
    load_aggregates();
    load_consumers();
    read_allocations();
    finish_providers();
    std::vector<ConsumerPtr> consumers(consumers_.begin(), consumers_.end());
    consumers_.clear();
    builder_.load_consumers(std::move(consumers));
    report_skipped();
    loaded_.world = builder_.finish();
    return std::move(loaded_);
  }

 private:
  void report(const std::string& sentence) const {
    if (options_.report) options_.report(sentence);
  }

  void load_names();
  void read_providers();
  void create_providers();
  void create_tree(std::size_t top);
  void load_inventories();
  void load_traits();
  void load_aggregates();
  void finish_providers();
  std::unordered_map<RowId, SharedText> load_texts(const std::string& table,
                                                   const std::string& column,
                                                   std::unordered_map<std::string, RowId>& rows);
  void load_consumers();
  void read_allocations();
  Consumer* consumer_spelled(std::string_view spelling);
  void report_skipped() const;

  // nullptr, and counted, for a row that does not exist.
  LoadedProvider* provider(RowId id) {
    const auto found = provider_index_.find(id);
    if (found != provider_index_.end()) return &providers_[found->second];
    ++without_provider_;
    return nullptr;
  }

  SqliteDatabase& database_;
  const SqliteOptions& options_;
  WorldBuilder builder_;
  Loaded loaded_;
  std::unordered_map<RowId, ClassId> classes_;
  std::unordered_map<RowId, TraitId> traits_;
  std::vector<LoadedProvider> providers_;  // by row id
  std::unordered_map<RowId, std::size_t> provider_index_;
  std::unordered_map<RowId, std::vector<std::size_t>> children_;
  std::unordered_map<RowId, CreatedBy> owners_;  // by provider
  std::vector<bool> created_;
  std::vector<std::shared_ptr<Consumer>> consumers_;
  std::unordered_map<Uuid, Consumer*> consumers_by_uuid_;             // spelled as Uuid::str()
  std::unordered_map<std::string, Consumer*> consumers_by_spelling_;  // spelled otherwise
  std::size_t without_provider_ = 0, without_class_ = 0;
};

// --- names --------------------------------------------------------------------------------------

void Loader::load_names() {
  Rows& rows = loaded_.rows;
  SqliteStatement classes(
      database_, "SELECT id, name, updated_at, created_at FROM resource_classes ORDER BY id");
  while (classes.next()) {
    classes_.emplace(classes.integer(0), static_cast<ClassId>(rows.classes.size()));
    rows.classes.push_back(classes.integer(0));
    builder_.apply(CreateClass{std::string(classes.text(1))}, time_of(classes, 2));
  }
  rows.last_class = rows.classes.empty() ? 0 : rows.classes.back();
  SqliteStatement traits(database_,
                         "SELECT id, name, updated_at, created_at FROM traits ORDER BY id");
  while (traits.next()) {
    traits_.emplace(traits.integer(0), static_cast<TraitId>(rows.traits.size()));
    rows.traits.push_back(traits.integer(0));
    builder_.apply(CreateTrait{std::string(traits.text(1))}, time_of(traits, 2));
  }
}

// --- providers ----------------------------------------------------------------------------------

void Loader::read_providers() {
  SqliteStatement row(database_,
                      "SELECT id, uuid, name, generation, parent_provider_id, root_provider_id, "
                      "updated_at, created_at FROM resource_providers ORDER BY id");
  std::set<Uuid> known;
  while (row.next()) {
    LoadedProvider read;
    read.id = row.integer(0);
    read.uuid = uuid_spelled(row.text(1));
    if (!known.insert(read.uuid).second) {
      read.uuid = derived_uuid(row.text(1));
      known.insert(read.uuid);
    }
    if (read.uuid.str() != row.text(1)) {
      report("The uuid of the resource provider " + std::string(row.text(1)) +
             " is not written as a UUID should be; it is taken as " + read.uuid.str() + ".");
    }
    read.name = row.is_null(2) ? read.uuid.str() : std::string(row.text(2));
    read.generation = row.integer(3);
    read.parent = row.integer(4);
    loaded_.to_be_mended |= row.is_null(5);
    read.updated_at = time_of(row, 6);
    read.traits_updated_at = read.aggregates_updated_at = read.allocations_updated_at =
        read.updated_at;
    loaded_.rows.providers.emplace(read.uuid, ProviderRow{read.id, row.integer(5)});
    provider_index_.emplace(read.id, providers_.size());
    if (read.parent) children_[read.parent].push_back(providers_.size());
    providers_.push_back(std::move(read));
  }
  loaded_.rows.last_provider = providers_.empty() ? 0 : providers_.back().id;
}

// Creates a provider and all below it, parents first.
void Loader::create_tree(std::size_t top) {
  std::vector<std::size_t> waiting{top};
  const RowId root = providers_[top].id;
  while (!waiting.empty()) {
    const auto index = waiting.back();
    waiting.pop_back();
    const auto& made = providers_[index];
    std::optional<Uuid> parent;
    if (index != top) parent = providers_[provider_index_.at(made.parent)].uuid;
    std::optional<CreatedBy> owner;
    if (const auto known = owners_.find(made.id); known != owners_.end()) owner = known->second;
    builder_.apply(CreateProvider{made.uuid, made.name, parent, owner}, made.updated_at);
    builder_.set_generation(made.uuid, made.generation);
    loaded_.rows.providers[made.uuid].root = root;
    created_[index] = true;
    const auto children = children_.find(made.id);
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
    if (!providers_[i].parent) create_tree(i);
  }
  // What is left hangs below a provider that does not exist, or below itself.
  for (std::size_t i = 0; i < providers_.size(); ++i) {
    if (created_[i]) continue;
    // Climb first, so that a subtree stays whole.
    std::size_t top = i;
    std::set<std::size_t> seen;
    while (seen.insert(top).second) {
      const auto parent = provider_index_.find(providers_[top].parent);
      if (parent == provider_index_.end()) break;
      top = parent->second;
    }
    report("The resource provider " + providers_[top].uuid.str() +
           " has no ancestor that is a root; it is taken for a root itself.");
    create_tree(top);
  }
}

void Loader::load_inventories() {
  SqliteStatement row(database_,
                      "SELECT resource_provider_id, resource_class_id, total, reserved, min_unit, "
                      "max_unit, step_size, allocation_ratio, updated_at, created_at "
                      "FROM inventories ORDER BY id");
  while (row.next()) {
    loaded_.rows.last_class = std::max(loaded_.rows.last_class, row.integer(1));
    const auto* owner = provider(row.integer(0));
    const auto resource_class = classes_.find(row.integer(1));
    without_class_ += resource_class == classes_.end();
    if (!owner || resource_class == classes_.end()) continue;
    const InventoryValues values{.total = int32_of(row.integer(2)),
                                 .reserved = int32_of(row.integer(3)),
                                 .min_unit = int32_of(row.integer(4)),
                                 .max_unit = int32_of(row.integer(5)),
                                 .step_size = int32_of(row.integer(6)),
                                 .allocation_ratio = row.real(7)};
    builder_.apply(PutInventory{owner->uuid, resource_class->second, values}, time_of(row, 8));
  }
}

void Loader::load_traits() {
  SqliteStatement row(database_,
                      "SELECT resource_provider_id, trait_id, updated_at, created_at "
                      "FROM resource_provider_traits");
  while (row.next()) {
    auto* owner = provider(row.integer(0));
    const auto trait = traits_.find(row.integer(1));
    if (!owner || trait == traits_.end()) continue;
    owner->traits.push_back(trait->second);
    owner->traits_updated_at = std::max(owner->traits_updated_at, time_of(row, 2));
  }
}

void Loader::load_aggregates() {
  std::unordered_map<RowId, Uuid> uuids;
  SqliteStatement aggregate(
      database_, "SELECT id, uuid FROM placement_aggregates WHERE uuid IS NOT NULL ORDER BY id");
  while (aggregate.next()) {
    const Uuid uuid = uuid_spelled(aggregate.text(1));
    if (uuid.str() != aggregate.text(1)) {
      report("The aggregate " + std::string(aggregate.text(1)) + " is taken as " + uuid.str() +
             ".");
    }
    uuids.emplace(aggregate.integer(0), uuid);
    loaded_.rows.aggregates[uuid].push_back(aggregate.integer(0));
    builder_.load_aggregate(uuid);
  }
  SqliteStatement row(database_,
                      "SELECT resource_provider_id, aggregate_id, updated_at, created_at "
                      "FROM resource_provider_aggregates");
  while (row.next()) {
    auto* owner = provider(row.integer(0));
    const auto uuid = uuids.find(row.integer(1));
    if (!owner || uuid == uuids.end()) continue;
    owner->aggregates.push_back(uuid->second);
    owner->aggregates_updated_at = std::max(owner->aggregates_updated_at, time_of(row, 2));
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
    builder_.set_times(each.uuid, each.updated_at, each.traits_updated_at,
                       each.aggregates_updated_at, each.allocations_updated_at);
  }
}

// --- consumers ----------------------------------------------------------------------------------

std::unordered_map<RowId, SharedText> Loader::load_texts(
    const std::string& table, const std::string& column,
    std::unordered_map<std::string, RowId>& rows) {
  std::unordered_map<RowId, SharedText> texts;
  SqliteStatement row(database_, "SELECT id, " + column + " FROM " + table);
  while (row.next()) {
    const std::string text(row.text(1));
    rows.emplace(text, row.integer(0));
    texts.emplace(row.integer(0), builder_.intern(text));
  }
  return texts;
}

void Loader::load_consumers() {
  Rows& rows = loaded_.rows;
  const auto projects = load_texts("projects", "external_id", rows.projects);
  const auto users = load_texts("users", "external_id", rows.users);
  const auto types = load_texts("consumer_types", "name", rows.consumer_types);
  const auto text_of = [](const auto& texts, RowId id, SharedText otherwise) {
    const auto found = texts.find(id);
    return found == texts.end() ? otherwise : found->second;
  };
  const auto no_project = builder_.intern(options_.incomplete_owner.project_id);
  const auto no_user = builder_.intern(options_.incomplete_owner.user_id);

  const auto count = static_cast<std::size_t>(database_.integer("SELECT count(*) FROM consumers"));
  consumers_.reserve(count);
  consumers_by_uuid_.reserve(count);
  std::vector<std::pair<std::string, Consumer*>> odd;
  SqliteStatement row(database_,
                      "SELECT uuid, project_id, user_id, generation, consumer_type_id, "
                      "updated_at, created_at FROM consumers ORDER BY id");
  while (row.next()) {
    auto consumer = std::make_shared<Consumer>();
    consumer->project_id = text_of(projects, row.integer(1), no_project);
    consumer->user_id = text_of(users, row.integer(2), no_user);
    consumer->generation = row.integer(3);
    if (!row.is_null(4)) consumer->type = text_of(types, row.integer(4), nullptr);
    consumer->updated_at = time_of(row, 5);
    if (const auto uuid = canonical_uuid(row.text(0))) {
      consumer->uuid = *uuid;
      consumers_by_uuid_.emplace(*uuid, consumer.get());
    } else {
      odd.emplace_back(row.text(0), consumer.get());
    }
    consumers_.push_back(std::move(consumer));
  }
  // Those with a plain spelling have the first right to their UUID.
  std::set<Uuid> taken;
  for (const auto& [spelling, consumer] : odd) {
    Uuid uuid = uuid_spelled(spelling);
    if (consumers_by_uuid_.contains(uuid) || taken.contains(uuid)) uuid = derived_uuid(spelling);
    taken.insert(uuid);
    consumer->uuid = uuid;
    consumers_by_spelling_.emplace(spelling, consumer);
    rows.consumer_spellings.emplace(uuid, spelling);
    report("The consumer " + spelling + " is taken as " + uuid.str() + ".");
  }
}

Consumer* Loader::consumer_spelled(std::string_view spelling) {
  if (const auto uuid = canonical_uuid(spelling)) {
    const auto found = consumers_by_uuid_.find(*uuid);
    return found == consumers_by_uuid_.end() ? nullptr : found->second;
  }
  const auto found = consumers_by_spelling_.find(std::string(spelling));
  return found == consumers_by_spelling_.end() ? nullptr : found->second;
}

void Loader::read_allocations() {
  SqliteStatement row(database_,
                      "SELECT consumer_id, resource_provider_id, resource_class_id, used, "
                      "updated_at, created_at FROM allocations ORDER BY id");
  while (row.next()) {
    loaded_.rows.last_class = std::max(loaded_.rows.last_class, row.integer(2));
    Consumer* consumer = consumer_spelled(row.text(0));
    if (!consumer) {
      loaded_.to_be_mended = true;
      continue;
    }
    auto* owner = provider(row.integer(1));
    const auto resource_class = classes_.find(row.integer(2));
    without_class_ += resource_class == classes_.end();
    if (!owner || resource_class == classes_.end()) continue;
    const Time time = time_of(row, 4);
    owner->allocations_updated_at = std::max(owner->allocations_updated_at, time);
    consumer->updated_at = std::max(consumer->updated_at, time);
    consumer->allocations.push_back(
        Allocation{owner->uuid, resource_class->second, row.integer(3)});
  }
}

void Loader::report_skipped() const {
  if (without_provider_) {
    report(std::to_string(without_provider_) +
           " rows belong to resource providers that do not exist; they are left out.");
  }
  if (without_class_) {
    report(std::to_string(without_class_) +
           " rows are of resource classes that do not exist; they are left out.");
  }
}

}  // namespace

Loaded load_world(SqliteDatabase& database, const SqliteOptions& options) {
  return Loader(database, options).load();
}

}  // namespace emplace::store
