#include "store/sql/connect.h"

#include <stdexcept>

#include "store/mariadb/connection.h"
#include "store/postgresql/connection.h"

namespace emplace::store {
namespace {

std::vector<std::string> unused_parameters(const DatabaseUrl& url) {
  switch (url.engine) {
    case Engine::mariadb:
      return unused_mariadb_parameters(url);
    case Engine::postgresql:
      return unused_postgresql_parameters(url);
    case Engine::sqlite:
      break;
  }
  std::vector<std::string> all;
  for (const auto& [name, value] : url.parameters)
    all.push_back(name);
  return all;
}

}  // namespace

std::unique_ptr<SqlConnection> connect(const DatabaseUrl& url, const SessionOptions& options) {
  switch (url.engine) {
    case Engine::mariadb:
      return std::make_unique<MariadbConnection>(url, options);
    case Engine::postgresql:
      return std::make_unique<PostgresqlConnection>(url, options);
    case Engine::sqlite:
      break;
  }
  throw std::logic_error("SQLite has no server to connect to");
}

std::vector<std::string> warnings_about(const DatabaseUrl& url) {
  std::vector<std::string> warnings;
  for (const auto& name : unused_parameters(url)) {
    warnings.push_back("[placement_database] connection: the parameter " + name +
                       " has no effect here");
  }
  return warnings;
}

}  // namespace emplace::store
