#include "store/sqlite_store.h"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "store/load.h"
#include "store/sqlite_commit.h"
#include "store/sqlite_connection.h"
#include "store/sqlite_owners.h"
#include "store/sqlite_schema.h"

namespace emplace::store {
namespace {

// Measured with claims in groups of 8: half the bytes of 4096 to sync, and no more work; 1024 makes
// for deeper trees and more work.
constexpr int page_bytes_of_new_files = 2048;
constexpr std::int64_t cache_kib = 65536;
// Beyond this a commit first copies the write-ahead log into the file, …
constexpr std::int64_t log_bytes_max = 64 << 20;
// … and beyond this a quiet moment is used for it.
constexpr std::int64_t log_bytes_when_idle = 4 << 20;

using Mode = SqliteDatabase::Mode;

// Opens the file and does `work` with it; says in plain words what commonly goes wrong.
template <class Work>
auto with_file(const std::string& path, Mode mode, Work work) {
  try {
    auto database = std::make_unique<SqliteDatabase>(path, mode);
    return work(std::move(database));
  } catch (const SqliteError& error) {
    if (error.busy()) {
      throw StoreError("The database " + path +
                       " is in use by another process; if that is a server, stop it first.");
    }
    switch (error.code & 0xff) {
      case SQLITE_NOTADB:
        throw StoreError("The file " + path + " is not an SQLite database.");
      case SQLITE_READONLY:
        throw StoreError("The database " + path + " is not writable.");
      case SQLITE_CANTOPEN:
        throw StoreError(
            "The database " + path +
            " cannot be opened: it does not exist (`emplace db sync` makes it), or may "
            "not be read and written.");
      default:
        throw;
    }
  }
}

// Opens the file and makes it ours alone, in the journal mode that we want.
std::unique_ptr<SqliteDatabase> open_alone(const std::string& path, Mode mode, bool synchronous) {
  return with_file(path, mode, [&](std::unique_ptr<SqliteDatabase> database) {
    database->execute("PRAGMA locking_mode = EXCLUSIVE");
    // Without effect on a file that has tables.
    database->execute("PRAGMA page_size = " + std::to_string(page_bytes_of_new_files));
    if (database->text("PRAGMA journal_mode = WAL") != "wal") {
      throw StoreError("The database " + path + " cannot have a write-ahead log.");
    }
    database->execute(synchronous ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
    database->execute(
        "PRAGMA foreign_keys = OFF; PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0");
    // The first transaction takes the lock, which stays until the file is closed.
    database->execute("BEGIN EXCLUSIVE; COMMIT");
    return database;
  });
}

void require_tables(SqliteDatabase& database) {
  if (!revision_of(database).empty()) return;
  throw StoreError("The database " + database.path() +
                   " has no tables yet; run \"emplace db sync\" first.");
}

// Refuses tables that are not at our revision.
void check_revision(SqliteDatabase& database) {
  require_tables(database);
  const auto revision = revision_of(database);
  const auto& known = upstream_revisions();
  if (revision == known.back()) return;
  if (std::find(known.begin(), known.end(), revision) == known.end()) {
    throw StoreError("The database " + database.path() + " is at revision " + revision +
                     ", which this version of emplace does not know.");
  }
  throw StoreError("The database " + database.path() + " is at the old revision " + revision +
                   "; run \"emplace db sync\" first.");
}

// Upstream's tables at a revision (empty: the newest), and ours.
void bring_up_to_date(SqliteDatabase& database, const std::string& revision,
                      const IncompleteOwner& owner) {
  migrate(database, revision, owner);
  create_owners_table(database);
}

class SqliteStore final : public Store {
 public:
  explicit SqliteStore(const SqliteOptions& options) : options_(options) {
    open();
    if (!has_owners_table(*database_) && options_.report) {
      options_.report("The database " + options_.path + " has no table " + owners_table +
                      ": no resource provider has an owner, nor will any get one; run \"emplace db "
                      "sync\" to make it.");
    }
  }

  ~SqliteStore() override {
    committer_.reset();
    database_.reset();  // copies the log into the file and removes it
  }

  World load() override {
    if (failed_) reopen();
    SqliteConnection connection(*database_);
    const LoadOptions options{.incomplete_owner = options_.incomplete_owner,
                              .report = options_.report,
                              .has_owners = has_owners_table(*database_)};
    auto loaded = load_world(connection, options);
    if (loaded.to_be_mended) {
      mend();
      loaded = load_world(connection, options);
    }
    rows_ = std::move(loaded.rows);
    committer_.emplace(*database_, rows_);
    // Only now: loading reads each page once, which a cache does not help with.
    database_->execute("PRAGMA cache_size = -" + std::to_string(cache_kib));
    return std::move(loaded.world);
  }

  void commit(const std::vector<Step>& steps) override {
    if (failed_ || !committer_) throw StoreError("The database is to be loaded first.");
    if (log_pages_ * page_bytes_ > log_bytes_max) checkpoint();
    // Until all is well: the maps of rows may be ahead of the database.
    failed_ = true;
    SqliteTransaction transaction(*database_);
    for (const auto& step : steps)
      committer_->apply(step);
    transaction.commit();
    failed_ = false;
  }

  void idle() override {
    if (!failed_ && log_pages_ * page_bytes_ > log_bytes_when_idle) checkpoint();
  }

 private:
  void open() {
    database_ = open_alone(options_.path, options_.create ? Mode::create : Mode::read_write,
                           options_.synchronous);
    if (options_.create) bring_up_to_date(*database_, {}, options_.incomplete_owner);
    check_revision(*database_);
    SqliteTransaction transaction(*database_);
    insert_standard_names(*database_);
    delete_stale_owners(*database_);
    transaction.commit();
    page_bytes_ = database_->integer("PRAGMA page_size");
    log_pages_ = 0;
    sqlite3_wal_hook(
        database_->handle(),
        [](void* self, sqlite3*, const char*, int pages) {
          static_cast<SqliteStore*>(self)->log_pages_ = pages;
          return SQLITE_OK;
        },
        this);
  }

  // After a failure the file alone knows what is in it: what a connection remembers does not count.
  void reopen() {
    committer_.reset();
    database_.reset();
    open();
    // The kernel reports a failed write once, and forgets it: write all again, so that what will be
    // read now is durable too.
    if (!checkpoint(SQLITE_CHECKPOINT_TRUNCATE)) {
      throw StoreError("The database " + options_.path + " cannot be brought up to date.");
    }
    probe();
    failed_ = false;
  }

  // Tells whether the database takes a write, by one that changes nothing.
  void probe() {
    const auto version = database_->integer("PRAGMA user_version");
    SqliteTransaction transaction(*database_);
    database_->execute("PRAGMA user_version = " + std::to_string(version));
    transaction.commit();
  }

  void mend() {
    SqliteTransaction transaction(*database_);
    const auto roots = mend_roots(*database_);
    const auto consumers = create_missing_consumers(*database_, options_.incomplete_owner);
    transaction.commit();
    if (options_.report) {
      options_.report("Mended the database: " + std::to_string(roots) +
                      " resource providers had no root, and allocations of " +
                      std::to_string(consumers) + " consumers had no consumer.");
    }
  }

  // Copies the log into the file. False if it could not all be done.
  bool checkpoint(int mode = SQLITE_CHECKPOINT_PASSIVE) {
    int pages = 0, copied = 0;
    const int code = sqlite3_wal_checkpoint_v2(database_->handle(), nullptr, mode, &pages, &copied);
    if (code != SQLITE_OK) database_->raise(code);
    // The next commit starts the log anew, and tells.
    if (pages == copied) log_pages_ = 0;
    return pages == copied;
  }

  SqliteOptions options_;
  std::unique_ptr<SqliteDatabase> database_;
  Rows rows_;
  std::optional<SqliteCommitter> committer_;  // after load()
  bool failed_ = false;                       // since the last load()
  std::int64_t page_bytes_ = 0, log_pages_ = 0;
};

}  // namespace

std::unique_ptr<Store> open_sqlite(const SqliteOptions& options) {
  return std::make_unique<SqliteStore>(options);
}

std::string sqlite_revision(const std::string& path) {
  if (!std::filesystem::exists(path)) return {};
  return with_file(path, Mode::read_write,
                   [](std::unique_ptr<SqliteDatabase> database) { return revision_of(*database); });
}

void sqlite_sync(const std::string& path, const std::string& revision,
                 const IncompleteOwner& incomplete_owner) {
  const auto database = open_alone(path, Mode::create, true);
  bring_up_to_date(*database, revision == "head" ? "" : revision, incomplete_owner);
  SqliteTransaction transaction(*database);
  delete_stale_owners(*database);
  transaction.commit();
}

void sqlite_stamp(const std::string& path, const std::string& revision) {
  const auto& known = upstream_revisions();
  const auto wanted = revision == "head" ? known.back() : revision;
  if (std::find(known.begin(), known.end(), wanted) == known.end()) {
    throw StoreError("There is no revision " + revision + ".");
  }
  const auto database = open_alone(path, Mode::create, true);
  SqliteTransaction transaction(*database);
  stamp(*database, wanted);
  transaction.commit();
}

UpgradeFindings sqlite_upgrade_check(const std::string& path) {
  return with_file(path, Mode::read_write, [](std::unique_ptr<SqliteDatabase> database) {
    require_tables(*database);
    return UpgradeFindings{
        .providers_without_root = database->integer(
            "SELECT count(*) FROM resource_providers WHERE root_provider_id IS NULL"),
        .incomplete_consumers = database->integer(
            "SELECT count(DISTINCT allocations.consumer_id) FROM allocations LEFT JOIN consumers "
            "ON consumers.uuid = allocations.consumer_id WHERE consumers.id IS NULL")};
  });
}

UpgradeFindings sqlite_mend(const std::string& path, std::int64_t max,
                            const IncompleteOwner& incomplete_owner) {
  const auto database = open_alone(path, Mode::read_write, true);
  require_tables(*database);
  SqliteTransaction transaction(*database);
  UpgradeFindings mended;
  mended.providers_without_root = mend_roots(*database, max);
  mended.incomplete_consumers =
      create_missing_consumers(*database, incomplete_owner, max - mended.providers_without_root);
  transaction.commit();
  return mended;
}

}  // namespace emplace::store
