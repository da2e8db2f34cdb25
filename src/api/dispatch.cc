#include "api/dispatch.h"

#include <algorithm>

#include "api/accept.h"
#include "api/forwarded.h"
#include "api/routes.h"
#include "api/target.h"
#include "base/text.h"

namespace emplace::api {
namespace {

std::string_view path_of(const Request& request) {
  return request.target.substr(0, request.target.find('?'));
}

std::string_view query_of(const Request& request) {
  const auto mark = request.target.find('?');
  return mark == std::string_view::npos ? std::string_view() : request.target.substr(mark + 1);
}

std::vector<std::string_view> header_values(const Request& request, std::string_view name) {
  std::vector<std::string_view> values;
  for (const auto& [key, value] : request.headers) {
    if (same_ignoring_case(key, name)) {
      values.push_back(value);
    }
  }
  return values;
}

ErrorContext error_context(const Exchange& exchange) {
  return {exchange.version, exchange.request.method, exchange.request.header("accept"),
          exchange.request.header("content-type"), exchange.request_id};
}

struct Match {
  const Route* route = nullptr;
  std::vector<std::string> values;
};

std::optional<Match> find_route(std::string_view path) {
  for (const auto& route : routes()) {
    if (auto values = match_path(route.path, path)) return Match{&route, std::move(*values)};
  }
  return std::nullopt;
}

const Operation* find_operation(const Route& route, std::string_view method) {
  for (const auto& operation : route.operations) {
    if (operation.method == method) return &operation;
  }
  return nullptr;
}

std::string allowed_methods(const Route& route) {
  std::string methods;
  for (const auto& operation : route.operations) {
    methods += (methods.empty() ? "" : ", ") + std::string(operation.method);
  }
  return methods;
}

Result<void> check_headers(const Operation& operation, const Call& call) {
  const bool wants_body = operation.takes_body && (operation.bodiless_from == Feature::always ||
                                                   !call.has(operation.bodiless_from));
  if (wants_body) {
    const auto header = call.request.header("content-type");
    auto type = header.substr(0, header.find(';'));
    type = type.substr(0, type.find_last_not_of(" \t") + 1);
    if (type != "application/json") {
      return fail(Reason::unsupported_media_type,
                  "The media type " + std::string(type.empty() ? "None" : type.substr(0, 100)) +
                      " is not supported, use application/json");
    }
  }
  if (operation.checks_accept && welcome(call.request.header("accept"), "application/json") == 0) {
    return fail(Reason::not_acceptable, "Only application/json is provided");
  }
  return {};
}

Result<void> check_version(const Operation& operation, const Call& call) {
  if (call.has(operation.since)) return {};
  return fail(operation.method_came_later ? Reason::method_not_allowed : Reason::not_found, "");
}

// What the caller may reach by this operation; forbidden if that is nothing, whatever the object.
Result<Access> access_to(const Operation& operation, const Call& call, const Surroundings& around) {
  if (operation.rule.empty()) return Access();
  switch (around.rules->verdict(operation.rule, call.identity)) {
    case policy::Verdict::always:
      return Access();
    case policy::Verdict::never:
      return forbidden(operation.rule);
    case policy::Verdict::depends:
      break;
  }
  if (operation.object != Object::none) return Access(around.rules, call.identity, operation.rule);
  if (around.rules->allows(operation.rule, call.identity, {})) return Access();
  return forbidden(operation.rule);
}

// What the caller would touch by this operation, as far as the path says.
Touched touched_by_path(const Operation& operation, const Call& call) {
  const bool is_provider = operation.object == Object::provider;
  if (!is_provider && operation.object != Object::consumer) return {};
  const auto uuid = Uuid::parse(call.path[0]);
  if (!uuid) return {};
  return is_provider ? Touched{{*uuid}, {}} : Touched{{}, {*uuid}};
}

// The World without what the caller may not touch; none if it may touch all of this.
std::optional<NarrowedWorld> narrowed(Object object, const Access& access, const World& world,
                                      const Touched& touched) {
  const bool is_claim = object == Object::consumer || object == Object::consumers;
  return is_claim ? access.narrowed_for_claims(world, touched)
                  : access.narrowed(world, touched.providers);
}

// The same write, by a caller who may not touch everything: what it may not touch is missing for
// the planner, which so refuses it in the words for what is not there.
Write guarded(Write write, Object object, const Access& access, Touched touched) {
  const auto add = [](std::vector<Uuid>& all, const std::vector<Uuid>& more) {
    all.insert(all.end(), more.begin(), more.end());
  };
  add(touched.providers, write.touched.providers);
  add(touched.consumers, write.touched.consumers);
  write.plan = [object, access, touched = std::move(touched), plan = std::move(write.plan)](
                   const World& tip, Time now) -> Result<ChangeSet> {
    const auto known = narrowed(object, access, tip, touched);
    if (!known) return plan(tip, now);
    auto changes = plan(known->world, now);
    if (!changes) return changes;
    return tl::unexpected(known->refusal);
  };
  return write;
}

// The handler's outcome for a caller who may not touch everything. Handlers of lists and of
// consumers leave out by themselves what the caller may not see.
Result<Outcome> limited_answer(const Operation& operation, const Call& call) {
  auto touched = touched_by_path(operation, call);
  std::optional<NarrowedWorld> known;
  if (operation.object == Object::provider) {
    known = call.access.narrowed(call.world, touched.providers);
  }
  auto outcome = TRY(operation.handler(known ? call.on(known->world) : call));
  if (auto* write = std::get_if<Write>(&outcome)) {
    return guarded(std::move(*write), operation.object, call.access, std::move(touched));
  }
  return outcome;
}

constexpr std::size_t worth_keeping_bytes = 2048;

Result<Outcome> answer(const Operation& operation, const Call& call, AnswerCache* cache) {
  if (!call.access.unlimited()) return limited_answer(operation, call);
  if (!cache || operation.method != "GET") return operation.handler(call);
  std::string key = call.version.str() + " " + std::string(call.request.target);
  if (const auto kept = cache->find(key)) return *kept;
  auto outcome = TRY(operation.handler(call));
  auto* response = std::get_if<Response>(&outcome);
  if (response && response->body.size() >= worth_keeping_bytes) {
    response->shared_body = std::make_shared<const std::string>(std::move(response->body));
    response->body.clear();
    cache->keep(std::move(key), std::make_shared<const Response>(*response));
  }
  return outcome;
}

Result<Outcome> run(const Operation& operation, Call& call, const Surroundings& around) {
  if (operation.checks_headers_first) CHECK_OK(check_headers(operation, call));
  CHECK_OK(check_version(operation, call));
  if (!operation.checks_headers_first) CHECK_OK(check_headers(operation, call));
  call.access = TRY(access_to(operation, call, around));
  return answer(operation, call, around.cache);
}

bool is_plain_host(std::string_view host) {
  return !host.empty() && host.size() <= 255 &&
         std::all_of(host.begin(), host.end(), [](unsigned char c) {
           return std::isalnum(c) || c == '.' || c == '-' || c == '_' || c == ':' || c == '[' ||
                  c == ']';
         });
}

// The absolute form of a path, as upstream's Location headers have it; the path alone where no
// usable Host came.
std::string absolute(const std::string& path, const Request& request, const Settings& settings) {
  auto host = request.header("host");
  std::string_view scheme = request.secure ? "https" : "http";
  if (settings.trust_proxy_headers) {
    const auto forwarded = forwarded_by_proxy(request);
    if (is_plain_host(forwarded.host)) host = forwarded.host;
    if (forwarded.scheme == "https" || forwarded.scheme == "http") scheme = forwarded.scheme;
  }
  if (!is_plain_host(host)) return path;
  return std::string(scheme) + "://" + std::string(host) + path;
}

void add_line(std::string& lines, std::string_view name, std::string_view value) {
  lines.append(name).append(": ");
  for (const char c : value)
    lines += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  lines += "\r\n";
}

}  // namespace

bool is_open(const Request& request) {
  const auto path = path_of(request);
  return path == "/" || path.empty();
}

Response refuse(const Exchange& exchange, const Failure& failure) {
  return error_response(failure, error_context(exchange));
}

Outcome dispatch(Exchange& exchange, const Identity* identity, const Surroundings& around) {
  static const Identity nobody;
  const Request& request = exchange.request;
  const auto version = parse_microversion(header_values(request, "openstack-api-version"));
  if (!version) return refuse(exchange, version.error());
  exchange.version = *version;

  if (!request.body.empty() && request.header("content-type").empty()) {
    // Upstream refuses this outside of its handlers: no Vary.
    auto response = refuse(
        exchange, {Reason::bad_request, "content-type header required when content-length > 0"});
    response.vary = false;
    return response;
  }
  auto match = find_route(path_of(request));
  if (!match) return refuse(exchange, {Reason::no_such_resource, ""});
  if (!std::all_of(match->values.begin(), match->values.end(), is_utf8)) {
    return refuse(exchange, {Reason::bad_request, "The path of the URL is not UTF-8."});
  }
  const Operation* operation = find_operation(*match->route, request.method);
  if (!operation) {
    auto response = refuse(exchange, {Reason::method_not_allowed,
                                      "The method specified is not allowed for this resource."});
    response.allow = allowed_methods(*match->route);
    return response;
  }
  exchange.rule = operation->rule;
  Call call{.request = request,
            .version = *version,
            .identity = identity ? *identity : nobody,
            .world = around.world,
            .settings = around.settings,
            .now = around.now,
            .rule = operation->rule,
            .random = around.random,
            .path = std::move(match->values),
            .query_text = query_of(request)};
  auto outcome = run(*operation, call, around);
  if (!outcome) return refuse(exchange, outcome.error());
  return std::move(*outcome);
}

std::string header_lines(const Exchange& exchange, const Response& response,
                         const Settings& settings) {
  std::string lines;
  lines.reserve(320);
  if (response.shared_body || !response.body.empty()) {
    lines.append("Content-Type: ").append(response.content_type).append("\r\n");
  }
  if (!response.location.empty()) {
    add_line(lines, "Location", absolute(response.location, exchange.request, settings));
  }
  if (!response.allow.empty()) add_line(lines, "Allow", response.allow);
  if (response.status == 401 && !settings.challenge.empty()) {
    add_line(lines, "WWW-Authenticate", settings.challenge);
  }
  if (response.status == 503) lines += "Retry-After: 1\r\n";
  if (exchange.version) {
    if (exchange.version->minor >= static_cast<int>(Feature::last_modified)) {
      if (response.last_modified) {
        lines.append("Last-Modified: ").append(http_date(*response.last_modified)).append("\r\n");
      }
      if (response.last_modified || response.no_cache) lines += "Cache-Control: no-cache\r\n";
    }
    lines.append("OpenStack-API-Version: placement ")
        .append(exchange.version->str())
        .append("\r\n");
    if (response.vary) lines += "Vary: openstack-api-version\r\n";
  }
  lines.append("X-Openstack-Request-Id: ").append(exchange.request_id).append("\r\n");
  return lines;
}

}  // namespace emplace::api
