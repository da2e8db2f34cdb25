// What a handler gets (Call) and gives (Outcome). Pure: no socket, no clock, no store.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "api/access.h"
#include "api/microversion.h"
#include "base/result.h"
#include "base/time.h"
#include "json/reader.h"
#include "model/world.h"
#include "policy/policy.h"

namespace emplace::json {
class Schema;
}

namespace emplace::api {

// One HTTP request, as far as the API cares.
struct Request {
  std::string_view method, target, body;
  std::vector<std::pair<std::string_view, std::string_view>> headers;
  bool secure = false;
  std::string_view header(std::string_view name) const;  // null data: absent; name in any case
  std::vector<std::string_view> header_values(std::string_view name) const;  // of all such lines
};

// Limits and options that change answers.
struct Settings {
  std::string incomplete_project_id, incomplete_user_id;
  bool randomize_candidates = false;
  bool breadth_first = false;
  std::int64_t candidates_max = -1;
  std::uint64_t search_work_max = 0;
  json::Limits json;  // of bodies
  std::size_t query_groups_max = 128, query_values_max = 1000;
  bool trust_proxy_headers = false;
  std::string challenge;  // WWW-Authenticate of a 401 (RFC 9110, 11.6.1); empty: none
  Time started{};         // when this process began to serve
};

// A query string's parameters, decoded, in order. `;` separates like `&`.
using QueryParameters = std::vector<std::pair<std::string, std::string>>;

struct Response {
  unsigned status = 200;
  std::string body;                                // JSON, unless content_type says else
  std::shared_ptr<const std::string> shared_body;  // instead of body, if set
  std::string_view content_type = "application/json";
  std::optional<Time> last_modified;  // shown with Cache-Control: no-cache, from 1.15
  bool no_cache = false;              // Cache-Control alone, from 1.15
  std::string etag;                   // with its quotes; empty: none
  // What is shown stands for something that is not there: the allocations of a consumer that has
  // none. `*` in a precondition does not count it.
  bool is_placeholder = false;
  std::string location;  // a path, such as /traits/CUSTOM_A; made absolute later
  std::string allow;
  bool vary = true;
  // What an answer to a failure was made from; not for the client.
  std::optional<Failure> failure;
  std::string_view error_code;  // empty: none of its own
};

// A write, to be put in the Ledger's line.
struct Write {
  // Checks and plans, on the tip.
  std::function<Result<ChangeSet>(const World& tip, Time now)> plan;
  // The answer, from the World right after the write.
  std::function<Response(const World& after)> answer;
  // What it touches beside the object of its path.
  Touched touched = {};
};

using Outcome = std::variant<Response, Write>;

struct Call {
  const Request& request;
  Microversion version;
  const Identity& identity;
  const World& world;
  const Settings& settings;
  Time now;
  std::string_view rule;          // the operation's policy rule
  std::uint64_t random = 0;       // a fresh random number
  std::vector<std::string> path;  // the values of the route's {parameters}, decoded
  std::string_view query_text;    // what stands after the `?`, not decoded
  // The rules in force, and what they let the caller reach by the operation's rule.
  std::shared_ptr<const policy::RuleSet> rules = nullptr;
  Access access = {};

  bool has(Feature feature) const { return version.minor >= static_cast<int>(feature); }
  // The parameters, or bad_request if they are not UTF-8 or too many.
  Result<QueryParameters> query() const;
  // The body as JSON, checked by a schema.
  Result<json::Value> body(const json::Schema& schema) const;
  // The same call on another World.
  Call on(const World& other) const;
};

// The refusal by a policy rule.
tl::unexpected<Failure> forbidden(std::string_view rule);

using Handler = Result<Outcome> (*)(const Call&);

}  // namespace emplace::api
