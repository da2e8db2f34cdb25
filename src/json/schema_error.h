// SchemaError: one way in which a value fails a schema, and the words for it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "json/schema_node.h"

namespace emplace::json {

// A step from a schema into one inside it, and from the value to the part that is held against it.
struct SchemaStep {
  Keyword keyword;
  std::string_view schema_key;  // below `properties` or `patternProperties`
  std::string_view member;      // where the step goes to a member of an object
  std::size_t index = 0;        // of anyOf, or of an array's element
};

// All views and pointers are into the schema and the value.
struct SchemaError {
  const SchemaNode* node = nullptr;  // none: no error
  Keyword keyword = Keyword::false_schema;
  const Value* value = nullptr;
  std::string_view missing;  // for `required`
  std::vector<SchemaStep> path;
};

// Whether the step goes into the value, and not only into the schema.
bool moves_into_value(const SchemaStep& step);

// In the words of python-jsonschema; no more than about 200 bytes of the value in any place.
std::string describe(const SchemaError& error);

}  // namespace emplace::json
