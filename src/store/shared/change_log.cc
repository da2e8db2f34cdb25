#include "store/shared/change_log.h"

#include "store/shared/own_tables.h"

namespace emplace::store {

namespace {

constexpr auto clock_query = "SELECT tick FROM emplace_clock WHERE id = 1";

}  // namespace

SqlStatement read_clock() {
  return {clock_query};
}

Tick clock_in(const SqlResult& result) {
  if (result.data->next()) return result.data->integer(0);
  throw StoreError("The table emplace_clock has no row; run \"emplace db sync\".");
}

std::vector<SqlStatement> missed_since(Engine engine, Tick known, bool lock) {
  // An end that it never reaches, without which PostgreSQL, as long as it has no statistics of the
  // log, thinks that a third of it lies behind any tick, and reads it from end to end.
  SqlStatement log{
      "SELECT tick, touched FROM emplace_changes WHERE tick > ? AND tick <= ? ORDER BY tick",
      {known, known + 2 * change_log_kept}};
  if (!lock) return {read_clock(), std::move(log)};
  if (engine == Engine::mariadb) return {lock_clock(engine), std::move(log)};
  // From then on only somebody can be in the way who will want the clock next, so waiting is of no
  // use. MariaDB's sessions wait for nothing else anyway.
  return {lock_clock(engine), {"SET LOCAL lock_timeout = '50ms'"}, std::move(log)};
}

Missed read_missed(const std::vector<SqlResult>& results, Tick known) {
  Missed missed;
  auto& log = *results.back().data;
  // The clock is the SELECT before it.
  auto clock = results.rbegin() + 1;
  while (!clock->data)
    ++clock;
  missed.tick = clock_in(*clock);
  // The log was asked for after the clock, so it may say more.
  Tick reached = known;
  while (log.next()) {
    const Tick tick = log.integer(0);
    if (tick <= known || tick > missed.tick) continue;
    missed.incomplete = missed.incomplete || tick != reached + 1;
    reached = tick;
    missed.incomplete = !missed.touched.add(log.text(1)) || missed.incomplete;
  }
  missed.incomplete = missed.incomplete || reached != missed.tick;
  return missed;
}

SqlStatement lock_clock(Engine engine) {
  const std::string text = std::string(clock_query) + " FOR UPDATE";
  // MySQL takes the comment for one, and waits as its session says.
  return {engine == Engine::mariadb ? text + " /*M! WAIT 5 */" : text};
}

std::vector<SqlStatement> begin_writing(Engine engine) {
  if (engine == Engine::mariadb) return {};
  return {{"BEGIN"}};
}

std::vector<SqlStatement> begin_snapshot(Engine engine) {
  if (engine == Engine::mariadb) {
    return {{"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"},
            {"START TRANSACTION WITH CONSISTENT SNAPSHOT"}};
  }
  return {{"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"}};
}

SqlStatement advance_clock(Tick tick) {
  return {"UPDATE emplace_clock SET tick = ? WHERE id = 1 AND tick = ?", {tick, tick - 1}};
}

SqlStatement log_batch(Tick tick, const std::string& batch, const Touched& touched) {
  return {"INSERT INTO emplace_changes (tick, batch, touched) VALUES (?, ?, ?)",
          {tick, batch, touched.text()}};
}

SqlStatement prune_log(Engine engine, Tick tick) {
  const Tick last = tick - change_log_kept;
  if (engine == Engine::mariadb) {
    return {"DELETE FROM emplace_changes WHERE tick <= ? LIMIT 1000", {last}};
  }
  return {"DELETE FROM emplace_changes WHERE tick <= ? AND tick > ?", {last, last - 1000}};
}

SqlStatement find_batch(Tick first, const std::string& batch) {
  return {"SELECT tick FROM emplace_changes WHERE tick >= ? AND batch = ?", {first, batch}};
}

}  // namespace emplace::store
