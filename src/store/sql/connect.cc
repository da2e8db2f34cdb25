#include "store/sql/connect.h"

#include "store/mariadb/connection.h"

namespace emplace::store {

std::unique_ptr<SqlConnection> connect(const DatabaseUrl& url, const SessionOptions& options) {
  return std::make_unique<MariadbConnection>(url, options);
}

std::vector<std::string> warnings_about(const DatabaseUrl&) {
  return {};
}

}  // namespace emplace::store
