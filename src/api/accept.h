// The Accept header (RFC 9110, 12.5.1), as far as the API's few content types need it.
#pragma once

#include <string_view>

namespace emplace::api {

// How welcome a media type is, 0 to 1000. Without a header, or with one that cannot be parsed,
// everything is as welcome (1000).
int welcome(std::string_view accept, std::string_view media_type);

}  // namespace emplace::api
