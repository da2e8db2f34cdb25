// Statements for MariaDB with their values written into them: what is sent without preparing it.
#pragma once

#include <string>

#include "store/sql/connection.h"

namespace emplace::store {

// The text with a literal for each `?`, which reads the same under every sql_mode. Doubles keep all
// their digits. Text that is no UTF-8 becomes a binary string.
// Throws SqlError: refused for a double that is no finite number, other if the values are not as
// many as the `?`. A statement without values stays as it is.
std::string with_literals(const SqlStatement& statement);

}  // namespace emplace::store
