#include "json/schema_error.h"

#include <algorithm>

#include <boost/json/object.hpp>

#include "json/python_repr.h"
#include "json/utf8.h"

namespace emplace::json {
namespace {

constexpr std::size_t echo_max = 200;      // bytes of a client's text in one place of a message
constexpr std::size_t echo_name_max = 80;  // of one name among several
constexpr std::size_t schema_text_max = 400;

std::string repr(const Value& value) {
  return python_repr(value, echo_max);
}

std::string join_names(std::vector<std::string_view> names, std::size_t limit) {
  std::sort(names.begin(), names.end());
  std::string joined;
  for (const auto name : names) {
    if (!joined.empty()) joined += ", ";
    if (joined.size() > limit) return joined + "...";
    joined += python_repr_text(name, names.size() == 1 ? limit : echo_name_max);
  }
  return joined;
}

std::string describe_additional(const SchemaNode& node, const Object& object) {
  std::vector<std::string_view> extras;
  for (const auto& member : object) {
    if (is_additional(node, member.key())) extras.push_back(member.key());
  }
  const bool one = extras.size() == 1;
  const auto names = join_names(std::move(extras), echo_max);
  const auto has_patterns =
      std::count(node.keywords.begin(), node.keywords.end(), Keyword::pattern_properties) != 0;
  if (!has_patterns) {
    return "Additional properties are not allowed (" + names + (one ? " was" : " were") +
           " unexpected)";
  }
  std::vector<std::string_view> patterns;
  for (const auto& property : node.pattern_properties)
    patterns.push_back(property.pattern.text());
  return names + (one ? " does" : " do") +
         " not match any of the regexes: " + join_names(std::move(patterns), schema_text_max);
}

std::string describe_types(const SchemaNode& node) {
  std::string names;
  for (const auto& name : node.type_names)
    names += (names.empty() ? "'" : ", '") + name + "'";
  return names;
}

std::string message_of(const SchemaError& error) {
  const auto& node = *error.node;
  const auto& value = *error.value;
  switch (error.keyword) {
    case Keyword::required:
      return python_repr_text(error.missing, echo_max) + " is a required property";
    case Keyword::additional_properties:
      return describe_additional(node, value.get_object());
    case Keyword::type:
      return repr(value) + " is not of type " + describe_types(node);
    case Keyword::any_of:
      return repr(value) + " is not valid under any of the given schemas";
    case Keyword::enumeration:
      return repr(value) + " is not one of " + python_repr(node.enumeration, schema_text_max);
    case Keyword::format:
      return repr(value) + " is not a 'uuid'";
    case Keyword::pattern:
      return repr(value) + " does not match " +
             python_repr_text(node.pattern->text(), schema_text_max);
    case Keyword::minimum:
      return repr(value) + " is less than the minimum of " + repr(node.minimum);
    case Keyword::maximum:
      return repr(value) + " is greater than the maximum of " + repr(node.maximum);
    case Keyword::min_items:
    case Keyword::min_length:
      return repr(value) + " is too short";
    case Keyword::max_items:
    case Keyword::max_length:
      return repr(value) + " is too long";
    case Keyword::min_properties:
      return repr(value) + " does not have enough properties";
    case Keyword::max_properties:
      return repr(value) + " has too many properties";
    case Keyword::unique_items:
      return repr(value) + " has non-unique elements";
    case Keyword::false_schema:
      return "False schema does not allow " + repr(value);
    case Keyword::items:
    case Keyword::pattern_properties:
    case Keyword::properties:
      break;  // these do not fail themselves
  }
  return {};
}

void append_index(std::string& out, std::string_view name) {
  out += '[' + python_repr_text(name, echo_name_max) + ']';
}

void append_index(std::string& out, std::size_t index) {
  out += '[' + std::to_string(index) + ']';
}

std::string schema_path_of(const SchemaError& error) {
  std::string path = "schema";
  for (const auto& step : error.path) {
    append_index(path, name_of(step.keyword));
    if (step.keyword == Keyword::any_of) append_index(path, step.index);
    if (step.keyword == Keyword::properties || step.keyword == Keyword::pattern_properties) {
      append_index(path, step.schema_key);
    }
  }
  return path;
}

std::string value_path_of(const SchemaError& error) {
  std::string path = "instance";
  for (const auto& step : error.path) {
    if (!moves_into_value(step)) continue;
    if (step.keyword == Keyword::items) {
      append_index(path, step.index);
    } else {
      append_index(path, step.member);
    }
  }
  return path;
}

}  // namespace

bool moves_into_value(const SchemaStep& step) {
  return step.keyword != Keyword::any_of;
}

std::string describe(const SchemaError& error) {
  const bool has_name = error.keyword != Keyword::false_schema;
  const std::string keyword =
      has_name ? '\'' + std::string(name_of(error.keyword)) + '\'' : std::string("None");
  return message_of(error) + "\n\nFailed validating " + keyword + " in " + schema_path_of(error) +
         "\n\nOn " + value_path_of(error);
}

}  // namespace emplace::json
