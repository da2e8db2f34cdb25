// The embedded store: one SQLite file in upstream's schema, held by one process.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "store/administration.h"
#include "store/incomplete_owner.h"
#include "store/schema/model.h"
#include "store/store.h"

namespace emplace::store {

struct SqliteOptions {
  std::string path;
  bool synchronous = true;  // [placement_database] sqlite_synchronous; false: a power cut may lose
  bool create = true;       // make the file, and bring the schema up to date
  IncompleteOwner incomplete_owner = {};
  // A sentence for the log about odd data that was found, and how it is taken.
  std::function<void(const std::string&)> report = {};
};

// Opens and locks the file. Throws StoreError with one clear sentence: held by another process, not
// a database, a schema that is missing or newer than ours, no permission.
std::unique_ptr<Store> open_sqlite(const SqliteOptions& options);

// For the command line; each opens, works and closes, and throws StoreError while a server holds
// the file. `revision`: upstream's, such as a082b8bb98d0.
std::string sqlite_revision(const std::string& path);  // empty: none
// Creates or migrates to the revision; empty or "head": the newest.
void sqlite_sync(const std::string& path, const std::string& revision = {},
                 const IncompleteOwner& incomplete_owner = {});
// Only writes the revision down. Throws for one that does not exist.
void sqlite_stamp(const std::string& path, const std::string& revision);

UpgradeFindings sqlite_upgrade_check(const std::string& path);
// Mends at most `max` of both together, the roots first; how many it mended.
UpgradeFindings sqlite_mend(const std::string& path,
                            std::int64_t max = std::numeric_limits<std::int64_t>::max(),
                            const IncompleteOwner& incomplete_owner = {});
// Each difference between the file's tables and the expected ones, a sentence each.
std::vector<std::string> sqlite_check(const std::string& path);
// Removes the rows that nothing refers to.
Purged sqlite_purge(const std::string& path);

}  // namespace emplace::store
