// A transaction of the command line's in a shared database: it holds the clock's lock, as all do
// that write, and says in the log what it touched.
#pragma once

#include <functional>
#include <string>

#include "store/sql/connection.h"

namespace emplace::store {

// What the log says of a change that it does not tell one by one: no word of touched.h, so that
// every process loads all anew.
inline constexpr auto everything_touched = "*";

// Runs `work` in a transaction that holds the clock's lock, advances the clock, logs the words that
// `work` returns and commits; no words: the clock stays as it is. If the server undoes the
// transaction because of others', or has misread a trigger, all is done again, for half a minute.
// Requires: a session that the triggers know as emplace's. Throws StoreError, also if there is no
// clock; nothing is done then.
void write_clocked(SqlConnection& connection, const std::function<std::string()>& work);

}  // namespace emplace::store
