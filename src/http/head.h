// What a request's head must be before anything is done with it: pure checks of bytes, stricter
// than the parser, so that no two programs on the way can read one request in two manners.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

namespace emplace::http {

// Why the server refuses a request itself. The sentence is a literal.
struct Refused {
  unsigned status;
  std::string_view sentence;
};

using Headers = std::vector<std::pair<std::string_view, std::string_view>>;

bool equals_ignoring_case(std::string_view left, std::string_view right);

// Finds where a head ends while its bytes come in, and refuses at once what no head may contain:
// bare CR or LF, control characters, folded lines, too many lines or bytes.
class HeadScanner {
 public:
  HeadScanner(std::size_t bytes_max, std::size_t headers_max)
      : bytes_max_(bytes_max), headers_max_(headers_max) {}

  // The bytes of the head with its empty line, or 0 if that has not come yet. A 2 is an empty line
  // before the request line, to be skipped (RFC 9112, 2.2). Requires: `bytes` begins with what was
  // given before, since construction or reset(); only what is new is looked at.
  tl::expected<std::size_t, Refused> scan(std::string_view bytes);
  void reset() { position_ = line_start_ = lines_ = 0; }

 private:
  tl::expected<std::size_t, Refused> incomplete(std::size_t size);
  Refused too_large() const;

  std::size_t bytes_max_, headers_max_;
  std::size_t position_ = 0;    // first byte that was not looked at
  std::size_t line_start_ = 0;  // first byte of the line that position_ is in
  std::size_t lines_ = 0;       // whole lines before line_start_
};

// A request-target in one of the forms that a server takes (RFC 9112, 3.2).
struct Target {
  std::string_view authority;       // of the absolute form; else empty
  std::string_view path_and_query;  // "*" for the asterisk form
  bool slash_missing = false;       // "http://host?query": a "/" belongs before path_and_query
};

// Refuses encoded slashes, line breaks and NULs and dot segments in the path: they make paths that
// one program reads otherwise than the next.
tl::expected<Target, Refused> check_target(std::string_view target);

// RFC 3986, 3.2: host and optional port. The empty string is valid for Host (RFC 9112, 3.2).
bool is_valid_host(std::string_view host);

// How the bytes after the head are to be read, and what the client wants of the connection.
struct Framing {
  bool chunked = false;
  std::optional<std::uint64_t> content_length;
  bool keep_alive = true;
  bool expects_continue = false;
};

// RFC 9112, 3.2 (Host), 6.1 to 6.3 (length), 9.3 (persistence). `http_1_1` is false for HTTP/1.0.
tl::expected<Framing, Refused> check_headers(bool http_1_1, const Headers& headers);

}  // namespace emplace::http
