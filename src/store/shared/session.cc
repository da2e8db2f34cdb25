#include "store/shared/session.h"

#include <vector>

namespace emplace::store {
namespace {

// What emplace writes it logs itself, so the triggers are told to stay silent: shared/own_tables.h.
// On MariaDB, waiting for the clock's lock is limited where it is asked for.
std::vector<SqlStatement> set_up(Engine engine) {
  if (engine == Engine::mariadb) return {{"SET @emplace_writer = 1"}};
  return {{"SET emplace.writer = 'on'"}, {"SET lock_timeout = '5s'"}};
}

}  // namespace

SqlConnection& Session::get() {
  if (is_old()) close();
  if (!connection_) {
    auto made = connect(url_, options_);
    made->run(set_up(made->engine()));
    connection_ = std::move(made);
    opened_ = std::chrono::steady_clock::now();
  }
  return *connection_;
}

bool Session::is_old() const {
  return connection_ && recycle_time_.count() >= 0 &&
         std::chrono::steady_clock::now() - opened_ >= recycle_time_;
}

}  // namespace emplace::store
