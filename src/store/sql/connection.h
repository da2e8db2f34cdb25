// A session with a database server, as shared stores use it: many statements in one round trip. One
// thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "store/sql/source.h"
#include "store/store.h"

namespace emplace::store {

// The kinds of databases; MariaDB stands for MySQL too.
enum class Engine { sqlite, mariadb, postgresql };

// What went wrong, as far as it matters for what is to be done next.
enum class SqlFault {
  lost,         // the connection, or its time is over: what was sent may have been done or not
  unavailable,  // the server can't now: it starts or stops, is read-only, has no quorum, is full
  conflict,     // deadlock, lock wait, serialization, certification: the transaction is undone, or
                // must be; the same again may work at once
  refused,      // a constraint or a value: the same again will never work
  other
};

class SqlError : public StoreError {
 public:
  // `code`: the server's own, such as 1213 or 40P01. The message names the server and what it says,
  // never a password.
  SqlError(SqlFault what, std::string server_code, const std::string& message)
      : StoreError(message), fault(what), code(std::move(server_code)) {}
  SqlFault fault;
  std::string code;
};

using SqlValue = std::variant<std::nullptr_t, std::int64_t, double, std::string>;

// One statement with a `?` for each value, and no other `?`. Values are bound or escaped by the
// driver, so they may be anything.
struct SqlStatement {
  std::string text;
  std::vector<SqlValue> values = {};
};

struct SqlResult {
  // Rows that an UPDATE or DELETE matched (also where it changed nothing), or an INSERT made.
  std::int64_t rows = 0;
  std::int64_t inserted_id = 0;        // MariaDB: the AUTO_INCREMENT of an INSERT's first row
  std::unique_ptr<SqlRows> data = {};  // of a SELECT or RETURNING: all of them, in memory
};

class SqlConnection : public SqlSource {
 public:
  virtual Engine engine() const = 0;
  // Such as "MariaDB at 10.0.0.5:3306, database placement": for the log.
  virtual std::string description() const = 0;
  // Sends all statements at once and waits for all answers; throws the SqlError of the first that
  // failed. On MariaDB the ones after it may have run all the same: what changes anything belongs
  // into a transaction, and COMMIT never into the same call as what it is to commit. On PostgreSQL
  // what one call runs outside of a transaction is one by itself.
  virtual std::vector<SqlResult> run(const std::vector<SqlStatement>& statements) = 0;

  SqlResult run_one(SqlStatement statement) {
    std::vector<SqlStatement> one;
    one.push_back(std::move(statement));
    return std::move(run(one).front());
  }
};

}  // namespace emplace::store
