#pragma once

#include <string>

namespace emplace::store {

// Whom consumers belong to that allocations name but no row describes:
// [placement] incomplete_consumer_project_id and incomplete_consumer_user_id.
struct IncompleteOwner {
  std::string project_id = "00000000-0000-0000-0000-000000000000";
  std::string user_id = "00000000-0000-0000-0000-000000000000";
};

}  // namespace emplace::store
