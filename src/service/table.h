// Tables for a terminal, in the form that operators know from upstream's commands.
#pragma once

#include <string>
#include <vector>

namespace emplace::service {

// Rows of cells, the first of them the heading; cells may have several lines. `lined`: a line
// between all rows, and cells to the left; else cells stand in the middle.
std::string table(const std::vector<std::vector<std::string>>& rows, bool lined);

}  // namespace emplace::service
