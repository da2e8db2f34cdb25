#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/config.h"
#include "config/values.h"

namespace emplace::config {
namespace {

// Reads line by line, as oslo.config's parser does; an option is stored once its last line is seen.
class IniParser {
 public:
  IniParser(const std::string& file_name, Raw& raw) : file_name_(file_name), raw_(raw) {}

  Result<void> line(std::string_view line) {
    ++line_number_;
    line = trim_right(line);
    if (line.empty()) return store();
    if (line.front() == ' ' || line.front() == '\t') return continuation(line);
    CHECK_OK(store());
    switch (line.front()) {
      case '[':
        return group(line);
      case '#':
      case ';':
        return {};
      default:
        return assignment(line);
    }
  }

  // Stores the option that is under way.
  Result<void> store() {
    if (!under_way_) return {};
    under_way_ = false;
    if (group_.empty()) return wrong("an option stands before the first [group]");
    raw_[group_][name_].push_back(std::move(value_));
    return {};
  }

 private:
  Result<void> continuation(std::string_view line) {
    if (!under_way_) return wrong("a line that starts with white space continues nothing");
    value_ += '\n';
    value_ += trim(line);
    return {};
  }

  Result<void> group(std::string_view line) {
    if (line.back() != ']') return wrong("a group must end with ]");
    if (line.size() <= 2) return wrong("a group must have a name");
    group_ = std::string(line.substr(1, line.size() - 2));
    if (group_ != "DEFAULT") group_ = to_lower(group_);
    raw_[group_];
    return {};
  }

  Result<void> assignment(std::string_view line) {
    const auto separator = line.find_first_of("=:");
    if (separator == std::string_view::npos) return wrong("neither '=' nor ':' found");
    name_ = std::string(trim(line.substr(0, separator)));
    if (name_.empty()) return wrong("an option must have a name");
    auto value = trim(line.substr(separator + 1));
    const bool quoted = !value.empty() && (value.front() == '"' || value.front() == '\'') &&
                        value.back() == value.front();
    if (quoted) value = value.size() < 2 ? std::string_view() : value.substr(1, value.size() - 2);
    value_ = std::string(value);
    under_way_ = true;
    return {};
  }

  Result<void> wrong(std::string_view what) const {
    return fail(Reason::bad_request,
                file_name_ + ":" + std::to_string(line_number_) + ": " + std::string(what));
  }

  const std::string& file_name_;
  Raw& raw_;
  std::size_t line_number_ = 0;
  std::string group_, name_, value_;
  bool under_way_ = false;
};

}  // namespace

Result<void> parse_ini(std::string_view text, const std::string& file_name, Raw& raw) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.substr(0, byte_order_mark.size()) == byte_order_mark) {
    text.remove_prefix(byte_order_mark.size());
  }
  IniParser parser(file_name, raw);
  while (!text.empty()) {
    const auto end = text.find_first_of("\r\n");
    CHECK_OK(parser.line(text.substr(0, end)));
    if (end == std::string_view::npos) break;
    text.remove_prefix(text.substr(end, 2) == "\r\n" ? end + 2 : end + 1);
  }
  return parser.store();
}

}  // namespace emplace::config
