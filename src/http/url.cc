#include "http/url.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace emplace::http {
namespace {

bool is_port(std::string_view text) {
  unsigned number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stop == end && number >= 1 && number <= 65535;
}

// Splits "host", "host:port", "[::1]" or "[::1]:port".
Result<void> read_authority(std::string_view authority, Url& url) {
  if (authority.find('@') != authority.npos) {
    return fail(Reason::bad_request, "a URL with a user name or password in it is not taken");
  }
  std::string_view rest;
  if (authority.starts_with('[')) {
    const auto end = authority.find(']');
    if (end == authority.npos) return fail(Reason::bad_request, "the URL's host has no ]");
    url.host = authority.substr(1, end - 1);
    rest = authority.substr(end + 1);
  } else {
    const auto colon = std::min(authority.find(':'), authority.size());
    url.host = authority.substr(0, colon);
    rest = authority.substr(colon);
  }
  if (url.host.empty()) return fail(Reason::bad_request, "the URL names no host");
  if (rest.empty() || rest == ":") return {};
  if (rest.front() != ':' || !is_port(rest.substr(1))) {
    return fail(Reason::bad_request, "the URL's port is no number from 1 to 65535");
  }
  url.port = rest.substr(1);
  return {};
}

}  // namespace

std::string Url::authority() const {
  const auto name = host.find(':') == host.npos ? host : "[" + host + "]";
  return port == (tls ? "443" : "80") ? name : name + ":" + port;
}

Result<Url> parse_url(std::string_view text) {
  const bool printable =
      std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (!printable) return fail(Reason::bad_request, "the URL holds spaces or unusual characters");
  Url url;
  const auto colon = text.find("://");
  const auto scheme = text.substr(0, colon == text.npos ? 0 : colon);
  if (same_ignoring_case(scheme, "https")) {
    url.tls = true;
  } else if (!same_ignoring_case(scheme, "http")) {
    return fail(Reason::bad_request, "the URL does not begin with http:// or https://");
  }
  url.port = url.tls ? "443" : "80";
  text = text.substr(colon + 3);
  text = text.substr(0, text.find('#'));
  const auto end = std::min(text.find_first_of("/?"), text.size());
  CHECK_OK(read_authority(text.substr(0, end), url));
  url.target = text.substr(end);
  if (!url.target.starts_with('/')) url.target.insert(0, "/");
  return url;
}

}  // namespace emplace::http
