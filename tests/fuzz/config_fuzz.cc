// Configuration: INI files read back what they were written from; values of every kind are read
// without trouble, whatever they are.
#include <map>
#include <string>
#include <string_view>

#include "config/config.h"
#include "config/substitute.h"
#include "config/values.h"
#include "fuzz.h"

using namespace emplace;
using fuzz::require;

namespace {

// Every value in quotes, which keep it as it is; its further lines follow as continuations.
std::string written(const config::Raw& raw) {
  std::string text;
  for (const auto& [group, entries] : raw) {
    text += "[" + group + "]\n";
    for (const auto& [name, values] : entries) {
      for (const auto& value : values) {
        const auto line_end = value.find('\n');
        text += name + " = \"" + value.substr(0, line_end) + "\"\n";
        if (line_end == std::string::npos) continue;
        text += "  ";
        for (const char c : value.substr(line_end + 1))
          text += c == '\n' ? "\n  " : std::string(1, c);
        text += "\n";
      }
    }
  }
  return text;
}

void check_value(const std::string& text) {
  config::parse_boolean(text);
  config::parse_integer(text);
  config::parse_real(text);
  for (const auto& item : config::parse_list(text)) {
    require(item.find(',') == std::string::npos, "no item holds a comma");
  }
  config::mask_passwords(text);
  const auto substituted = config::substitute(
      text, [](std::string_view) { return Result<std::optional<std::string>>(std::nullopt); });
  require(substituted.has_value(), "references to nothing stay as they are");
}

// Python's white space may hide what would make the line a group or a comment, and is stripped.
bool can_be_written(const config::Raw& raw) {
  for (const auto& [group, entries] : raw) {
    for (const auto& entry : entries) {
      if (std::string_view("[#;").find(entry.first.front()) != std::string_view::npos) return false;
    }
  }
  return true;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  check_value(std::string(text));
  config::Raw raw;
  const auto parsed = config::parse_ini(text, "placement.conf", raw);
  if (!parsed) {
    fuzz::require_short(parsed.error());
    require(parsed.error().detail.starts_with("placement.conf:"), "a refusal names file and line");
    return 0;
  }
  if (!can_be_written(raw)) return 0;
  config::Raw again;
  const auto parsed_again = config::parse_ini(written(raw), "again.conf", again);
  require(parsed_again && again == raw, "what was read can be written and read back");
  return 0;
}
