// The JSON Schemas of all request bodies, as text that is built into the program.
#pragma once

#include <span>
#include <string_view>

namespace emplace::api {

struct SchemaText {
  std::string_view name;  // the name of its file in schemas/, without .json
  std::string_view text;
};

// All of them, sorted by name.
std::span<const SchemaText> schema_texts();

// The text of one, such as "allocations_put_1_28". Throws std::logic_error if there is none.
std::string_view schema_text(std::string_view name);

}  // namespace emplace::api
