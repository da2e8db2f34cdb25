#include "api/cors.h"

#include <algorithm>

#include "base/text.h"

namespace emplace::api {
namespace {

constexpr std::string_view simple_headers[] = {
    "accept",           "accept-language", "content-type",  "cache-control",
    "content-language", "expires",         "last-modified", "pragma"};

bool contains(const std::vector<std::string>& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

// The origin to allow: the request's own, "*", or empty.
std::string_view allowed_origin(const CorsSettings& settings, const Request& request) {
  const auto origin = request.header("origin");
  if (origin.empty()) return {};
  if (contains(settings.allowed_origins, origin)) return origin;
  return contains(settings.allowed_origins, "*") ? "*" : std::string_view();
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> items;
  while (!text.empty()) {
    const auto end = std::min(text.find(','), text.size());
    auto item = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    item.remove_prefix(std::min(item.find_first_not_of(" \t"), item.size()));
    item = item.substr(0, item.find_last_not_of(" \t") + 1);
    if (!item.empty()) items.push_back(item);
  }
  return items;
}

template <class List>
std::string joined(const List& items) {
  std::string text;
  for (const auto& item : items)
    text.append(text.empty() ? "" : ",").append(item);
  return text;
}

bool may_send(const CorsSettings& settings, std::string_view header) {
  const auto same = [&](std::string_view allowed) { return same_ignoring_case(allowed, header); };
  return std::any_of(settings.allow_headers.begin(), settings.allow_headers.end(), same) ||
         std::any_of(std::begin(simple_headers), std::end(simple_headers), same);
}

void add(std::string& lines, std::string_view name, std::string_view value) {
  append_header_line(lines, "Access-Control-" + std::string(name), value);
}

std::string origin_lines(const CorsSettings& settings, std::string_view origin) {
  std::string lines = "Vary: Origin\r\n";
  add(lines, "Allow-Origin", origin);
  if (settings.allow_credentials) add(lines, "Allow-Credentials", "true");
  return lines;
}

}  // namespace

std::string cors_header_lines(const CorsSettings& settings, const Request& request) {
  const auto origin = allowed_origin(settings, request);
  if (origin.empty()) return {};
  std::string lines = origin_lines(settings, origin);
  if (!settings.expose_headers.empty()) {
    add(lines, "Expose-Headers", joined(settings.expose_headers));
  }
  return lines;
}

std::string preflight_header_lines(const CorsSettings& settings, const Request& request) {
  const auto origin = allowed_origin(settings, request);
  const auto method = request.header("access-control-request-method");
  const auto headers = split(request.header("access-control-request-headers"));
  if (origin.empty() || !contains(settings.allow_methods, method)) return {};
  for (const auto header : headers) {
    if (!may_send(settings, header)) return {};
  }
  std::string lines = origin_lines(settings, origin);
  if (settings.max_age_s > 0) add(lines, "Max-Age", std::to_string(settings.max_age_s));
  add(lines, "Allow-Methods", method);
  if (!headers.empty()) add(lines, "Allow-Headers", joined(headers));
  return lines;
}

}  // namespace emplace::api
