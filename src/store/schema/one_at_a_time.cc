#include "store/schema/one_at_a_time.h"

#include <chrono>
#include <optional>
#include <thread>

#include "base/random.h"
#include "store/schema/make_tables.h"
#include "store/schema/refusals.h"

namespace emplace::store {
namespace {

using Moment = std::chrono::steady_clock::time_point;

constexpr auto dead_after = std::chrono::seconds(30);
constexpr auto between_looks = std::chrono::milliseconds(200);

bool is_cluster(SqlConnection& connection) {
  if (connection.engine() != Engine::mariadb) return false;
  const auto row = connection.query("SHOW VARIABLES LIKE 'wsrep_on'");
  return row->next() && row->text(1) == "ON";
}

Tables lease_table() {
  for (const auto& table : own_tables(Engine::mariadb)) {
    if (table.name == "emplace_lease") return {table};
  }
  return {};
}

struct Lease {
  std::string holder;  // empty: nobody
  std::int64_t beat = 0;

  bool operator==(const Lease&) const = default;
};

std::optional<Lease> read_lease(SqlConnection& connection) {
  const auto row = connection.query("SELECT holder, beat FROM emplace_lease WHERE id = 1");
  if (!row->next()) return std::nullopt;
  return Lease{std::string(row->text(0)), row->integer(1)};
}

}  // namespace

OneAtATime::OneAtATime(SqlConnection& connection) : connection_(connection) {
  if (connection_.engine() == Engine::postgresql) {
    connection_.run_one({"SELECT pg_advisory_lock(hashtext('emplace db sync'))"});
  } else if (is_cluster(connection_)) {
    make_what_is_missing(connection_, dialect_of(connection_), lease_table());
    take_lease();
  } else {
    const auto locked =
        connection_.run_one({"SELECT GET_LOCK(CONCAT('emplace ', MD5(SCHEMA())), 600)"});
    if (locked.data->next() && locked.data->integer(0) == 1) return;
    throw StoreError(connection_.description() +
                     ": another process has been making the tables for ten minutes; wait for it, "
                     "and run this again.");
  }
}

OneAtATime::~OneAtATime() {
  if (me_.empty()) return;
  try {
    connection_.run_one({"UPDATE emplace_lease SET holder = '' WHERE holder = ?", {me_}});
  } catch (const StoreError&) {
    // The next one waits until he takes us for dead.
  }
}

void OneAtATime::take_lease() {
  const auto name = Random().uuid().str();
  me_ = name;
  std::optional<Lease> seen;
  Moment since;
  while (true) {
    const auto lease = read_lease(connection_);
    const auto now = std::chrono::steady_clock::now();
    if (lease != seen) {
      seen = lease;
      since = now;
    }
    const bool is_free = !lease || lease->holder.empty() || now - since >= dead_after;
    if (is_free && try_to_take(lease ? lease->holder : "", lease ? lease->beat : -1)) return;
    std::this_thread::sleep_for(between_looks);
  }
}

// Of several that try on different nodes, the cluster lets one win. `beat`: -1 if there is no row.
bool OneAtATime::try_to_take(const std::string& holder, std::int64_t beat) {
  try {
    if (beat < 0) {
      connection_.run_one({"INSERT INTO emplace_lease (id, holder, beat) VALUES (1, ?, 0)", {me_}});
      return true;
    }
    const auto taken = connection_.run_one(
        {"UPDATE emplace_lease SET holder = ?, beat = beat + 1 WHERE id = 1 AND holder = ? "
         "AND beat = ?",
         {me_, holder, beat}});
    return taken.rows == 1;
  } catch (const SqlError& error) {
    if (error.fault == SqlFault::conflict || is_done_already(error, Engine::mariadb)) return false;
    throw;
  }
}

void OneAtATime::go_on() {
  if (me_.empty()) return;
  const auto moved = connection_.run_one(
      {"UPDATE emplace_lease SET beat = beat + 1 WHERE id = 1 AND holder = ?", {me_}});
  if (moved.rows == 1) return;
  throw StoreError(connection_.description() +
                   ": another process makes the tables now, as this one took too long; run it "
                   "again.");
}

}  // namespace emplace::store
