#include "json/python_repr.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "json/number_text.h"
#include "json/utf8.h"

namespace emplace::json {
namespace {

// Controls, odd spaces, direction marks, private use and what is no character: all that could make
// a line of a log look like something else. (Python escapes unassigned characters as well.)
bool is_printable(char32_t c) {
  if (c < 0x20 || (c >= 0x7f && c <= 0xa0) || c == 0xad) return false;
  if (c >= 0x2000 && c <= 0x200f) return false;
  if ((c >= 0x2028 && c <= 0x202f) || (c >= 0x205f && c <= 0x206f)) return false;
  if (c == 0x061c || c == 0x1680 || c == 0x180e || c == 0x3000) return false;
  if (c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb)) return false;
  return (c & 0xfffe) != 0xfffe && !(c >= 0xe000 && c <= 0xf8ff) && c < 0xe0000;
}

class Repr {
 public:
  explicit Repr(std::size_t limit) : limit_(limit) {}

  void add(const Value& value) {
    if (is_full()) return;
    switch (value.kind()) {
      case boost::json::kind::null:
        out_ += "None";
        return;
      case boost::json::kind::bool_:
        out_ += value.get_bool() ? "True" : "False";
        return;
      case boost::json::kind::int64:
        out_ += std::to_string(value.get_int64());
        return;
      case boost::json::kind::uint64:
        out_ += std::to_string(value.get_uint64());
        return;
      case boost::json::kind::double_:
        return add(value.get_double());
      case boost::json::kind::string:
        return add(std::string_view(value.get_string()));
      case boost::json::kind::array:
        return add(value.get_array());
      case boost::json::kind::object:
        return add(value.get_object());
    }
  }

  void add(std::string_view text) {
    const bool has_single = text.find('\'') != text.npos;
    const char quote = has_single && text.find('"') == text.npos ? '"' : '\'';
    out_ += quote;
    for (std::size_t at = 0; at < text.size() && !is_full();) {
      const std::size_t begin = at;
      const char32_t character = next_character(text, at);
      if (character == static_cast<unsigned char>(quote) || character == '\\') {
        out_ += '\\';
        out_ += static_cast<char>(character);
      } else if (is_printable(character)) {
        out_.append(text, begin, at - begin);
      } else {
        add_escape(character);
      }
    }
    out_ += quote;
  }

  std::string finish() {
    if (!is_full()) return std::move(out_);
    return std::string(cut_to(out_, limit_)) + "...";
  }

 private:
  bool is_full() const { return out_.size() > limit_; }

  void add(double number) {
    char text[double_text_max];
    out_.append(text, write_double(text, number));
  }

  void add(const Array& array) {
    out_ += '[';
    std::string_view separator;
    for (const auto& element : array) {
      if (is_full()) return;
      out_ += separator;
      add(element);
      separator = ", ";
    }
    out_ += ']';
  }

  void add(const Object& object) {
    out_ += '{';
    std::string_view separator;
    for (const auto& member : object) {
      if (is_full()) return;
      out_ += separator;
      add(std::string_view(member.key()));
      out_ += ": ";
      add(member.value());
      separator = ", ";
    }
    out_ += '}';
  }

  void add_escape(char32_t character) {
    static constexpr std::string_view hex = "0123456789abcdef";
    if (character == '\n') {
      out_ += "\\n";
    } else if (character == '\r') {
      out_ += "\\r";
    } else if (character == '\t') {
      out_ += "\\t";
    } else {
      const int digits = character <= 0xff ? 2 : character <= 0xffff ? 4 : 8;
      out_ += digits == 2 ? "\\x" : digits == 4 ? "\\u" : "\\U";
      for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
        out_ += hex[(character >> shift) & 15];
      }
    }
  }

  std::size_t limit_;
  std::string out_;
};

}  // namespace

std::string python_repr(const Value& value, std::size_t limit) {
  Repr repr(limit);
  repr.add(value);
  return repr.finish();
}

std::string python_repr_text(std::string_view text, std::size_t limit) {
  Repr repr(limit);
  repr.add(text);
  return repr.finish();
}

}  // namespace emplace::json
