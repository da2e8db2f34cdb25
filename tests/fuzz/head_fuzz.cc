// HTTP: heads and chunked bodies give the same result in one piece and byte by byte, and nothing
// that two programs could read in two ways gets through.
#include <optional>
#include <string>

#include "fuzz.h"
#include "http/head.h"
#include "http/parser.h"

using namespace emplace;
using fuzz::require;

namespace {

constexpr std::size_t head_bytes_max = 1024, headers_max = 20, body_bytes_max = 512;

struct Scanned {
  std::size_t size = 0;  // 0: not whole
  bool refused = false;
};

Scanned scan(std::string_view bytes, std::size_t step) {
  http::HeadScanner scanner(head_bytes_max, headers_max);
  for (std::size_t end = std::min(step, bytes.size());; end = std::min(end + step, bytes.size())) {
    const auto size = scanner.scan(bytes.substr(0, end));
    if (!size) {
      require(size.error().status >= 400 && size.error().status < 600, "a refusal has a status");
      return {0, true};
    }
    if (*size > 0 || end == bytes.size()) return {*size, false};
  }
}

void check_head(std::string_view head) {
  for (const char c : head.substr(0, head.size() - 2)) {
    const auto byte = static_cast<unsigned char>(c);
    require(byte >= 0x20 || c == '\r' || c == '\n' || c == '\t', "no control character gets by");
  }
  http::Headers headers;
  const auto line = http::parse_head(head, headers);
  if (!line) return;
  require(!line->method.empty() && !line->target.empty(), "a request has a method and a target");
  require(headers.size() <= headers_max, "no more headers than allowed");
  for (const auto& [name, value] : headers) {
    require(!name.empty() && name.find_first_of(" \t:\r\n") == name.npos, "names are tokens");
    require(value.find_first_of("\r\n") == value.npos, "a value is one line");
  }
  const auto target = http::check_target(line->target);
  if (target && target->path_and_query != "*") {
    const auto path = target->path_and_query.substr(0, target->path_and_query.find('?'));
    require(path.find("/../") == path.npos && !path.ends_with("/.."), "no dot segment gets by");
  }
  const auto framing = http::check_headers(line->http_1_1, headers);
  if (framing) require(!framing->chunked || !framing->content_length, "a body has one length");
}

struct Decoded {
  std::string body;
  bool done = false, refused = false;
};

Decoded decode(std::string_view bytes, std::size_t step) {
  http::ChunkedBody chunked(body_bytes_max);
  Decoded decoded;
  std::size_t begin = 0;
  for (std::size_t end = std::min(step, bytes.size());; end = std::min(end + step, bytes.size())) {
    while (begin < end && !chunked.done()) {
      const auto used = chunked.feed(bytes.substr(begin, end - begin), decoded.body);
      if (!used) {
        decoded.refused = true;
        return decoded;
      }
      require(*used <= end - begin, "no more is used than was given");
      if (*used == 0) break;
      begin += *used;
    }
    require(decoded.body.size() <= body_bytes_max, "no body grows over its limit");
    decoded.done = chunked.done();
    if (decoded.done || end == bytes.size()) return decoded;
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::text_of(data, size);
  const auto whole = scan(bytes, std::max<std::size_t>(bytes.size(), 1));
  const auto pieces = scan(bytes, 1);
  require(whole.refused == pieces.refused && whole.size == pieces.size,
          "a head is the same in one piece and byte by byte");
  if (whole.size > 2) check_head(bytes.substr(0, whole.size));

  const auto at_once = decode(bytes, std::max<std::size_t>(bytes.size(), 1));
  const auto slowly = decode(bytes, 1);
  require(at_once.done == slowly.done && at_once.refused == slowly.refused,
          "a chunked body ends alike in one piece and byte by byte");
  if (at_once.done) require(at_once.body == slowly.body, "and has the same bytes");

  http::is_valid_host(bytes);
  if (const auto target = http::check_target(bytes); target) {
    require(!target->path_and_query.empty() || target->slash_missing, "a target has a path");
  }
  return 0;
}
