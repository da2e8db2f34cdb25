// The query string of GET /allocation_candidates as the question that candidates/ answers.
#pragma once

#include "api/call.h"
#include "candidates/query.h"

namespace emplace::api {

// Checks the parameters as the call's microversion has them, in upstream's order and words.
// Failures: bad_request, bad_query_value, missing_query_value, duplicate_query_key.
Result<candidates::Query> parse_candidates_query(const Call& call,
                                                 const QueryParameters& parameters);

}  // namespace emplace::api
