#include "api/target.h"

#include <algorithm>

#include "base/text.h"

namespace emplace::api {

Result<QueryParameters> parse_query(std::string_view text) {
  QueryParameters parameters;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of("&;"), text.size());
    const auto item = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (item.empty()) continue;
    const auto equals = std::min(item.find('='), item.size());
    auto& parameter = parameters.emplace_back(
        percent_decoded(item.substr(0, equals), true),
        percent_decoded(item.substr(std::min(equals + 1, item.size())), true));
    if (!is_utf8(parameter.first) || !is_utf8(parameter.second)) {
      return fail(Reason::bad_request, "Invalid query string parameters: not UTF-8.");
    }
  }
  return parameters;
}

std::optional<std::vector<std::string>> match_path(std::string_view route, std::string_view path) {
  std::vector<std::string> values;
  while (true) {
    const auto placeholder = route.find("{}");
    const auto fixed = route.substr(0, placeholder);
    if (!path.starts_with(fixed)) return std::nullopt;
    path.remove_prefix(fixed.size());
    if (placeholder == std::string_view::npos) {
      return path.empty() ? std::optional(std::move(values)) : std::nullopt;
    }
    route.remove_prefix(placeholder + 2);
    const auto value = path.substr(0, path.find('/'));
    if (value.empty()) return std::nullopt;
    values.push_back(percent_decoded(value, false));
    path.remove_prefix(value.size());
  }
}

}  // namespace emplace::api
