// Beast 1.81 asserts that it gets five bytes when it looks at a last chunk again, which a client
// need not send at once; it does right by four. Builds that keep asserts must not end for it.
#define BOOST_DISABLE_ASSERTS

#include "http/parser.h"

#include <algorithm>
#include <cctype>
#include <limits>

#include <boost/beast/http/basic_parser.hpp>

namespace emplace::http {
namespace {

namespace beast = boost::beast::http;
using boost::beast::error_code;
using BeastView = boost::beast::string_view;

std::string_view view(BeastView text) {
  return {text.data(), text.size()};
}

// Beast's parser with every event ignored: a base for those that want only some of them.
class QuietParser : public beast::basic_parser<true> {
 public:
  QuietParser() {
    body_limit(boost::none);  // the limits are checked by those who know the request
    header_limit(std::numeric_limits<std::uint32_t>::max());
  }

 protected:
  void on_request_impl(beast::verb, BeastView, BeastView, int, error_code&) override {}
  void on_response_impl(int, BeastView, int, error_code&) override {}
  void on_field_impl(beast::field, BeastView, BeastView, error_code&) override {}
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(BeastView body, error_code&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t, BeastView, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, BeastView body, error_code&) override {
    return body.size();
  }
  void on_finish_impl(error_code&) override {}
};

class HeadParser final : public QuietParser {
 public:
  explicit HeadParser(Headers& headers) : headers_(headers) {}
  const RequestLine& request_line() const { return request_line_; }

 private:
  void on_request_impl(beast::verb, BeastView method, BeastView target, int version,
                       error_code&) override {
    request_line_ = {view(method), view(target), version == 11};
  }
  void on_field_impl(beast::field, BeastView name, BeastView value, error_code&) override {
    headers_.emplace_back(view(name), view(value));
  }

  Headers& headers_;
  RequestLine request_line_{};
};

// Whether the request line is one but for its HTTP version, which is none that is served here.
bool has_other_version(std::string_view head) {
  const auto line = head.substr(0, head.find('\r'));
  if (std::count(line.begin(), line.end(), ' ') != 2) return false;
  const auto version = line.substr(line.rfind(' ') + 1);
  return version.size() == 8 && version.substr(0, 5) == "HTTP/" &&
         std::isdigit(static_cast<unsigned char>(version[5])) && version[6] == '.' &&
         std::isdigit(static_cast<unsigned char>(version[7]));
}

bool has_folded_line(std::string_view lines) {
  return lines.find("\r\n ") != lines.npos || lines.find("\r\n\t") != lines.npos;
}

Refused refusal_for(const error_code& error, std::string_view head) {
  if (error == beast::error::bad_version && has_other_version(head)) {
    return {505, "Only HTTP/1.0 and HTTP/1.1 are served here."};
  }
  if (error == beast::error::bad_method || error == beast::error::bad_target ||
      error == beast::error::bad_version) {
    return {400, "The request line is malformed."};
  }
  // Clients of upstream know these words.
  if (error == beast::error::bad_content_length || error == beast::error::multiple_content_length) {
    return {400, "The content-length header must be an integer and come only once."};
  }
  if (error == beast::error::bad_transfer_encoding) {
    return {400, "The transfer coding is malformed, or stands beside a content-length."};
  }
  return {400, "A header line is malformed."};
}

}  // namespace

tl::expected<RequestLine, Refused> parse_head(std::string_view head, Headers& headers) {
  headers.clear();
  HeadParser parser(headers);
  error_code error;
  parser.put({head.data(), head.size()}, error);
  if (!error && !parser.is_header_done()) error = beast::error::need_more;
  if (error) return tl::unexpected(refusal_for(error, head));
  return parser.request_line();
}

class ChunkedBody::Parser final : public QuietParser {
 public:
  explicit Parser(std::size_t body_bytes_max) : body_bytes_left_(body_bytes_max) {
    // Beast comes to chunks only by way of a head.
    constexpr std::string_view head = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    error_code error;
    put({head.data(), head.size()}, error);
  }

  tl::expected<std::size_t, Refused> feed(std::string_view bytes, std::string& body) {
    body_ = &body;
    std::size_t used = 0;
    while (!is_done() && used < bytes.size()) {
      error_code error;
      const auto taken = put({bytes.data() + used, bytes.size() - used}, error);
      used += taken;
      if (error == beast::error::need_more) break;
      if (error == beast::error::body_limit) {
        return tl::unexpected(Refused{413, "The body of the request is too large."});
      }
      // Beast unfolds trailers; the head has no folded lines either. It takes all trailers at once.
      if (error || (is_done() && has_folded_line(bytes.substr(used - taken, taken)))) {
        return tl::unexpected(Refused{400, "The chunks of the body are malformed."});
      }
      if (taken == 0) break;
    }
    return used;
  }

 private:
  void on_chunk_header_impl(std::uint64_t size, BeastView extensions, error_code& error) override {
    // Beast lets any byte stand in a quoted value; other programs take a line feed for an end.
    const bool has_control =
        std::any_of(extensions.begin(), extensions.end(), [](unsigned char character) {
          return (character < 0x20 && character != '\t') || character == 0x7f;
        });
    if (has_control) error = beast::error::bad_chunk_extension;
    if (size > body_bytes_left_) error = beast::error::body_limit;
    body_bytes_left_ -= std::min(size, body_bytes_left_);
  }
  std::size_t on_chunk_body_impl(std::uint64_t, BeastView bytes, error_code&) override {
    body_->append(bytes.data(), bytes.size());
    return bytes.size();
  }

  std::uint64_t body_bytes_left_;
  std::string* body_ = nullptr;
};

ChunkedBody::ChunkedBody(std::size_t body_bytes_max)
    : parser_(std::make_unique<Parser>(body_bytes_max)) {}
ChunkedBody::~ChunkedBody() = default;

tl::expected<std::size_t, Refused> ChunkedBody::feed(std::string_view bytes, std::string& body) {
  return parser_->feed(bytes, body);
}

bool ChunkedBody::done() const {
  return parser_->is_done();
}

}  // namespace emplace::http
