// What the command line does to a database, whichever it is.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "store/incomplete_owner.h"
#include "store/sql/connect.h"

namespace emplace::store {

// The upgrade check's counts on a database: providers without root, allocations without consumer.
struct UpgradeFindings {
  std::int64_t providers_without_root = 0, incomplete_consumers = 0;
};

struct Purged {
  std::int64_t projects = 0, users = 0, aggregates = 0, consumer_types = 0;
};

// Each call opens the database, works and closes it, and throws StoreError. An SQLite file that a
// server holds is refused; on a database server, servers may work on meanwhile.
class Administration {
 public:
  virtual ~Administration() = default;
  // The revision that the tables are stamped with, upstream's, such as a082b8bb98d0; empty: none.
  virtual std::string revision() = 0;
  // Creates the tables or brings them to `revision` (empty or "head": the newest), with our own
  // beside them. Safe to run again, at the same time from several machines, and after a crash.
  virtual void sync(const std::string& revision) = 0;
  // Only writes the revision down. Throws for one that does not exist.
  virtual void stamp(const std::string& revision) = 0;
  virtual UpgradeFindings upgrade_check() = 0;
  // Mends at most `max` of both together, the roots first; how many it mended.
  virtual UpgradeFindings mend(std::int64_t max = std::numeric_limits<std::int64_t>::max()) = 0;
  // Each difference between the live schema and the expected one, a sentence each; none: all well.
  virtual std::vector<std::string> check() = 0;
  // Removes the rows that nothing refers to.
  virtual Purged purge() = 0;
  // Whether upstream's own processes may write to the database too (the triggers are there).
  virtual bool coexists() = 0;
  // Installs or removes the triggers. Throws for SQLite, which has one process at a time.
  virtual void set_coexistence(bool on) = 0;
};

struct AdministrationOptions {
  SessionOptions session = {};
  IncompleteOwner incomplete_owner = {};
};
std::unique_ptr<Administration> administer(const DatabaseUrl& url,
                                           const AdministrationOptions& options);

}  // namespace emplace::store
