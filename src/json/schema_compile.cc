#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "json/schema_node.h"

namespace emplace::json {
namespace {

[[noreturn]] void refuse(std::string_view keyword, const char* why) {
  throw std::logic_error("schema: " + std::string(keyword) + ": " + why);
}

SchemaNode::Owned compile_owned(const Value& schema) {
  auto node = std::make_unique<SchemaNode>();
  compile(schema, *node);
  return node;
}

const Object& object_of(std::string_view keyword, const Value& value) {
  if (!value.is_object()) refuse(keyword, "an object is needed");
  return value.get_object();
}

const Array& array_of(std::string_view keyword, const Value& value) {
  if (!value.is_array()) refuse(keyword, "an array is needed");
  return value.get_array();
}

std::string string_of(std::string_view keyword, const Value& value) {
  if (!value.is_string()) refuse(keyword, "a string is needed");
  return std::string(std::string_view(value.get_string()));
}

Value number_of(std::string_view keyword, const Value& value) {
  if (!value.is_number()) refuse(keyword, "a number is needed");
  return value;
}

std::size_t count_of(std::string_view keyword, const Value& value) {
  constexpr double largest = 1e9;
  const double count = value.is_number() ? value.to_number<double>() : -1;
  if (count < 0 || count > largest || count != std::trunc(count)) refuse(keyword, "not a count");
  return static_cast<std::size_t>(count);
}

bool is_annotation(std::string_view keyword) {
  static constexpr std::string_view annotations[] = {"$comment", "$defs",       "$id",
                                                     "$schema",  "definitions", "description",
                                                     "default",  "examples",    "title"};
  return std::find(std::begin(annotations), std::end(annotations), keyword) !=
         std::end(annotations);
}

Keyword keyword_of(std::string_view name) {
  for (int i = 1; i <= static_cast<int>(Keyword::unique_items); ++i) {
    if (name_of(static_cast<Keyword>(i)) == name) return static_cast<Keyword>(i);
  }
  refuse(name, "this keyword is not supported");
}

void read_types(const Value& value, SchemaNode& node) {
  if (value.is_string()) {
    node.type_names.push_back(string_of("type", value));
  } else {
    for (const auto& name : array_of("type", value)) {
      node.type_names.push_back(string_of("type", name));
    }
  }
  for (const auto& name : node.type_names)
    node.types |= type_of_name(name);
}

// The keywords that hold schemas or lists. False: the keyword is none of them.
bool read_structure(Keyword keyword, const Value& value, SchemaNode& node) {
  const auto name = name_of(keyword);
  switch (keyword) {
    case Keyword::properties:
      for (const auto& member : object_of(name, value)) {
        node.properties.push_back({std::string(member.key()), compile_owned(member.value())});
      }
      return true;
    case Keyword::pattern_properties:
      for (const auto& member : object_of(name, value)) {
        node.pattern_properties.push_back({Pattern(member.key()), compile_owned(member.value())});
      }
      return true;
    case Keyword::additional_properties:
      if (value != Value(false)) node.additional_properties = compile_owned(value);
      return true;
    case Keyword::any_of:
      for (const auto& element : array_of(name, value)) {
        node.any_of.push_back(compile_owned(element));
      }
      return true;
    case Keyword::items:
      if (value.is_array()) refuse(name, "a list of schemas is not supported");
      node.items = compile_owned(value);
      return true;
    case Keyword::required:
      for (const auto& element : array_of(name, value)) {
        node.required.push_back(string_of(name, element));
      }
      return true;
    case Keyword::enumeration:
      node.enumeration = array_of(name, value);
      return true;
    case Keyword::type:
      read_types(value, node);
      return true;
    default:
      return false;
  }
}

// False: the keyword asks for nothing.
bool read_keyword(Keyword keyword, const Value& value, SchemaNode& node) {
  if (read_structure(keyword, value, node)) return true;
  const auto name = name_of(keyword);
  switch (keyword) {
    case Keyword::minimum:
      node.minimum = number_of(name, value);
      return true;
    case Keyword::maximum:
      node.maximum = number_of(name, value);
      return true;
    case Keyword::min_length:
      node.min_length = count_of(name, value);
      return true;
    case Keyword::max_length:
      node.max_length = count_of(name, value);
      return true;
    case Keyword::min_items:
      node.min_items = count_of(name, value);
      return true;
    case Keyword::max_items:
      node.max_items = count_of(name, value);
      return true;
    case Keyword::min_properties:
      node.min_properties = count_of(name, value);
      return true;
    case Keyword::max_properties:
      node.max_properties = count_of(name, value);
      return true;
    case Keyword::pattern:
      node.pattern.emplace(string_of(name, value));
      return true;
    case Keyword::format:
      if (string_of(name, value) != "uuid") refuse(name, "only uuid is supported");
      return true;
    case Keyword::unique_items:
      if (!value.is_bool()) refuse(name, "a boolean is needed");
      return value.get_bool();
    default:
      refuse(name, "this keyword is not supported");
  }
}

}  // namespace

std::string_view name_of(Keyword keyword) {
  switch (keyword) {
    case Keyword::false_schema:
      return "";
    case Keyword::additional_properties:
      return "additionalProperties";
    case Keyword::any_of:
      return "anyOf";
    case Keyword::enumeration:
      return "enum";
    case Keyword::format:
      return "format";
    case Keyword::items:
      return "items";
    case Keyword::max_items:
      return "maxItems";
    case Keyword::max_length:
      return "maxLength";
    case Keyword::max_properties:
      return "maxProperties";
    case Keyword::maximum:
      return "maximum";
    case Keyword::min_items:
      return "minItems";
    case Keyword::min_length:
      return "minLength";
    case Keyword::min_properties:
      return "minProperties";
    case Keyword::minimum:
      return "minimum";
    case Keyword::pattern:
      return "pattern";
    case Keyword::pattern_properties:
      return "patternProperties";
    case Keyword::properties:
      return "properties";
    case Keyword::required:
      return "required";
    case Keyword::type:
      return "type";
    case Keyword::unique_items:
      return "uniqueItems";
  }
  return "";
}

std::uint8_t type_of_name(std::string_view name) {
  static constexpr std::string_view names[] = {"null",   "boolean", "integer", "number",
                                               "string", "array",   "object"};
  const auto* found = std::find(std::begin(names), std::end(names), name);
  if (found == std::end(names)) refuse("type", "there is no such type");
  return static_cast<std::uint8_t>(1 << (found - std::begin(names)));
}

std::uint8_t types_of(const Value& value) {
  static const std::uint8_t integer = type_of_name("integer") | type_of_name("number");
  static const std::uint8_t by_kind[] = {
      type_of_name("null"),
      type_of_name("boolean"),
      integer,
      integer,
      type_of_name("number"),
      type_of_name("string"),
      type_of_name("array"),
      type_of_name("object"),
  };
  if (value.is_double() && value.get_double() == std::trunc(value.get_double())) return integer;
  return by_kind[static_cast<std::size_t>(value.kind())];
}

bool is_additional(const SchemaNode& node, std::string_view name) {
  return std::none_of(node.properties.begin(), node.properties.end(),
                      [name](const auto& property) { return property.name == name; }) &&
         std::none_of(node.pattern_properties.begin(), node.pattern_properties.end(),
                      [name](const auto& property) { return property.pattern.matches(name); });
}

void compile(const Value& schema, SchemaNode& node) {
  if (schema.is_bool()) {
    if (!schema.get_bool()) node.keywords.push_back(Keyword::false_schema);
    return;
  }
  for (const auto& member : object_of("schema", schema)) {
    const std::string_view name = member.key();
    if (is_annotation(name)) continue;
    const Keyword keyword = keyword_of(name);
    if (read_keyword(keyword, member.value(), node)) node.keywords.push_back(keyword);
  }
}

}  // namespace emplace::json
