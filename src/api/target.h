// A request's target: the path in segments and the query in parameters, percent-decoded.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/call.h"
#include "base/result.h"

namespace emplace::api {

// Parameters in order, separated by `&` or `;`; a name alone has an empty value.
// bad_request if one is not UTF-8.
Result<QueryParameters> parse_query(std::string_view text);

// Matches a path ("/traits/CUSTOM_A") with a route's ("/traits/{}"): the decoded values of its
// parameters, or nothing.
std::optional<std::vector<std::string>> match_path(std::string_view route, std::string_view path);

}  // namespace emplace::api
