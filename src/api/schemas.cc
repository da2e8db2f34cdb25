#include "api/schemas.h"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace emplace::api {

std::string_view schema_text(std::string_view name) {
  const auto all = schema_texts();
  const auto found = std::lower_bound(
      all.begin(), all.end(), name,
      [](const SchemaText& schema, std::string_view wanted) { return schema.name < wanted; });
  if (found == all.end() || found->name != name) {
    throw std::logic_error("there is no schema " + std::string(name));
  }
  return found->text;
}

}  // namespace emplace::api
