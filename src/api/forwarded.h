// What a proxy says of the request that it passes on: RFC 7239, and the headers that came before
// it. To be believed only with [oslo_middleware] enable_proxy_headers_parsing.
#pragma once

#include <string_view>

#include "api/call.h"

namespace emplace::api {

// Each is as the first proxy says; empty if none says it. With a Forwarded header, the older ones
// do not count.
struct Forwarded {
  std::string_view scheme, host;
  std::string_view client;  // an address, perhaps with a port, or a name that hides it
};
Forwarded forwarded_by_proxy(const Request& request);

}  // namespace emplace::api
