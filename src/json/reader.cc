#include "json/reader.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <system_error>
#include <utility>

#include <boost/container/small_vector.hpp>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value_stack.hpp>

namespace emplace::json {
namespace {

using boost::json::error;
using boost::json::error_code;
using Text = boost::json::string_view;

constexpr std::size_t scratch_size = 4096;  // what most bodies need while they are being built

// Builds the value from the parser's events and refuses what the limits forbid. The names of its
// members are those that boost::json::basic_parser calls.
class Builder {
 public:
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);

  Builder(const Limits& limits, unsigned char* scratch)
      : items_per_list_(limits.items_per_list), stack_({}, scratch, scratch_size) {
    stack_.reset();
  }

  // How many members the text gave to all its objects; fewer of them in the value mean that a key
  // came twice.
  std::size_t members() const { return members_; }
  bool has_refused() const { return refusal_ != nullptr; }
  const char* refusal() const { return refusal_; }
  Value release() { return stack_.release(); }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }

  bool on_array_begin(error_code& ec) { return begin_list(ec); }
  bool on_array_end(std::size_t n, error_code&) {
    stack_.push_array(n);
    end_list();
    return true;
  }
  bool on_object_begin(error_code& ec) { return begin_list(ec); }
  bool on_object_end(std::size_t n, error_code&) {
    stack_.push_object(n);
    members_ += n;
    end_list();
    return true;
  }

  bool on_string_part(Text s, std::size_t, error_code&) { return push_chars(s); }
  bool on_string(Text s, std::size_t, error_code& ec) {
    stack_.push_string(s);
    return count(ec);
  }
  bool on_key_part(Text s, std::size_t, error_code&) { return push_chars(s); }
  bool on_key(Text s, std::size_t, error_code&) {
    stack_.push_key(s);
    return true;
  }

  bool on_number_part(Text, error_code&) { return true; }
  bool on_int64(std::int64_t i, Text, error_code& ec) {
    stack_.push_int64(i);
    return count(ec);
  }
  bool on_uint64(std::uint64_t u, Text, error_code& ec) {
    stack_.push_uint64(u);
    return count(ec);
  }
  bool on_double(double approximation, Text s, error_code& ec) {
    // Boost's own conversion may be off in the last digit; a client must get back what it sent.
    double number = 0;
    const auto [end, problem] = std::from_chars(s.data(), s.data() + s.size(), number);
    if (problem == std::errc::result_out_of_range) {
      if (std::abs(approximation) > 1) return refuse(ec, "a number is too large");
      number = 0;  // too small to be told from nothing
    }
    stack_.push_double(number);
    return count(ec);
  }
  bool on_bool(bool b, error_code& ec) {
    stack_.push_bool(b);
    return count(ec);
  }
  bool on_null(error_code& ec) {
    stack_.push_null();
    return count(ec);
  }
  bool on_comment_part(Text, error_code&) { return true; }
  bool on_comment(Text, error_code&) { return true; }

 private:
  bool push_chars(Text s) {
    stack_.push_chars(s);
    return true;
  }

  bool refuse(error_code& ec, const char* sentence) {
    refusal_ = sentence;
    ec = error::input_error;
    return false;
  }

  // One more in the innermost list; an object's members are counted by their values.
  bool count(error_code& ec) {
    if (++items_ > items_per_list_ && items_per_list_ != 0 && !outer_items_.empty()) {
      return refuse(ec, "an array or object has too many members");
    }
    return true;
  }

  bool begin_list(error_code& ec) {
    if (!count(ec)) return false;
    outer_items_.push_back(items_);
    items_ = 0;
    return true;
  }

  void end_list() {
    items_ = outer_items_.back();
    outer_items_.pop_back();
  }

  std::size_t items_per_list_;
  boost::json::value_stack stack_;
  std::size_t items_ = 0;
  boost::container::small_vector<std::size_t, 32> outer_items_;
  std::size_t members_ = 0;
  const char* refusal_ = nullptr;
};

std::size_t count_members(const Value& value) {
  std::size_t members = 0;
  if (const auto* object = value.if_object()) {
    members = object->size();
    for (const auto& member : *object)
      members += count_members(member.value());
  } else if (const auto* array = value.if_array()) {
    for (const auto& element : *array)
      members += count_members(element);
  }
  return members;
}

std::string sentence_of(const error_code& ec) {
  if (ec == error::incomplete) return "the text ends too early";
  if (ec == error::extra_data) return "there is more text after the value";
  if (ec == error::too_deep) return "it is nested too deeply";
  if (ec == error::exponent_overflow) return "a number is too large";
  if (ec == error::expected_hex_digit) return "\\u must be followed by four hexadecimal digits";
  if (ec == error::illegal_leading_surrogate || ec == error::illegal_trailing_surrogate ||
      ec == error::expected_utf16_escape) {
    return "a \\u escape is half of a surrogate pair";
  }
  return "this is not JSON in UTF-8";
}

tl::unexpected<Failure> malformed(const std::string& sentence) {
  return fail(Reason::bad_request, "Malformed JSON: " + sentence);
}

}  // namespace

Result<Value> parse(std::string_view text, const Limits& limits) {
  boost::json::parse_options options;
  options.max_depth = limits.depth;
  unsigned char scratch[scratch_size];
  boost::json::basic_parser<Builder> parser(options, limits, scratch);

  error_code ec;
  const std::size_t consumed = parser.write_some(false, text.data(), text.size(), ec);
  if (!ec && consumed < text.size()) ec = error::extra_data;
  if (ec) {
    const auto& builder = parser.handler();
    const auto sentence = builder.has_refused() ? builder.refusal() : sentence_of(ec);
    return malformed(sentence + " (at byte " + std::to_string(consumed) + ")");
  }

  Value value = parser.handler().release();
  if (count_members(value) != parser.handler().members()) {
    return malformed("an object has a key twice");
  }
  return value;
}

}  // namespace emplace::json
