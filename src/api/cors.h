// Cross-origin requests (the Fetch standard's CORS protocol), as oslo.middleware's CORS does it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/call.h"

namespace emplace::api {

struct CorsSettings {
  std::vector<std::string> allowed_origins;  // "*": any; empty: CORS is off
  bool allow_credentials = true;
  std::vector<std::string> expose_headers, allow_methods, allow_headers;
  std::int64_t max_age_s = 3600;  // 0: not told
};

// The header lines to add to an answer; empty where CORS is off or the origin is not allowed.
std::string cors_header_lines(const CorsSettings& settings, const Request& request);
// The same for an OPTIONS request, which is answered 200 without a body whatever it names.
std::string preflight_header_lines(const CorsSettings& settings, const Request& request);

}  // namespace emplace::api
