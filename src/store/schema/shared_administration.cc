#include "store/schema/shared_administration.h"

#include <chrono>
#include <limits>
#include <optional>
#include <thread>
#include <utility>

#include "store/schema/clocked_write.h"
#include "store/schema/differences.h"
#include "store/schema/live.h"
#include "store/schema/make_tables.h"
#include "store/schema/mend.h"
#include "store/schema/one_at_a_time.h"
#include "store/schema/ready.h"
#include "store/schema/refusals.h"
#include "store/schema/sql_text.h"
#include "store/schema/standard_rows.h"
#include "store/schema/triggers.h"

namespace emplace::store {
namespace {

// From these steps on rows are as the revision demands it.
constexpr std::size_t roots_are_known = 2, consumers_are_there = 3;

const Tables& newest_tables() {
  static const Tables tables = upstream_tables(upstream_revisions().size());
  return tables;
}

std::size_t wanted_steps(const std::string& revision) {
  if (revision.empty() || revision == "head") return upstream_revisions().size();
  const auto steps = steps_to(revision);
  if (steps == 0) throw StoreError("There is no revision " + revision + ".");
  return steps;
}

void require_tables(SqlConnection& connection) {
  if (!revision_of(connection).empty()) return;
  throw StoreError(connection.description() +
                   ": there are no tables yet; run \"emplace db sync\" first.");
}

void require_own_tables(SqlConnection& connection) {
  if (has_table(connection, "emplace_clock")) return;
  throw StoreError(connection.description() +
                   ": emplace's own tables are not there yet; run \"emplace db sync\" first.");
}

// emplace_clock.coexist: shared/own_tables.h.
constexpr int apart = 0, together = 1, unwatched = 2;

std::int64_t coexistence(SqlConnection& connection) {
  return number_of(connection, "SELECT coexist FROM emplace_clock WHERE id = 1");
}

bool coexist(SqlConnection& connection) {
  return coexistence(connection) != apart;
}

// `touched`: the words for the log, if any.
void set_coexistence_to(SqlConnection& connection, int state, const std::string& touched) {
  write_clocked(connection, [&] {
    connection.run_one({"UPDATE emplace_clock SET coexist = ? WHERE id = 1", {state}});
    return touched;
  });
}

// Does it again, a few times, if the server undid something of it because of others: in a cluster
// that may happen to any statement. Requires: it may run again at any time.
template <class Work>
void again_after_conflicts(Work work) {
  constexpr int tries_max = 10;
  for (int tries = 1;; ++tries) {
    try {
      return work();
    } catch (const SqlError& error) {
      if (error.fault != SqlFault::conflict || tries == tries_max) throw;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  }
}

// Runs a step; if the server does not allow it, says how it would.
template <class Work>
void allowed(SqlConnection& connection, Work work) {
  try {
    work();
  } catch (const SqlError& error) {
    if (!is_not_allowed(error, connection.engine())) throw;
    throw StoreError(std::string(error.what()) + ". " + advice_about_tables(connection));
  }
}

// The tables of a revision and our own. In PostgreSQL one transaction.
void make_tables(SqlConnection& connection, std::size_t steps) {
  const bool postgresql = connection.engine() == Engine::postgresql;
  const auto dialect = dialect_of(connection);
  const auto upstream = upstream_tables(steps);
  const auto own = own_tables(connection.engine());
  if (postgresql) connection.run_one({"BEGIN"});
  try {
    make_what_is_missing(connection, dialect, upstream);
    drop_indexes(connection, dialect, dropped_indexes(steps), upstream);
    convert_text(connection, dialect, upstream);
    make_what_is_missing(connection, dialect, own);
    make_clock(connection);
  } catch (const StoreError&) {
    if (postgresql) connection.run_one({"ROLLBACK"});
    throw;
  }
  if (postgresql) connection.run_one({"COMMIT"});
}

// Never back: a twin may be further.
void stamp_at_least(SqlConnection& connection, std::size_t steps) {
  const auto& wanted = upstream_revisions()[steps - 1];
  const auto stamped = revision_of(connection);
  if (stamped.empty()) {
    try {
      connection.run_one({"INSERT INTO alembic_version (version_num) VALUES (?)", {wanted}});
      return;
    } catch (const SqlError& error) {
      if (!is_done_already(error, connection.engine())) throw;
    }
  }
  if (steps_to(stamped) >= steps) return;
  connection.run_one(
      {"UPDATE alembic_version SET version_num = ? WHERE version_num = ?", {wanted, stamped}});
}

// Upstream's tables that are there.
Tables existing_tables(SqlConnection& connection) {
  const auto live = read_live(connection, newest_tables());
  Tables there;
  for (const auto& table : newest_tables()) {
    if (live.contains(table.name)) there.push_back(table);
  }
  return there;
}

// Also after writes that no trigger saw: all is to be loaded anew then, and not forgotten if this
// ends half-way.
void allow_others(SqlConnection& connection, OneAtATime& alone, const Tables& tables) {
  const auto state = coexistence(connection);
  if (missing_triggers(connection, tables).empty() && state == together) return;
  if (state == together) set_coexistence_to(connection, unwatched, "");
  make_triggers(connection, alone, tables);
  set_coexistence_to(connection, together, everything_touched);
}

}  // namespace

std::unique_ptr<SqlConnection> SharedAdministration::session() const {
  auto connection = open_();
  connection->run_one({connection->engine() == Engine::mariadb ? "SET @emplace_writer = 1"
                                                               : "SET emplace.writer = 'on'"});
  return connection;
}

std::string SharedAdministration::revision() {
  return revision_of(*session());
}

void SharedAdministration::sync(const std::string& revision) {
  again_after_conflicts([&] { sync_once(revision); });
}

void SharedAdministration::sync_once(const std::string& revision) const {
  const auto wanted = wanted_steps(revision);
  const auto connection = session();
  std::optional<OneAtATime> alone;
  allowed(*connection, [&] { alone.emplace(*connection); });
  const auto stamped = revision_of(*connection);
  const auto done = steps_to(stamped);
  if (!stamped.empty() && done == 0) {
    throw StoreError(connection->description() + ": the tables are at revision " + stamped +
                     ", which this version of emplace does not know.");
  }
  if (done > wanted) {
    throw StoreError(connection->description() + ": the tables are at revision " + stamped +
                     " already, and there is no way back to " + revision + ".");
  }
  allowed(*connection, [&] {
    make_tables(*connection, wanted);
    if (done < roots_are_known && wanted >= roots_are_known) {
      mend_roots(*connection, std::numeric_limits<std::int64_t>::max());
    }
    if (done < consumers_are_there && wanted >= consumers_are_there) {
      create_missing_consumers(*connection, owner_, std::numeric_limits<std::int64_t>::max());
    }
    insert_missing_names(*connection);
    delete_stale_owners(*connection);
    if (coexist(*connection)) allow_others(*connection, *alone, upstream_tables(wanted));
    stamp_at_least(*connection, wanted);
  });
}

void SharedAdministration::stamp(const std::string& revision) {
  const auto& wanted = upstream_revisions()[wanted_steps(revision) - 1];
  again_after_conflicts([&] {
    const auto connection = session();
    allowed(*connection, [&] {
      const OneAtATime alone(*connection);
      make_what_is_missing(*connection, dialect_of(*connection), {newest_tables().front()});
      connection->run({{"BEGIN"},
                       {"DELETE FROM alembic_version"},
                       {"INSERT INTO alembic_version (version_num) VALUES (?)", {wanted}}});
      connection->run_one({"COMMIT"});
    });
  });
}

UpgradeFindings SharedAdministration::upgrade_check() {
  const auto connection = session();
  require_tables(*connection);
  return {
      .providers_without_root = number_of(
          *connection, "SELECT count(*) FROM resource_providers WHERE root_provider_id IS NULL"),
      .incomplete_consumers = number_of(
          *connection,
          "SELECT count(DISTINCT allocations.consumer_id) FROM allocations LEFT JOIN consumers "
          "ON consumers.uuid = allocations.consumer_id WHERE consumers.id IS NULL")};
}

UpgradeFindings SharedAdministration::mend(std::int64_t max) {
  const auto connection = session();
  require_tables(*connection);
  require_own_tables(*connection);
  UpgradeFindings mended;
  mended.providers_without_root = mend_roots(*connection, max);
  mended.incomplete_consumers =
      create_missing_consumers(*connection, owner_, max - mended.providers_without_root);
  return mended;
}

std::vector<std::string> SharedAdministration::check() {
  const auto connection = session();
  require_tables(*connection);
  std::vector<std::string> found;
  const auto add = [&](const std::vector<std::string>& more) {
    found.insert(found.end(), more.begin(), more.end());
  };
  const auto revision = revision_of(*connection);
  if (revision != upstream_revisions().back()) {
    found.push_back("The tables are at revision " + revision + " instead of " +
                    upstream_revisions().back() + ".");
  }
  auto expected = newest_tables();
  for (const auto& table : own_tables(connection->engine()))
    expected.push_back(table);
  const auto live = read_live(*connection, expected);
  add(differences(expected, live, connection->engine()));
  if (!live.contains("emplace_clock")) return found;
  if (number_of(*connection, "SELECT count(*) FROM emplace_clock WHERE id = 1") == 0) {
    found.push_back("The table emplace_clock has no row with the id 1.");
  } else if (coexist(*connection)) {
    add(missing_triggers(*connection, newest_tables()));
  } else {
    for (const auto& trigger : present_triggers(*connection)) {
      found.push_back("There is the trigger " + trigger + ", though coexistence is off.");
    }
  }
  return found;
}

Purged SharedAdministration::purge() {
  const auto connection = session();
  require_tables(*connection);
  require_own_tables(*connection);
  return purge_rows(*connection);
}

bool SharedAdministration::coexists() {
  const auto connection = session();
  require_own_tables(*connection);
  return coexist(*connection);
}

void SharedAdministration::set_coexistence(bool on) {
  again_after_conflicts([&] {
    const auto connection = session();
    require_own_tables(*connection);
    OneAtATime alone(*connection);
    const auto tables = existing_tables(*connection);
    if (on) {
      allow_others(*connection, alone, tables);
      return;
    }
    set_coexistence_to(*connection, apart, "");
    allowed(*connection, [&] { drop_triggers(*connection, alone, tables); });
  });
}

}  // namespace emplace::store
