// Schema: checks a JSON value against a JSON Schema, in the dialect and the words of
// python-jsonschema 4.10 (2020-12), as far as Placement's schemas go.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "json/reader.h"

namespace emplace::json {

class Schema {
 public:
  // Compiles a schema. Requires: `text` is one of our own schema files; throws std::logic_error on
  // a keyword that is not supported, so that none is ignored.
  explicit Schema(std::string_view text);
  ~Schema();
  Schema(Schema&&) noexcept;

  // Nothing, or Reason::bad_request with "JSON does not validate: …" in python-jsonschema's words
  // for its best match, cut to at most 1 KiB.
  Result<void> check(const Value& value) const;

 private:
  struct Node;
  std::unique_ptr<const Node> root_;
};

}  // namespace emplace::json
