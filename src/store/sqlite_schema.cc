#include "store/sqlite_schema.h"

#include <algorithm>

#include "store/schema/model.h"
#include "store/sqlite_schema_text.h"
#include "store/standard_names.h"

namespace emplace::store {
namespace {

// The present as SQLAlchemy writes it.
const std::string now_text = "strftime('%Y-%m-%d %H:%M:%f000', 'now')";

void initial(SqliteDatabase& database, const IncompleteOwner&) {
  database.execute(initial_schema);
}

void require_roots(SqliteDatabase& database, const IncompleteOwner&) {
  mend_roots(database);
}

void require_consumers(SqliteDatabase& database, const IncompleteOwner& owner) {
  create_missing_consumers(database, owner);
}

void add_consumer_types(SqliteDatabase& database, const IncompleteOwner&) {
  database.execute(consumer_types_schema);
}

void drop_redundant_indexes(SqliteDatabase& database, const IncompleteOwner&) {
  for (const auto& index : dropped_indexes(upstream_revisions().size()))
    database.execute("DROP INDEX IF EXISTS " + index.name);
}

// The way to each of upstream_revisions() from the one before.
using Upgrade = void (*)(SqliteDatabase&, const IncompleteOwner&);
constexpr Upgrade upgrades[] = {initial, require_roots, require_consumers, add_consumer_types,
                                drop_redundant_indexes};

// How many revisions lead to this one, itself included; 0 for "" (no tables).
std::size_t known_steps(const SqliteDatabase& database, const std::string& revision) {
  const auto steps = steps_to(revision);
  if (steps == 0 && !revision.empty()) {
    throw StoreError("The database " + database.path() + " is at revision " + revision +
                     ", which this version of emplace does not know.");
  }
  return steps;
}

// The row of `table` that has this external id, made if need be.
std::int64_t owner_row(SqliteDatabase& database, const std::string& table,
                       const std::string& external_id) {
  SqliteStatement(database, "INSERT OR IGNORE INTO " + table +
                                " (created_at, external_id) VALUES (" + now_text + ", ?)")
      .run(std::string_view(external_id));
  SqliteStatement find(database, "SELECT id FROM " + table + " WHERE external_id = ?");
  find.bind(std::string_view(external_id)).next();
  return find.integer(0);
}

}  // namespace

std::string revision_of(SqliteDatabase& database) {
  if (!database.has_table("alembic_version")) return {};
  return database.text("SELECT version_num FROM alembic_version");
}

void stamp(SqliteDatabase& database, const std::string& revision) {
  database.execute(version_schema);
  database.execute("DELETE FROM alembic_version");
  SqliteStatement(database, "INSERT INTO alembic_version (version_num) VALUES (?)")
      .run(std::string_view(revision));
}

void migrate(SqliteDatabase& database, const std::string& revision, const IncompleteOwner& owner) {
  const auto wanted =
      known_steps(database, revision.empty() ? upstream_revisions().back() : revision);
  auto done = known_steps(database, revision_of(database));
  if (done > wanted) {
    throw StoreError("The database " + database.path() + " is at revision " +
                     revision_of(database) + " already, and there is no way back to " + revision +
                     ".");
  }
  if (done == 0 && database.has_table("resource_providers")) {
    throw StoreError("The database " + database.path() +
                     " has tables but no revision; find out which one it is at, and write it down "
                     "with \"db stamp\".");
  }
  for (; done < wanted; ++done) {
    SqliteTransaction transaction(database);
    upgrades[done](database, owner);
    stamp(database, upstream_revisions()[done]);
    transaction.commit();
  }
}

std::int64_t mend_roots(SqliteDatabase& database, std::int64_t max) {
  // UNION, not UNION ALL, ends the climb in a cycle; a provider in one becomes its own root.
  SqliteStatement mend(database, R"(
    UPDATE resource_providers SET root_provider_id = coalesce(
        (WITH RECURSIVE above(id, parent) AS (
             SELECT start.id, start.parent_provider_id FROM resource_providers AS start
             WHERE start.id = resource_providers.id
             UNION
             SELECT next.id, next.parent_provider_id FROM resource_providers AS next
             JOIN above ON next.id = above.parent)
         SELECT above.id FROM above WHERE above.parent IS NULL), id)
    WHERE id IN (SELECT id FROM resource_providers WHERE root_provider_id IS NULL LIMIT ?))");
  mend.run(max);
  return database.changes();
}

std::int64_t create_missing_consumers(SqliteDatabase& database, const IncompleteOwner& owner,
                                      std::int64_t max) {
  if (!database.integer("SELECT 1 FROM allocations WHERE NOT EXISTS (SELECT 1 FROM consumers "
                        "WHERE consumers.uuid = allocations.consumer_id) LIMIT 1")) {
    return 0;
  }
  const auto project = owner_row(database, "projects", owner.project_id);
  const auto user = owner_row(database, "users", owner.user_id);
  SqliteStatement create(database, R"(
    INSERT INTO consumers (created_at, uuid, project_id, user_id, generation)
    SELECT )" + now_text + R"(, allocations.consumer_id, ?, ?, 0 FROM allocations
    LEFT JOIN consumers AS known ON known.uuid = allocations.consumer_id
    WHERE known.id IS NULL GROUP BY allocations.consumer_id LIMIT ?)");
  create.run(project, user, max);
  return database.changes();
}

void insert_standard_names(SqliteDatabase& database) {
  // As upstream: what another name's row stands in the way of is left out.
  SqliteStatement add_class(database,
                            "INSERT OR IGNORE INTO resource_classes (created_at, id, name) VALUES "
                            "(" +
                                now_text + ", ?, ?)");
  SqliteStatement add_trait(database,
                            "INSERT INTO traits (created_at, name) SELECT " + now_text +
                                ", ?1 WHERE NOT EXISTS (SELECT 1 FROM traits WHERE name = ?1)");
  std::int64_t id = 0;
  for (const auto name : standard_classes())
    add_class.run(id++, name);
  for (const auto name : standard_traits())
    add_trait.run(name);
}

}  // namespace emplace::store
