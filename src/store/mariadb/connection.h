// A session with MariaDB or MySQL: statements are sent one after another without waiting for their
// answers, which come in the same order.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <mysql.h>

#include "store/mariadb/settings.h"
#include "store/sql/connection.h"

namespace emplace::store {

class MariadbConnection final : public SqlConnection {
 public:
  // As connect() of store/sql/connect.h.
  MariadbConnection(const DatabaseUrl& url, const SessionOptions& options);

  Engine engine() const override { return Engine::mariadb; }
  std::string description() const override { return description_; }
  std::vector<SqlResult> run(const std::vector<SqlStatement>& statements) override;
  std::unique_ptr<SqlRows> query(const std::string& sql) override;

 private:
  friend class MariadbStream;

  struct Answer {
    SqlResult result;
    unsigned error = 0;  // the number; 0: none
    std::string message;
  };

  void open(const DatabaseUrl& url, const MariadbSettings& settings);
  void set_up(const SessionOptions& options);
  // One answer for each text; after an error, if `stop`, fewer.
  std::vector<Answer> exchange(const std::vector<std::string>& texts, bool stop);
  Answer receive();
  Answer failed() const;
  [[noreturn]] void throw_error(unsigned number, const std::string& message) const;
  void check_free() const;

  struct Close {
    void operator()(MYSQL* session) const { mysql_close(session); }
  };
  std::unique_ptr<MYSQL, Close> session_;
  std::string description_;
  std::size_t text_size_max_ = 0;  // what the server takes
  bool streaming_ = false;         // rows of query() are not all read
};

}  // namespace emplace::store
