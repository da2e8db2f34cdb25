// The embedded store: one SQLite file in upstream's schema, held by one process.
#pragma once

#include <memory>
#include <string>

#include "store/store.h"

namespace emplace::store {

struct SqliteOptions {
  std::string path;
  bool synchronous = true;  // [placement_database] sqlite_synchronous; false: a power cut may lose
  bool create = true;       // make the file, and bring the schema up to date
};

// Opens and locks the file. Throws StoreError with one clear sentence: held by another process, not a
// database, a schema that is missing or newer than ours, no permission.
std::unique_ptr<Store> open_sqlite(const SqliteOptions& options);

// For the command line; each opens, works and closes. `revision`: upstream's, such as a082b8bb98d0.
std::string sqlite_revision(const std::string& path);  // empty: none
void sqlite_sync(const std::string& path);             // creates or migrates to the newest revision
void sqlite_stamp(const std::string& path, const std::string& revision);

// The upgrade check's counts on a database: providers without root, allocations without consumer.
struct UpgradeFindings {
  std::int64_t providers_without_root = 0, incomplete_consumers = 0;
};
UpgradeFindings sqlite_upgrade_check(const std::string& path);

// Upstream's revisions, oldest first; the last is the one that emplace reads and writes.
const std::vector<std::string>& upstream_revisions();

}  // namespace emplace::store
