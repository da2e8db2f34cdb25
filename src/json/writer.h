// Writer: appends JSON to a string as it is told, with no document in between.
// The form is that of Python's json.dumps: `{"a": 1, "b": [2, 3]}`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/uuid.h"

namespace emplace::json {

// Appends `text` as a JSON string, quotes included; non-ASCII stays UTF-8.
void append_string(std::string& out, std::string_view text);

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  Writer& begin_object();
  Writer& end_object();
  Writer& begin_array();
  Writer& end_array();
  Writer& key(std::string_view name);
  Writer& key(const Uuid& name);
  Writer& value(std::string_view text);
  Writer& value(const char* text) { return value(std::string_view(text)); }
  Writer& value(const Uuid& uuid);
  Writer& value(std::int64_t number);
  Writer& value(int number) { return value(static_cast<std::int64_t>(number)); }
  // As Python's repr(): shortest that reads back the same, with ".0" for whole numbers.
  // What is not finite becomes null.
  Writer& value(double number);
  Writer& value(bool truth);
  Writer& null();
  // Text that is a whole JSON value already, or several members "a": 1, "b": 2 of an object
  // (then call it where a key would stand). An empty text adds nothing.
  Writer& raw(std::string_view json);

 private:
  // Whether ", " belongs before what comes next; from then on something has been written.
  bool needs_separator();
  void separate();
  std::string& out_;
  bool first_ = true;  // nothing written yet in the innermost list
  bool after_key_ = false;
};

}  // namespace emplace::json
