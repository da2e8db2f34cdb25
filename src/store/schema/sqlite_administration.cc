#include "store/schema/sqlite_administration.h"

#include "store/sqlite_store.h"

namespace emplace::store {

std::string SqliteAdministration::revision() {
  return sqlite_revision(path_);
}

void SqliteAdministration::sync(const std::string& revision) {
  sqlite_sync(path_, revision, owner_);
}

void SqliteAdministration::stamp(const std::string& revision) {
  sqlite_stamp(path_, revision);
}

UpgradeFindings SqliteAdministration::upgrade_check() {
  return sqlite_upgrade_check(path_);
}

UpgradeFindings SqliteAdministration::mend(std::int64_t max) {
  return sqlite_mend(path_, max, owner_);
}

std::vector<std::string> SqliteAdministration::check() {
  return sqlite_check(path_);
}

Purged SqliteAdministration::purge() {
  return sqlite_purge(path_);
}

void SqliteAdministration::set_coexistence(bool) {
  throw StoreError("The database " + path_ +
                   " is an SQLite file, which one process at a time has for itself; only databases "
                   "on MariaDB, MySQL or PostgreSQL can be shared with upstream's processes.");
}

}  // namespace emplace::store
