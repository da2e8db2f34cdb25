// From a request to an outcome: version, route, headers, policy, handler, in upstream's order.
#pragma once

#include <variant>

#include "api/call.h"
#include "api/errors.h"

namespace emplace::api {

// A request on its way. Kept by the caller until the answer is made.
struct Exchange {
  Request request;
  std::string request_id;               // "req-…"
  std::optional<Microversion> version;  // once known
  std::string_view rule = {};           // the operation's policy rule, once known
};

// True for what needs no identity: GET / alone.
bool is_open(const Request& request);

// Answers to GETs, kept for as long as the World stays the same: a read is a function of the World,
// the target and the version alone (and of chance, if so configured: then there is no cache).
class AnswerCache {
 public:
  virtual ~AnswerCache() = default;
  virtual std::shared_ptr<const Response> find(std::string_view key) = 0;
  virtual void keep(std::string key, std::shared_ptr<const Response> response) = 0;
};

// What a request is answered from. The settings and the request outlive a Write's plan.
struct Surroundings {
  std::shared_ptr<const policy::RuleSet> rules;
  const World& world;
  const Settings& settings;
  Time now;
  std::uint64_t random = 0;
  AnswerCache* cache = nullptr;
};

// Everything up to an answer or a write; failures are answers already. `exchange.version` is set.
// Without an identity, only what is_open() may be asked.
Outcome dispatch(Exchange& exchange, const Identity* identity, const Surroundings& around);

// A failure as an answer, for this exchange.
Response refuse(const Exchange& exchange, const Failure& failure);

// The lines of an answer's head that come from the API: Content-Type, OpenStack-API-Version, Vary,
// ETag, Last-Modified, Cache-Control, Location, Allow, WWW-Authenticate, Retry-After,
// X-Openstack-Request-Id. Each ended by CR LF. No value can hold a line break. `now` is what Date
// will say or earlier: nothing was modified later.
std::string header_lines(const Exchange& exchange, const Response& response,
                         const Settings& settings, Time now);

}  // namespace emplace::api
