// The live tables against those of the model.
#pragma once

#include <string>
#include <vector>

#include "store/schema/live.h"
#include "store/schema/model.h"

namespace emplace::store {

// A sentence for each difference, in the order of the tables; none: they are alike. What the tables
// have beyond the model is one too, tables beyond it are not. Unnamed keys are told by what they
// hold.
std::vector<std::string> differences(const Tables& expected, const LiveSchema& live, Engine engine);

// MariaDB: whether a collation compares byte by byte and pads nothing, in utf8mb4.
bool is_bytewise(const std::string& collation);

}  // namespace emplace::store
