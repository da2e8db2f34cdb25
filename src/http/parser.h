// Parsing by Beast behind two small doors: a whole head, and a chunked body as it comes.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "http/head.h"

namespace emplace::http {

struct RequestLine {
  std::string_view method;
  std::string_view target;
  bool http_1_1;  // else HTTP/1.0
};

// Replaces `headers` by those of the head; all views point into `head`.
// Requires: HeadScanner found `head` whole.
tl::expected<RequestLine, Refused> parse_head(std::string_view head, Headers& headers);

// Decodes one body of Transfer-Encoding chunked (RFC 9112, 7.1). Trailers are checked and dropped.
class ChunkedBody {
 public:
  explicit ChunkedBody(std::size_t body_bytes_max);
  ~ChunkedBody();

  // Appends what `bytes` bring to `body`. The bytes used, which may be none: then more must follow
  // and the rest be given again. Refuses 413 as soon as a chunk's size says that the limit breaks.
  tl::expected<std::size_t, Refused> feed(std::string_view bytes, std::string& body);
  bool done() const;

 private:
  class Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace emplace::http
