// For tests with a database server: the empty database that EMPLACE_TEST_DATABASE names.
#pragma once

#include <cstdlib>
#include <memory>
#include <stdexcept>

#include "store/sql/connect.h"

namespace emplace::store {

inline DatabaseUrl test_database() {
  const char* url = std::getenv("EMPLACE_TEST_DATABASE");
  if (url == nullptr || *url == '\0') {
    throw std::runtime_error(
        "these tests need a database server: set EMPLACE_TEST_DATABASE to the URL of an empty "
        "database, such as mysql+pymysql://USER:PASSWORD@127.0.0.1/TEST");
  }
  auto parsed = parse_database_url(url);
  if (!parsed) throw std::runtime_error("EMPLACE_TEST_DATABASE: " + parsed.error().detail);
  if (parsed->engine == Engine::sqlite) {
    throw std::runtime_error("EMPLACE_TEST_DATABASE names SQLite, which has no server");
  }
  return *parsed;
}

inline std::unique_ptr<SqlConnection> connect_to_test_database(const SessionOptions& options = {}) {
  return connect(test_database(), options);
}

}  // namespace emplace::store
