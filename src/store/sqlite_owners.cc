#include "store/sqlite_owners.h"

namespace emplace::store {

bool has_owners_table(SqliteDatabase& database) {
  return database.has_table(owners_table);
}

void create_owners_table(SqliteDatabase& database) {
  database.execute("CREATE TABLE IF NOT EXISTS " + owners_table + R"( (
  resource_provider_uuid VARCHAR(36) NOT NULL,
  resource_provider_id INTEGER NOT NULL,
  project_id VARCHAR(255) NOT NULL,
  user_id VARCHAR(255) NOT NULL,
  PRIMARY KEY (resource_provider_uuid)
))");
}

void delete_stale_owners(SqliteDatabase& database) {
  if (!has_owners_table(database)) return;
  database.execute("DELETE FROM " + owners_table +
                   " WHERE NOT EXISTS (SELECT 1 FROM resource_providers AS provider "
                   "WHERE provider.uuid = resource_provider_uuid "
                   "AND provider.id = resource_provider_id)");
}

SqliteOwners::SqliteOwners(SqliteDatabase& database) : database_(database) {
  if (!has_owners_table(database)) return;
  // The uuid as the provider's row spells it, so that both always agree. (The WHERE lets SQLite
  // tell the conflict's ON from a join's.)
  put_.emplace(database, "INSERT INTO " + owners_table +
                             " (resource_provider_uuid, resource_provider_id, project_id, user_id) "
                             "SELECT uuid, id, ?2, ?3 FROM resource_providers WHERE id = ?1 "
                             "ON CONFLICT (resource_provider_uuid) DO UPDATE SET "
                             "resource_provider_id = ?1, project_id = ?2, user_id = ?3");
  erase_.emplace(database, "DELETE FROM " + owners_table +
                               " WHERE resource_provider_uuid = "
                               "(SELECT uuid FROM resource_providers WHERE id = ?)");
}

void SqliteOwners::put(RowId provider, const CreatedBy& owner) {
  if (!put_) {
    throw StoreError("The database " + database_.path() + " has no table " + owners_table + ".");
  }
  put_->run(provider, std::string_view(owner.project_id), std::string_view(owner.user_id));
}

void SqliteOwners::erase(RowId provider) {
  if (erase_) erase_->run(provider);
}

}  // namespace emplace::store
