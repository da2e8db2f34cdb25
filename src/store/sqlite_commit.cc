#include "store/sqlite_commit.h"

#include <array>
#include <string>
#include <vector>

namespace emplace::store {
namespace {

// A consumer's uuid as its row spells it.
class ConsumerText {
 public:
  ConsumerText(const Rows& rows, const Uuid& uuid) {
    if (!rows.consumer_spellings.empty()) {
      const auto odd = rows.consumer_spellings.find(uuid);
      if (odd != rows.consumer_spellings.end()) odd_ = &odd->second;
    }
    uuid.write_to(text_.data());
  }
  std::string_view view() const {
    return odd_ ? std::string_view(*odd_) : std::string_view(text_.data(), text_.size());
  }

 private:
  std::array<char, 36> text_;
  const std::string* odd_ = nullptr;
};

}  // namespace

struct SqliteCommitter::Statements {
  SqliteDatabase& db;

  SqliteStatement insert_provider{
      db,
      "INSERT INTO resource_providers (created_at, id, uuid, name, generation, root_provider_id, "
      "parent_provider_id) VALUES (?, ?, ?, ?, 0, ?, nullif(?, 0))"};
  SqliteStatement update_provider{
      db,
      "UPDATE resource_providers SET updated_at = ?, name = ?, root_provider_id = ?, "
      "parent_provider_id = nullif(?, 0) WHERE id = ?"};
  SqliteStatement set_root{
      db, "UPDATE resource_providers SET updated_at = ?, root_provider_id = ? WHERE id = ?"};
  SqliteStatement touch_provider{db, "UPDATE resource_providers SET updated_at = ? WHERE id = ?"};
  SqliteStatement set_generation{db,
                                 "UPDATE resource_providers SET updated_at = ?, generation = ? "
                                 "WHERE id = ? AND coalesce(generation, 0) = ?"};
  SqliteStatement delete_provider{db, "DELETE FROM resource_providers WHERE id = ?"};
  SqliteStatement delete_inventories{db, "DELETE FROM inventories WHERE resource_provider_id = ?"};
  SqliteStatement delete_traits{
      db, "DELETE FROM resource_provider_traits WHERE resource_provider_id = ?"};
  SqliteStatement delete_aggregates{
      db, "DELETE FROM resource_provider_aggregates WHERE resource_provider_id = ?"};

  SqliteStatement put_inventory{
      db,
      "INSERT INTO inventories (created_at, resource_provider_id, resource_class_id, total, "
      "reserved, min_unit, max_unit, step_size, allocation_ratio) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) "
      "ON CONFLICT (resource_provider_id, resource_class_id) DO UPDATE SET updated_at = ?1, "
      "total = ?4, reserved = ?5, min_unit = ?6, max_unit = ?7, step_size = ?8, "
      "allocation_ratio = ?9"};
  SqliteStatement delete_inventory{
      db, "DELETE FROM inventories WHERE resource_provider_id = ? AND resource_class_id = ?"};
  SqliteStatement add_trait{db,
                            "INSERT OR IGNORE INTO resource_provider_traits (created_at, trait_id, "
                            "resource_provider_id) VALUES (?, ?, ?)"};
  SqliteStatement remove_trait{
      db, "DELETE FROM resource_provider_traits WHERE trait_id = ? AND resource_provider_id = ?"};
  SqliteStatement add_aggregate{
      db,
      "INSERT OR IGNORE INTO resource_provider_aggregates (created_at, resource_provider_id, "
      "aggregate_id) VALUES (?, ?, ?)"};
  SqliteStatement remove_aggregate{db,
                                   "DELETE FROM resource_provider_aggregates "
                                   "WHERE resource_provider_id = ? AND aggregate_id = ?"};
  SqliteStatement insert_aggregate{
      db, "INSERT INTO placement_aggregates (created_at, uuid) VALUES (?, ?)"};

  SqliteStatement insert_trait{db, "INSERT INTO traits (created_at, name) VALUES (?, ?)"};
  SqliteStatement delete_trait{db, "DELETE FROM traits WHERE id = ?"};
  SqliteStatement insert_class{
      db, "INSERT INTO resource_classes (created_at, id, name) VALUES (?, ?, ?)"};
  SqliteStatement rename_class{db,
                               "UPDATE resource_classes SET updated_at = ?, name = ? WHERE id = ?"};
  SqliteStatement delete_class{db, "DELETE FROM resource_classes WHERE id = ?"};

