// A session with PostgreSQL: libpq's pipeline mode, with the texts that come again prepared.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "store/postgresql/session.h"
#include "store/postgresql/statements.h"
#include "store/sql/connection.h"

namespace emplace::store {

class PostgresqlConnection final : public SqlConnection {
 public:
  // As connect() of store/sql/connect.h.
  PostgresqlConnection(const DatabaseUrl& url, const SessionOptions& options);

  Engine engine() const override { return Engine::postgresql; }
  std::string description() const override { return session_.description(); }
  // All statements after one that failed are passed over by the server.
  std::vector<SqlResult> run(const std::vector<SqlStatement>& statements) override;
  std::unique_ptr<SqlRows> query(const std::string& sql) override;

 private:
  friend class PostgresqlStream;

  struct Sent {
    enum class What { statement, preparation, deallocation } what = What::statement;
    std::string text = {}, name = {};  // of a preparation
  };

  // What was sent, in order: an answer comes for each.
  std::vector<Sent> send(const std::vector<SqlStatement>& statements,
                         const std::vector<std::string>& texts);
  std::vector<SqlResult> receive(const std::vector<Sent>& sent);
  void end_single_rows();
  void check_free() const;

  PostgresqlSession session_;
  PreparedStatements prepared_;
  bool streaming_ = false;  // rows of query() are not all read
  bool streamed_ = false;   // query() was called since the last run()
};

}  // namespace emplace::store
