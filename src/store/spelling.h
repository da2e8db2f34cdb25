// The spellings of UUIDs that a database may hold: upstream stores many a text that is none.
#pragma once

#include <optional>
#include <string_view>

#include "base/uuid.h"

namespace emplace::store {

// Only for the one spelling that Uuid::str() gives.
std::optional<Uuid> canonical_uuid(std::string_view text);
// Any spelling of a UUID, and for what is none derived_uuid().
Uuid uuid_spelled(std::string_view text);
// A UUID that stands for a text, the same each time (version 8, RFC 9562).
Uuid derived_uuid(std::string_view text);

}  // namespace emplace::store
