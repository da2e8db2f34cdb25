#include "api/forwarded.h"

#include <algorithm>

namespace emplace::api {
namespace {

// A parameter of the first element of a Forwarded header (RFC 7239, 4), without quotes.
std::string_view forwarded_value(std::string_view header, std::string_view name) {
  auto element = header.substr(0, header.find(','));
  while (!element.empty()) {
    const auto end = std::min(element.find(';'), element.size());
    auto pair = element.substr(0, end);
    element.remove_prefix(std::min(end + 1, element.size()));
    pair.remove_prefix(std::min(pair.find_first_not_of(' '), pair.size()));
    const auto equals = std::min(pair.find('='), pair.size());
    const bool same = std::equal(name.begin(), name.end(), pair.begin(), pair.begin() + equals,
                                 [](char a, char b) { return a == (b | 0x20); });
    if (!same || equals == pair.size()) continue;
    auto value = pair.substr(equals + 1);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    return value;
  }
  return {};
}

// The first of a header's comma-separated values.
std::string_view first_of(std::string_view header) {
  const auto value = header.substr(0, header.find(','));
  const auto begin = std::min(value.find_first_not_of(" \t"), value.size());
  return value.substr(begin, value.find_last_not_of(" \t") + 1 - begin);
}

}  // namespace

Forwarded forwarded_by_proxy(const Request& request) {
  const auto by_standard = request.header("forwarded");
  if (!by_standard.empty()) {
    return {forwarded_value(by_standard, "proto"), forwarded_value(by_standard, "host"),
            forwarded_value(by_standard, "for")};
  }
  return {request.header("x-forwarded-proto"), request.header("x-forwarded-host"),
          first_of(request.header("x-forwarded-for"))};
}

}  // namespace emplace::api
