#include "api/accept.h"

#include <algorithm>
#include <optional>
#include <string>

#include "base/text.h"

namespace emplace::api {
namespace {

constexpr int fully = 1000;

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

// Cuts the part before the separator off the text.
std::string_view take(std::string_view& text, char separator) {
  const auto end = std::min(text.find(separator), text.size());
  const auto part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return trimmed(part);
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) ||
           std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

// "0.8" → 800.
std::optional<int> parse_quality(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
  if (text.size() > 1 && text[1] != '.') return std::nullopt;
  int quality = (text[0] - '0') * fully, weight = 100;
  for (const char digit : text.substr(std::min<std::size_t>(2, text.size()))) {
    if (digit < '0' || digit > '9') return std::nullopt;
    quality += (digit - '0') * weight;
    weight /= 10;
  }
  return quality <= fully ? std::optional(quality) : std::nullopt;
}

struct Range {
  std::string type, subtype;
  bool has_parameters = false;
  int quality = fully;

  // The more specific a match, the more it counts; 0: none.
  int match(std::string_view wanted_type, std::string_view wanted_subtype) const {
    if (has_parameters) return 0;  // our types have none
    if (type == wanted_type && subtype == wanted_subtype) return 3;
    if (type == wanted_type && subtype == "*") return 2;
    return type == "*" && subtype == "*" ? 1 : 0;
  }
};

std::optional<Range> parse_range(std::string_view text) {
  Range range;
  std::string_view media = take(text, ';');
  const auto slash = media.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  range.type = lower(media.substr(0, slash));
  range.subtype = lower(media.substr(slash + 1));
  if (!is_token(range.type) || !is_token(range.subtype)) return std::nullopt;
  if (range.type == "*" && range.subtype != "*") return std::nullopt;
  bool has_quality = false;
  while (!text.empty()) {
    auto parameter = take(text, ';');
    const auto name = lower(take(parameter, '='));
    if (!is_token(name)) return std::nullopt;
    if (has_quality) continue;  // accept extensions
    if (name != "q") {
      range.has_parameters = true;
      continue;
    }
    const auto quality = parse_quality(parameter);
    if (!quality) return std::nullopt;
    range.quality = *quality;
    has_quality = true;
  }
  return range;
}

}  // namespace

int welcome(std::string_view accept, std::string_view media_type) {
  if (trimmed(accept).empty()) return fully;
  const auto slash = media_type.find('/');
  const auto type = media_type.substr(0, slash), subtype = media_type.substr(slash + 1);
  int quality = 0, best = 0;
  while (!accept.empty()) {
    const auto item = take(accept, ',');
    if (item.empty()) continue;  // RFC 9110, 5.6.1: empty elements are ignored
    const auto range = parse_range(item);
    if (!range) return fully;
    const int match = range->match(type, subtype);
    if (match > best) {
      best = match;
      quality = range->quality;
    }
  }
  return quality;
}

}  // namespace emplace::api
