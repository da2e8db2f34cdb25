// What the error numbers of MariaDB, MySQL and their client library mean.
#pragma once

#include "store/sql/connection.h"

namespace emplace::store {

// Also for errors while a connection is made. An error of the client library (2000 to 2999) that
// is not known is a lost connection.
SqlFault mariadb_fault(unsigned number);

}  // namespace emplace::store
