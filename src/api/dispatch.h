// From a request to an outcome: version, route, headers, policy, handler, in upstream's order.
#pragma once

#include <variant>

#include "api/call.h"
#include "api/errors.h"

namespace emplace::api {

// A request on its way. Kept by the caller until the answer is made.
struct Exchange {
  Request request;
  std::string request_id;                // "req-…"
  std::optional<Microversion> version;   // once known
};

// True for what needs no identity: GET / alone.
bool is_open(const Request& request);

// Everything up to an answer or a write; failures are answers already. `exchange.version` is set.
Outcome dispatch(Exchange& exchange, const Identity* identity, const policy::RuleSet& rules,
                 const World& world, const Settings& settings, Time now, std::uint64_t random);

// A failure as an answer, for this exchange.
Response refuse(const Exchange& exchange, const Failure& failure);

// The lines of an answer's head that come from the API: Content-Type, OpenStack-API-Version, Vary,
// Last-Modified, Cache-Control, Location, Allow, X-Openstack-Request-Id. Each ended by CR LF.
std::string header_lines(const Exchange& exchange, const Response& response, const Settings& settings);

}  // namespace emplace::api
