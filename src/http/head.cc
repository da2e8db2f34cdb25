#include "http/head.h"

#include <algorithm>
#include <cstring>

namespace emplace::http {
namespace {

constexpr Refused control_character{400, "A control character is in the head of the request."};
constexpr Refused bare_line_break{400, "A line of the head does not end with CR LF."};
constexpr Refused folded_line{400, "A header line is folded or begins with white space."};
constexpr Refused malformed_target{400, "The target of the request is malformed."};
constexpr Refused missing_host{400, "HTTP/1.1 needs exactly one Host header."};
constexpr Refused malformed_host{400, "The Host header is malformed."};
constexpr Refused malformed_length{
    400, "The content-length header must be an integer and come only once."};
constexpr Refused two_lengths{400, "Content-Length and Transfer-Encoding exclude each other."};
constexpr Refused repeated_coding{400, "The Transfer-Encoding header is repeated."};
constexpr Refused coding_in_1_0{400, "HTTP/1.0 has no Transfer-Encoding."};
constexpr Refused unknown_coding{501, "The only transfer coding known here is chunked."};

constexpr std::uint64_t every_byte(unsigned char byte) {
  return 0x0101010101010101ull * byte;
}

// Whether any of the eight bytes is below 0x20 or is 0x7f.
bool has_control(std::uint64_t word) {
  const std::uint64_t below_space = (word - every_byte(0x20)) & ~word;
  const std::uint64_t from_delete = word ^ every_byte(0x7f);
  const std::uint64_t is_delete = (from_delete - every_byte(0x01)) & ~from_delete;
  return ((below_space | is_delete) & every_byte(0x80)) != 0;
}

bool is_control(char character) {
  return static_cast<unsigned char>(character) < 0x20 || character == 0x7f;
}

std::size_t next_control(std::string_view bytes, std::size_t from) {
  while (from + sizeof(std::uint64_t) <= bytes.size()) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data() + from, sizeof word);
    if (has_control(word)) break;
    from += sizeof word;
  }
  while (from < bytes.size() && !is_control(bytes[from]))
    ++from;
  return from;
}

char lower(char character) {
  return character >= 'A' && character <= 'Z' ? static_cast<char>(character + 32) : character;
}

bool is_digit(char character) {
  return character >= '0' && character <= '9';
}

bool is_hexadecimal(char character) {
  return is_digit(character) || (lower(character) >= 'a' && lower(character) <= 'f');
}

bool is_alphanumeric(char character) {
  return is_digit(character) || (lower(character) >= 'a' && lower(character) <= 'z');
}

unsigned hexadecimal_value(char character) {
  return static_cast<unsigned>(is_digit(character) ? character - '0' : lower(character) - 'a' + 10);
}

// "." and ".." also when their dots are written as %2e.
bool is_dot_segment(std::string_view segment) {
  int dots = 0;
  while (!segment.empty()) {
    if (segment.front() == '.') {
      segment.remove_prefix(1);
    } else if (equals_ignoring_case(segment.substr(0, 3), "%2e")) {
      segment.remove_prefix(3);
    } else {
      return false;
    }
    ++dots;
  }
  return dots == 1 || dots == 2;
}

// Whether an encoded character stands in the path that would change its meaning when decoded.
bool has_dangerous_encoding(std::string_view path) {
  for (auto at = path.find('%'); at != std::string_view::npos; at = path.find('%', at + 1)) {
    if (at + 2 >= path.size()) return false;
    if (!is_hexadecimal(path[at + 1]) || !is_hexadecimal(path[at + 2])) continue;
    const auto decoded = hexadecimal_value(path[at + 1]) * 16 + hexadecimal_value(path[at + 2]);
    if (decoded == '/' || decoded == '\0' || decoded == '\r' || decoded == '\n') return true;
  }
  return false;
}

std::optional<Refused> check_path(std::string_view path) {
  if (has_dangerous_encoding(path)) {
    return Refused{400, "An encoded slash, line break or NUL is in the path."};
  }
  if (path.find("/.") == std::string_view::npos && path.find('%') == std::string_view::npos) {
    return std::nullopt;
  }
  while (!path.empty()) {
    path.remove_prefix(1);
    const auto segment = path.substr(0, path.find('/'));
    if (is_dot_segment(segment)) return Refused{400, "A dot segment is in the path."};
    path.remove_prefix(segment.size());
  }
  return std::nullopt;
}

// Digits only: no sign, no list, no white space; nothing if it does not fit.
std::optional<std::uint64_t> parse_length(std::string_view text) {
  if (text.empty() || text.size() > 18) return std::nullopt;
  std::uint64_t length = 0;
  for (const char character : text) {
    if (!is_digit(character)) return std::nullopt;
    length = length * 10 + static_cast<std::uint64_t>(character - '0');
  }
  return length;
}

// Whether a comma-separated list of tokens has this one, in any case.
bool list_has(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    auto item = list.substr(0, list.find(','));
    list.remove_prefix(std::min(item.size() + 1, list.size()));
    while (!item.empty() && (item.front() == ' ' || item.front() == '\t'))
      item.remove_prefix(1);
    while (!item.empty() && (item.back() == ' ' || item.back() == '\t'))
      item.remove_suffix(1);
    if (equals_ignoring_case(item, token)) return true;
  }
  return false;
}

// What the headers that frame a message say; how often each came.
struct Seen {
  int hosts = 0;
  int codings = 0;
  bool close = false;
  bool keep_alive = false;
};

