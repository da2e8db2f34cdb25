// How a connection to MariaDB or MySQL is to be made, out of a URL with the parameters of PyMySQL
// and mysqlclient. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "store/sql/connect.h"
#include "store/sql/database_url.h"

namespace emplace::store {

struct MariadbSettings {
  // TCP to `host`, or the socket; with `defaults_file` all may be empty or 0: it says which.
  std::string host, socket;
  std::uint16_t port = 0;
  unsigned connect_timeout_s = 0, read_timeout_s = 0, write_timeout_s = 0;
  std::string defaults_file, defaults_group;
  bool tls = false;                // it is demanded
  bool verify_host = false;        // the certificate is for the host's name
  std::string ca_file, ca_folder;  // any: the server's certificate is verified
  std::string certificate_file, key_file, ciphers;
};

// Throws SqlError (other) for a parameter's value that makes no sense.
MariadbSettings mariadb_settings(const DatabaseUrl& url, const SessionOptions& options);
// The parameters that have no effect.
std::vector<std::string> unused_mariadb_parameters(const DatabaseUrl& url);

struct SessionStatement {
  std::string text;
  // Whether a server that lacks the variable is good enough.
  bool optional = false;
};
// What makes a new session one as connect() promises, but for the character set of literals, which
// must be utf8mb4 already. `mariadb`: false for MySQL.
std::vector<SessionStatement> mariadb_session(const SessionOptions& options, bool mariadb);

}  // namespace emplace::store
