// [placement_database] connection: SQLAlchemy's database URLs, as upstream takes them.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/result.h"
#include "store/sql/connection.h"

namespace emplace::store {

struct DatabaseUrl {
  Engine engine = Engine::sqlite;
  std::string path;  // sqlite: the file; the rest is for servers
  std::string user, password, host, database;
  std::uint16_t port = 0;                         // 0: the engine's usual one
  std::map<std::string, std::string> parameters;  // what stands behind `?`, decoded
};

// sqlite:///…, sqlite+pysqlite:///…, mysql://, mysql+pymysql://, mysql+mysqldb://, mariadb://,
// mariadb+pymysql://, postgresql://, postgresql+psycopg2://, postgres:// . User, password and
// values are percent-decoded. `more`: [placement_database] connection_parameters, a=b&c=d, which
// win. bad_request, with a sentence that never shows the password, for anything else.
Result<DatabaseUrl> parse_database_url(const std::string& url, const std::string& more = {});

}  // namespace emplace::store
