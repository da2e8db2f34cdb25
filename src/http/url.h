// Url: the parts of an http or https URL that a client needs. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace emplace::http {

struct Url {
  bool tls = false;
  std::string host;    // a name or an address, without the brackets of IPv6
  std::string port;    // in digits; the scheme's own if the URL names none
  std::string target;  // path and query, at least "/"

  // What the Host header says (RFC 9110, 7.2): no port if it is the scheme's own.
  std::string authority() const;
  // Whether connections to the one can serve the other.
  bool same_origin(const Url& other) const {
    return tls == other.tls && host == other.host && port == other.port;
  }
};

// RFC 3986. Failure (bad_request): a sentence that says what is wrong and does not repeat the URL,
// which may hold a password. Refused are other schemes, user names, control characters and spaces;
// a fragment is dropped.
Result<Url> parse_url(std::string_view text);

}  // namespace emplace::http
