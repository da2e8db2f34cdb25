#include "json/writer.h"

#include <charconv>
#include <cmath>
#include <cstring>

#include "json/number_text.h"

namespace emplace::json {
namespace {

// The room for separator, quotes and colon around a short token that is put together on the stack,
// so that it reaches the string in one append.
constexpr std::size_t punctuation_max = 8;
constexpr std::size_t short_token_max = 64;
constexpr std::size_t integer_text_max = 20;
constexpr std::size_t uuid_text_size = 36;

bool needs_escape(unsigned char c) {
  return c < 0x20 || c == '"' || c == '\\';
}

// For each of eight bytes at once: is one of them below 0x20, a quote or a backslash?
bool any_needs_escape(std::uint64_t bytes) {
  constexpr std::uint64_t ones = 0x0101010101010101ull, highs = 0x8080808080808080ull;
  const auto has_zero = [](std::uint64_t x) { return (x - ones) & ~x & highs; };
  const std::uint64_t below_space = (bytes - ones * 0x20) & ~bytes & highs;
  return (below_space | has_zero(bytes ^ (ones * '"')) | has_zero(bytes ^ (ones * '\\'))) != 0;
}

// Where the first character that must be escaped stands at or after `from`; text.size() if none.
std::size_t find_escape(std::string_view text, std::size_t from) {
  std::size_t at = from;
  for (std::uint64_t bytes; at + sizeof bytes <= text.size(); at += sizeof bytes) {
    std::memcpy(&bytes, text.data() + at, sizeof bytes);
    if (any_needs_escape(bytes)) break;
  }
  while (at < text.size() && !needs_escape(static_cast<unsigned char>(text[at])))
    ++at;
  return at;
}

void append_escape(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  static constexpr char hex[] = "0123456789abcdef";
  const auto code = static_cast<unsigned char>(c);
  const char escape[] = {'\\', 'u', '0', '0', hex[code >> 4], hex[code & 15]};
  out.append(escape, sizeof escape);
}

// A short token on its way into the string.
class Token {
 public:
  // `separated`: another member or element stands before this one.
  explicit Token(bool separated) {
    if (separated) put(", ");
  }
  void put(std::string_view text) {
    std::memcpy(end_, text.data(), text.size());
    end_ += text.size();
  }
  char* end() { return end_; }
  void end_at(char* end) { end_ = end; }
  void append_to(std::string& out) const {
    out.append(text_, static_cast<std::size_t>(end_ - text_));
  }

 private:
  char text_[short_token_max + punctuation_max];
  char* end_ = text_;
};

static_assert(integer_text_max <= short_token_max && double_text_max <= short_token_max &&
              uuid_text_size <= short_token_max);

bool is_short_and_plain(std::string_view text) {
  return text.size() <= short_token_max && find_escape(text, 0) == text.size();
}

void append_quoted(std::string& out, bool separated, const Uuid& uuid, std::string_view after) {
  Token token(separated);
  token.put("\"");
  token.end_at(uuid.write_to(token.end()));
  token.put(after);
  token.append_to(out);
}

}  // namespace

void append_string(std::string& out, std::string_view text) {
  out += '"';
  for (std::size_t at = 0;;) {
    const std::size_t escape = find_escape(text, at);
    out.append(text, at, escape - at);
    if (escape == text.size()) break;
    append_escape(out, text[escape]);
    at = escape + 1;
  }
  out += '"';
}

bool Writer::needs_separator() {
  const bool separated = !first_ && !after_key_;
  first_ = after_key_ = false;
  return separated;
}

void Writer::separate() {
  if (needs_separator()) out_ += ", ";
}

Writer& Writer::begin_object() {
  separate();
  out_ += '{';
  first_ = true;
  return *this;
}

Writer& Writer::end_object() {
  out_ += '}';
  first_ = false;
  return *this;
}

Writer& Writer::begin_array() {
  separate();
  out_ += '[';
  first_ = true;
  return *this;
}

Writer& Writer::end_array() {
  out_ += ']';
  first_ = false;
  return *this;
}

Writer& Writer::key(std::string_view name) {
  const bool separated = needs_separator();
  if (is_short_and_plain(name)) {
    Token token(separated);
    token.put("\"");
    token.put(name);
    token.put("\": ");
    token.append_to(out_);
  } else {
    if (separated) out_ += ", ";
    append_string(out_, name);
    out_ += ": ";
  }
  after_key_ = true;
  return *this;
}

Writer& Writer::key(const Uuid& name) {
  append_quoted(out_, needs_separator(), name, "\": ");
  after_key_ = true;
  return *this;
}

Writer& Writer::value(std::string_view text) {
  const bool separated = needs_separator();
  if (is_short_and_plain(text)) {
    Token token(separated);
    token.put("\"");
    token.put(text);
    token.put("\"");
    token.append_to(out_);
  } else {
    if (separated) out_ += ", ";
    append_string(out_, text);
  }
  return *this;
}

Writer& Writer::value(const Uuid& uuid) {
  append_quoted(out_, needs_separator(), uuid, "\"");
  return *this;
}

Writer& Writer::value(std::int64_t number) {
  Token token(needs_separator());
  token.end_at(std::to_chars(token.end(), token.end() + integer_text_max, number).ptr);
  token.append_to(out_);
  return *this;
}

Writer& Writer::value(double number) {
  // JSON has no word for what is not finite.
  if (!std::isfinite(number)) return null();
  Token token(needs_separator());
  token.end_at(write_double(token.end(), number));
  token.append_to(out_);
  return *this;
}

Writer& Writer::value(bool truth) {
  separate();
  out_ += truth ? "true" : "false";
  return *this;
}

Writer& Writer::null() {
  separate();
  out_ += "null";
  return *this;
}

Writer& Writer::raw(std::string_view json) {
  if (json.empty()) return *this;  // no members: nothing to separate either
  separate();
  out_ += json;
  return *this;
}

}  // namespace emplace::json