std::optional<Refused> note_header(std::string_view name, std::string_view value, Seen& seen,
                                   Framing& framing) {
  // The names of interest differ in length, which spares most comparisons.
  switch (name.size()) {
    case 4:
      if (!equals_ignoring_case(name, "host")) break;
      ++seen.hosts;
      if (!is_valid_host(value)) return malformed_host;
      break;
    case 6:
      if (equals_ignoring_case(name, "expect") && list_has(value, "100-continue")) {
        framing.expects_continue = true;
      }
      break;
    case 10:
      if (!equals_ignoring_case(name, "connection")) break;
      seen.close = seen.close || list_has(value, "close");
      seen.keep_alive = seen.keep_alive || list_has(value, "keep-alive");
      break;
    case 14:
      if (!equals_ignoring_case(name, "content-length")) break;
      if (framing.content_length) return malformed_length;
      framing.content_length = parse_length(value);
      if (!framing.content_length) return malformed_length;
      break;
    case 17:
      if (!equals_ignoring_case(name, "transfer-encoding")) break;
      if (++seen.codings > 1) return repeated_coding;
      framing.chunked = equals_ignoring_case(value, "chunked");
      break;
    default:
      break;
  }
  return std::nullopt;
}

}  // namespace

bool equals_ignoring_case(std::string_view left, std::string_view right) {
  if (left.size() != right.size()) return false;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (lower(left[i]) != lower(right[i])) return false;
  }
  return true;
}

tl::expected<std::size_t, Refused> HeadScanner::scan(std::string_view bytes) {
  for (;;) {
    if (position_ == line_start_ && position_ < bytes.size() && lines_ > 0 &&
        (bytes[position_] == ' ' || bytes[position_] == '\t')) {
      return tl::unexpected(folded_line);
    }
    position_ = next_control(bytes, position_);
    if (position_ == bytes.size()) return incomplete(bytes.size());
    if (bytes[position_] == '\t' && lines_ > 0) {
      ++position_;
      continue;
    }
    if (bytes[position_] == '\n') return tl::unexpected(bare_line_break);
    if (bytes[position_] != '\r') return tl::unexpected(control_character);
    if (position_ + 1 == bytes.size()) return incomplete(bytes.size());
    if (bytes[position_ + 1] != '\n') return tl::unexpected(bare_line_break);

    const bool empty_line = position_ == line_start_;
    position_ += 2;
    if (position_ > bytes_max_) return tl::unexpected(too_large());
    if (empty_line) return position_;
    line_start_ = position_;
    if (++lines_ > headers_max_ + 1) {
      return tl::unexpected(Refused{431, "The request has too many header lines."});
    }
  }
}

tl::expected<std::size_t, Refused> HeadScanner::incomplete(std::size_t size) {
  if (size >= bytes_max_) return tl::unexpected(too_large());
  return 0;
}

Refused HeadScanner::too_large() const {
  if (lines_ == 0) return {414, "The target of the request is too long."};
  return {431, "The head of the request is too large."};
}

tl::expected<Target, Refused> check_target(std::string_view target) {
  Target result{.authority = {}, .path_and_query = target};
  if (target == "*") return result;
  if (target.empty() || std::any_of(target.begin(), target.end(), [](char character) {
        return is_control(character) || character == ' ' || character == '#';
      })) {
    return tl::unexpected(malformed_target);
  }
  if (target.front() != '/') {
    const auto colon = target.find("://");
    const auto scheme = target.substr(0, colon);
    if (colon == std::string_view::npos ||
        !(equals_ignoring_case(scheme, "http") || equals_ignoring_case(scheme, "https"))) {
      return tl::unexpected(malformed_target);
    }
    const auto rest = target.substr(colon + 3);
    result.authority = rest.substr(0, rest.find_first_of("/?"));
    if (result.authority.empty() || !is_valid_host(result.authority)) {
      return tl::unexpected(malformed_target);
    }
    result.path_and_query = rest.substr(result.authority.size());
    result.slash_missing = result.path_and_query.empty() || result.path_and_query.front() == '?';
  }
  if (result.slash_missing) return result;
  const auto path = result.path_and_query.substr(0, result.path_and_query.find('?'));
  if (const auto refused = check_path(path)) return tl::unexpected(*refused);
  return result;
}

bool is_valid_host(std::string_view host) {
  constexpr std::string_view marks = "-._~!$&'()*+,;=%";
  if (!host.empty() && host.front() == '[') {  // an IPv6 address, or one of the future
    const auto end = host.find(']');
    if (end == std::string_view::npos || end == 1) return false;
    for (const char character : host.substr(1, end - 1)) {
      if (!is_alphanumeric(character) && character != ':' && character != '.') return false;
    }
    host.remove_prefix(end + 1);
    if (!host.empty() && host.front() != ':') return false;
  }
  const auto colon = host.find(':');
  const auto name = host.substr(0, colon);
  for (const char character : name) {
    if (!is_alphanumeric(character) && marks.find(character) == marks.npos) return false;
  }
  if (colon == std::string_view::npos) return true;
  const auto port = host.substr(colon + 1);
  return port.size() <= 5 && std::all_of(port.begin(), port.end(), is_digit);
}

tl::expected<Framing, Refused> check_headers(bool http_1_1, const Headers& headers) {
  Framing framing;
  Seen seen;
  for (const auto& [name, value] : headers) {
    if (const auto refused = note_header(name, value, seen, framing)) {
      return tl::unexpected(*refused);
    }
  }
  if (seen.hosts > 1 || (http_1_1 && seen.hosts == 0)) return tl::unexpected(missing_host);
  if (seen.codings > 0) {
    if (framing.content_length) return tl::unexpected(two_lengths);
    if (!http_1_1) return tl::unexpected(coding_in_1_0);
    if (!framing.chunked) return tl::unexpected(unknown_coding);
  }
  framing.keep_alive = !seen.close && (http_1_1 || seen.keep_alive);
  framing.expects_continue = framing.expects_continue && http_1_1;
  return framing;
}

}  // namespace emplace::http
