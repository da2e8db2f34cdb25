#include <string>
#include <string_view>

#include "config/config.h"
#include "config/values.h"

namespace emplace::config {
namespace {

std::string_view kind_name(Kind kind) {
  switch (kind) {
    case Kind::text:
      return "string";
    case Kind::boolean:
      return "boolean";
    case Kind::integer:
      return "integer";
    case Kind::real:
      return "floating point";
    case Kind::list:
      return "list";
    case Kind::multi:
      return "multi valued";
  }
  return "string";
}

// The text in comment lines of up to 79 columns.
std::string comment(std::string_view text) {
  constexpr std::size_t columns_max = 79;
  std::string lines, line = "#";
  for (const auto word : split_words(text)) {
    if (line.size() + 1 + word.size() > columns_max && line != "#") {
      lines += line + "\n";
      line = "#";
    }
    line += " ";
    line += word;
  }
  return lines + line + "\n";
}

// The default as a file would have to say it; <None>, as upstream's generator has it, for none.
std::string default_text(const Option& option) {
  const std::string text(option.default_value);
  if (text.empty()) return "<None>";
  return trim(text).size() == text.size() ? text : "\"" + text + "\"";
}

std::string describe(const Option& option) {
  std::string text(option.help);
  if (option.effect == Effect::ignored) text = "No effect here: " + text + ".";
  text += " (" + std::string(kind_name(option.kind)) + " value)";
  std::string lines = comment(text);
  if (!option.choices.empty()) lines += comment("Choices: " + std::string(option.choices));
  for (const auto former : split_words(option.former_names)) {
    const auto dot = former.find('.');
    lines += comment("Deprecated name: [" + std::string(former.substr(0, dot)) + "] " +
                     std::string(former.substr(dot + 1)));
  }
  return lines + "#" + std::string(option.name) + " = " + default_text(option) + "\n";
}

}  // namespace

std::string sample_config() {
  std::string sample;
  std::string_view group;
  for (const auto& option : options()) {
    if (option.group != group) {
      if (!sample.empty()) sample += "\n";
      group = option.group;
      sample += "[" + std::string(group) + "]\n";
    }
    sample += "\n" + describe(option);
  }
  return sample;
}

}  // namespace emplace::config
