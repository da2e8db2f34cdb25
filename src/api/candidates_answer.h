// What GET /allocation_candidates found, as JSON: the shape of each microversion. This is the
// largest answer and the most wanted one, so it is put together from ready-made text.
#pragma once

#include <string>

#include "api/call.h"
#include "candidates/query.h"
#include "candidates/search.h"

namespace emplace::api {

std::string candidates_json(const Call& call, const candidates::Query& query,
                            const candidates::Found& found);

}  // namespace emplace::api
