// The line to a PostgreSQL server: connecting, sending and receiving without ever waiting longer
// than allowed, and errors in words.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>

#include <libpq-fe.h>

#include "store/postgresql/settings.h"
#include "store/sql/connection.h"

namespace emplace::store {

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using PostgresqlResult = std::unique_ptr<PGresult, ClearResult>;

class PostgresqlSession {
 public:
  // Connects and sets the session up. Throws SqlError.
  PostgresqlSession(const DatabaseUrl& url, const SessionOptions& options);

  const std::string& description() const { return description_; }
  // For what libpq queues for sending. Throws SqlError (lost) if the connection is over.
  PGconn* line();
  // `queued`: what a function of libpq said that queues something: 0 is failure.
  void check_queued(int queued);
  // Sends all that is queued, and takes in what comes meanwhile, so that a server that waits for us
  // to read never makes us wait for it to read.
  void flush();
  // The next result, or nothing at the end of those of a statement.
  PostgresqlResult next();
  // What a result says is wrong. If it is the end of the connection, it is closed.
  SqlError error_of(const PGresult* result);
  // Closes the connection, so that the server lets go of what the session holds, and throws.
  [[noreturn]] void lose(const std::string& why);

 private:
  void open(const std::map<std::string, std::string>& parameters, std::chrono::seconds timeout);
  // Waits for the events of poll(); those that have come.
  short wait(short events);

  struct Finish {
    void operator()(PGconn* line) const { PQfinish(line); }
  };
  std::unique_ptr<PGconn, Finish> line_;
  std::chrono::milliseconds answer_timeout_;
  std::string description_;
};

}  // namespace emplace::store
