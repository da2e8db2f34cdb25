// SchemaNode: one (sub)schema, compiled. Immutable once compiled; any number of threads may read
// it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/pattern.h"
#include "json/reader.h"
#include "json/schema.h"

namespace emplace::json {

enum class Keyword : std::uint8_t {
  false_schema,  // not a word of a schema's text: the schema `false`, which allows nothing
  additional_properties,
  any_of,
  enumeration,
  format,
  items,
  max_items,
  max_length,
  max_properties,
  maximum,
  min_items,
  min_length,
  min_properties,
  minimum,
  pattern,
  pattern_properties,
  properties,
  required,
  type,
  unique_items,
};

// The keyword's spelling in a schema; empty for false_schema.
std::string_view name_of(Keyword keyword);

struct SchemaNode {
  using Owned = std::unique_ptr<const SchemaNode>;
  struct Property {
    std::string name;
    Owned schema;
  };
  struct PatternProperty {
    Pattern pattern;
    Owned schema;
  };

  std::vector<Keyword> keywords;  // those that the schema has, in its order
  std::uint8_t types = 0;         // a set of bits, see types_of()
  std::vector<std::string> type_names;
  std::vector<Property> properties;
  std::vector<PatternProperty> pattern_properties;
  Owned additional_properties;  // null where it is `false`
  std::vector<std::string> required;
  std::vector<Owned> any_of;
  Owned items;
  Value enumeration;  // an array
  std::optional<Pattern> pattern;
  Value minimum, maximum;
  std::size_t min_length = 0, max_length = 0;
  std::size_t min_items = 0, max_items = 0;
  std::size_t min_properties = 0, max_properties = 0;
};

struct Schema::Node : SchemaNode {};

// Compiles one schema, and those inside it, into `node`. Throws std::logic_error as Schema() does.
void compile(const Value& schema, SchemaNode& node);

// The bit of a type's name; std::logic_error if there is no such type.
std::uint8_t type_of_name(std::string_view name);
// The types that a value has: a whole number is an integer and a number, however it is written.
std::uint8_t types_of(const Value& value);

// Whether a member of that name is covered by neither `properties` nor `patternProperties`.
bool is_additional(const SchemaNode& node, std::string_view name);

}  // namespace emplace::json