  SqliteStatement insert_project{db,
                                 "INSERT INTO projects (created_at, external_id) VALUES (?, ?)"};
  SqliteStatement insert_user{db, "INSERT INTO users (created_at, external_id) VALUES (?, ?)"};
  SqliteStatement insert_type{db, "INSERT INTO consumer_types (created_at, name) VALUES (?, ?)"};
  SqliteStatement set_consumer_generation{
      db, "UPDATE consumers SET updated_at = ?, generation = ? WHERE uuid = ?"};
  SqliteStatement put_consumer{
      db,
      "INSERT INTO consumers (created_at, uuid, project_id, user_id, consumer_type_id, generation) "
      "VALUES (?1, ?2, ?3, ?4, nullif(?5, 0), ?6) ON CONFLICT (uuid) DO UPDATE SET "
      "updated_at = ?1, project_id = ?3, user_id = ?4, consumer_type_id = nullif(?5, 0), "
      "generation = ?6"};
  SqliteStatement delete_consumer{db, "DELETE FROM consumers WHERE uuid = ?"};
  SqliteStatement delete_allocations{db, "DELETE FROM allocations WHERE consumer_id = ?"};
  SqliteStatement insert_allocation{
      db,
      "INSERT INTO allocations (created_at, resource_provider_id, consumer_id, resource_class_id, "
      "used) VALUES (?, ?, ?, ?, ?)"};
};

SqliteCommitter::SqliteCommitter(SqliteDatabase& database, Rows& rows)
    : database_(database),
      rows_(rows),
      statements_(new Statements{.db = database}),
      owners_(database) {}

SqliteCommitter::~SqliteCommitter() = default;

void SqliteCommitter::apply(const Step& step) {
  step_ = &step;
  now_ = TimeText(step.changes->at);
  for (const auto& change : step.changes->changes) {
    std::visit([this](const auto& each) { write(each); }, change);
  }
}

void SqliteCommitter::expect_one_row(std::string_view what) const {
  if (database_.changes() == 1) return;
  throw StoreError("The database " + database_.path() + " was changed by somebody else: " +
                   std::string(what) + " is not there, or not as it was.");
}

const ProviderRow& SqliteCommitter::row_of(const Uuid& provider) const {
  const auto found = rows_.providers.find(provider);
  if (found != rows_.providers.end()) return found->second;
  throw StoreError("The resource provider " + provider.str() + " has no row.");
}

RowId SqliteCommitter::text_row(std::unordered_map<std::string, RowId>& known,
                                SqliteStatement& insert, const std::string& text) {
  const auto found = known.find(text);
  if (found != known.end()) return found->second;
  insert.run(now(), std::string_view(text));
  return known[text] = database_.inserted_row();
}

RowId SqliteCommitter::aggregate_row(const Uuid& uuid) {
  auto& rows = rows_.aggregates[uuid];
  if (rows.empty()) {
    statements_->insert_aggregate.run(now(), std::string_view(uuid.str()));
    rows.push_back(database_.inserted_row());
  }
  return rows.front();
}

// --- providers ----------------------------------------------------------------------------------

void SqliteCommitter::write(const CreateProvider& change) {
  const RowId id = ++rows_.last_provider;
  const ProviderRow parent = change.parent ? row_of(*change.parent) : ProviderRow{};
  const RowId root = change.parent ? parent.root : id;
  statements_->insert_provider.run(now(), id, std::string_view(change.uuid.str()),
                                   std::string_view(change.name), root, parent.id);
  rows_.providers[change.uuid] = ProviderRow{id, root};
  if (change.owner) owners_.put(id, *change.owner);
}

void SqliteCommitter::write(const UpdateProvider& change) {
  const ProviderRow row = row_of(change.uuid);
  const ProviderRow parent = change.parent ? row_of(*change.parent) : ProviderRow{};
  const RowId root = change.parent ? parent.root : row.id;
  statements_->update_provider.run(now(), std::string_view(change.name), root, parent.id, row.id);
  expect_one_row("the resource provider " + change.uuid.str());
  if (root != row.root) move_tree(change.uuid, root);
}

// Gives `top` and all that stands below it after this step their new root.
void SqliteCommitter::move_tree(const Uuid& top, RowId root) {
  rows_.providers[top].root = root;
  auto located = step_->after->find_provider(top);
  if (!located) located = step_->before->find_provider(top);
  if (!located) return;
  const auto& nodes = located->tree->nodes;
  std::vector<bool> moved(nodes.size(), false);
  moved[located->place.index] = true;
  for (std::size_t i = located->place.index + 1; i < nodes.size(); ++i) {
    moved[i] = nodes[i].parent >= 0 && moved[static_cast<std::size_t>(nodes[i].parent)];
    if (!moved[i]) continue;
    const auto row = rows_.providers.find(nodes[i].provider->uuid);
    if (row == rows_.providers.end()) continue;  // created later in this step
    row->second.root = root;
    statements_->set_root.run(now(), root, row->second.id);
  }
}

void SqliteCommitter::write(const DeleteProvider& change) {
  const RowId id = row_of(change.uuid).id;
  statements_->delete_inventories.run(id);
  statements_->delete_traits.run(id);
  statements_->delete_aggregates.run(id);
  owners_.erase(id);
  statements_->delete_provider.run(id);
  expect_one_row("the resource provider " + change.uuid.str());
  rows_.providers.erase(change.uuid);
}

void SqliteCommitter::write(const SetOwner& change) {
  const RowId id = row_of(change.provider).id;
  if (change.owner) {
    owners_.put(id, *change.owner);
    expect_one_row("the resource provider " + change.provider.str());
  } else {
    owners_.erase(id);
  }
}

void SqliteCommitter::write(const SetGeneration& change) {
  statements_->set_generation.run(now(), change.to, row_of(change.provider).id, change.from);
  expect_one_row("the generation of the resource provider " + change.provider.str());
}

void SqliteCommitter::write(const PutInventory& change) {
  const auto& values = change.values;
  statements_->put_inventory.run(
      now(), row_of(change.provider).id, class_row(change.resource_class), values.total,
      values.reserved, values.min_unit, values.max_unit, values.step_size, values.allocation_ratio);
}

void SqliteCommitter::write(const DeleteInventory& change) {
  statements_->delete_inventory.run(row_of(change.provider).id, class_row(change.resource_class));
}

void SqliteCommitter::write(const ChangeTraits& change) {
  const RowId provider = row_of(change.provider).id;
  for (const auto trait : change.removed) {
    statements_->remove_trait.run(trait_row(trait), provider);
  }
  for (const auto trait : change.added) {
    statements_->add_trait.run(now(), trait_row(trait), provider);
  }
}

void SqliteCommitter::write(const ChangeAggregates& change) {
  const RowId provider = row_of(change.provider).id;
  for (const auto& uuid : change.removed) {
    const auto rows = rows_.aggregates.find(uuid);
    if (rows == rows_.aggregates.end()) continue;
    for (const RowId aggregate : rows->second) {
      statements_->remove_aggregate.run(provider, aggregate);
    }
  }
  // What is removed leaves no row to tell when, and before 1.19 no new generation either.
  if (!change.removed.empty()) statements_->touch_provider.run(now(), provider);
  for (const auto& uuid : change.added) {
    const RowId aggregate = aggregate_row(uuid);
    statements_->add_aggregate.run(now(), provider, aggregate);
  }
}

// --- names --------------------------------------------------------------------------------------

void SqliteCommitter::write(const CreateTrait& change) {
  statements_->insert_trait.run(now(), std::string_view(change.name));
  rows_.traits.push_back(database_.inserted_row());
}

void SqliteCommitter::write(const DeleteTrait& change) {
  statements_->delete_trait.run(trait_row(change.trait));
  expect_one_row("a trait");
}

void SqliteCommitter::write(const CreateClass& change) {
  rows_.last_class = std::max(rows_.last_class + 1, first_custom_class);
  statements_->insert_class.run(now(), rows_.last_class, std::string_view(change.name));
  rows_.classes.push_back(rows_.last_class);
}

void SqliteCommitter::write(const RenameClass& change) {
  statements_->rename_class.run(now(), std::string_view(change.name),
                                class_row(change.resource_class));
  expect_one_row("a resource class");
}

void SqliteCommitter::write(const DeleteClass& change) {
  statements_->delete_class.run(class_row(change.resource_class));
  expect_one_row("a resource class");
}

// --- consumers ----------------------------------------------------------------------------------

void SqliteCommitter::write(const PutConsumer& change) {
  const ConsumerText uuid(rows_, change.uuid);
  const auto before = step_->before->find_consumer(change.uuid);
  const auto same_type = [&] {
    return before->type ? change.type == *before->type : !change.type.has_value();
  };
  if (before && *before->project_id == change.project_id && *before->user_id == change.user_id &&
      same_type()) {
    // The common case, which leaves four indexes alone.
    statements_->set_consumer_generation.run(now(), change.generation, uuid.view());
    if (database_.changes() == 1) return;
    // The row went earlier in this step.
  }
  const RowId project = text_row(rows_.projects, statements_->insert_project, change.project_id);
  const RowId user = text_row(rows_.users, statements_->insert_user, change.user_id);
  const RowId type =
      change.type ? text_row(rows_.consumer_types, statements_->insert_type, *change.type) : 0;
  statements_->put_consumer.run(now(), uuid.view(), project, user, type, change.generation);
}

void SqliteCommitter::write(const DeleteConsumer& change) {
  const ConsumerText uuid(rows_, change.uuid);
  statements_->delete_allocations.run(uuid.view());
  statements_->delete_consumer.run(uuid.view());
  rows_.consumer_spellings.erase(change.uuid);
}

void SqliteCommitter::write(const ReplaceAllocations& change) {
  const ConsumerText uuid(rows_, change.consumer);
  statements_->delete_allocations.run(uuid.view());
  for (const auto& allocation : change.allocations) {
    statements_->insert_allocation.run(now(), row_of(allocation.provider).id, uuid.view(),
                                       class_row(allocation.resource_class), allocation.used);
  }
}

}  // namespace emplace::store
