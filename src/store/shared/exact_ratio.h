// Allocation ratios on MariaDB, where upstream's column is a FLOAT.
#pragma once

#include <string>

namespace emplace::store {

// What a FLOAT column that was given `ratio` reads as: six significant digits, as MariaDB and MySQL
// write them.
std::string float_column_text(double ratio);
// Whether that text is this very ratio.
bool float_column_keeps(double ratio);

}  // namespace emplace::store
