#include "api/dispatch.h"

#include <algorithm>

#include "api/accept.h"
#include "api/conditions.h"
#include "api/forwarded.h"
#include "api/guard.h"
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

constexpr std::size_t worth_keeping_bytes = 2048;

Result<Outcome> ask(const Operation& operation, const Call& call, AnswerCache* cache) {
  if (!cache || operation.method != "GET" || !call.access.unlimited()) {
    return handle(operation, call);
  }
  std::string key = call.version.str() + " " + std::string(call.request.target);
  if (const auto kept = cache->find(key)) return *kept;
  auto outcome = TRY(operation.handler(call));
  auto* response = std::get_if<Response>(&outcome);
  if (response && response->body.size() >= worth_keeping_bytes) {
    response->shared_body = std::make_shared<const std::string>(std::move(response->body));
    response->body.clear();
    if (operation.has_etag) add_etag(*response);
    cache->keep(std::move(key), std::make_shared<const Response>(*response));
  }
  return outcome;
}

Result<Outcome> run(const Route& route, const Operation& operation, Call& call,
                    AnswerCache* cache) {
  if (operation.checks_headers_first) CHECK_OK(check_headers(operation, call));
  CHECK_OK(check_version(operation, call));
  if (!operation.checks_headers_first) CHECK_OK(check_headers(operation, call));
  call.access = TRY(access_to(operation, call));
  auto outcome = TRY(ask(operation, call, cache));
  return with_preconditions(route, operation, call, std::move(outcome));
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
  const auto version = parse_microversion(request.header_values("openstack-api-version"));
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
  const Operation* operation = match->route->find(request.method);
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
            .query_text = query_of(request),
            .rules = around.rules};
  auto outcome = run(*match->route, *operation, call, around.cache);
  if (!outcome) return refuse(exchange, outcome.error());
  return std::move(*outcome);
}

std::string header_lines(const Exchange& exchange, const Response& response,
                         const Settings& settings, Time now) {
  std::string lines;
  lines.reserve(320);
  if (response.shared_body || !response.body.empty()) {
    append_header_line(lines, "Content-Type", response.content_type);
  }
  if (!response.location.empty()) {
    append_header_line(lines, "Location", absolute(response.location, exchange.request, settings));
  }
  if (!response.allow.empty()) append_header_line(lines, "Allow", response.allow);
  if (response.status == 401 && !settings.challenge.empty()) {
    append_header_line(lines, "WWW-Authenticate", settings.challenge);
  }
  if (!response.etag.empty()) append_header_line(lines, "ETag", response.etag);
  if (response.status == 503) lines += "Retry-After: 1\r\n";
  if (exchange.version) {
    if (exchange.version->minor >= static_cast<int>(Feature::last_modified)) {
      if (response.last_modified) {
        // Not later than Date, whatever clock wrote the database (RFC 9110, 8.8.2.1).
        append_header_line(lines, "Last-Modified",
                           http_date(std::min(*response.last_modified, now)));
      }
      if (response.last_modified || response.no_cache) lines += "Cache-Control: no-cache\r\n";
    }
    append_header_line(lines, "OpenStack-API-Version", "placement " + exchange.version->str());
    if (response.vary) lines += "Vary: openstack-api-version\r\n";
  }
  append_header_line(lines, "X-Openstack-Request-Id", exchange.request_id);
  return lines;
}

}  // namespace emplace::api
