// The inventory object of request bodies.
#pragma once

#include "json/reader.h"
#include "model/records.h"

namespace emplace::api {

// Members that are left out have their defaults. Requires: a schema has seen to types and ranges.
InventoryValues decode_inventory(const json::Value& body);

}  // namespace emplace::api
