// JSON: what is read can be written and read again, and every schema of the API stands any value.
#include <cmath>
#include <string>
#include <vector>

#include "api/schemas.h"
#include "base/text.h"
#include "fuzz.h"
#include "json/python_repr.h"
#include "json/reader.h"
#include "json/schema.h"
#include "json/writer.h"

using namespace emplace;
using fuzz::require;

namespace {

void write(json::Writer& writer, const json::Value& value) {
  switch (value.kind()) {
    case boost::json::kind::object:
      writer.begin_object();
      for (const auto& member : value.get_object()) {
        write(writer.key(member.key()), member.value());
      }
      writer.end_object();
      break;
    case boost::json::kind::array:
      writer.begin_array();
      for (const auto& item : value.get_array())
        write(writer, item);
      writer.end_array();
      break;
    case boost::json::kind::string:
      writer.value(std::string_view(value.get_string()));
      break;
    case boost::json::kind::int64:
      writer.value(value.get_int64());
      break;
    case boost::json::kind::uint64:
      writer.raw(std::to_string(value.get_uint64()));
      break;
    case boost::json::kind::double_:
      require(std::isfinite(value.get_double()), "numbers are finite");
      writer.value(value.get_double());
      break;
    case boost::json::kind::bool_:
      writer.value(value.get_bool());
      break;
    case boost::json::kind::null:
      writer.null();
      break;
  }
}

const std::vector<json::Schema>& schemas() {
  static const auto all = [] {
    std::vector<json::Schema> compiled;
    for (const auto& schema : api::schema_texts())
      compiled.emplace_back(schema.text);
    return compiled;
  }();
  return all;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  const auto value = json::parse(text);
  if (!value) {
    fuzz::require_short(value.error());
    require(value.error().detail.starts_with("Malformed JSON: "), "the words clients look for");
    require(is_utf8(value.error().detail), "a refusal is UTF-8");
    return 0;
  }
  std::string written;
  json::Writer writer(written);
  write(writer, *value);
  const auto again = json::parse(written);
  require(again && *again == *value, "what is written reads back as the same value");

  constexpr std::size_t limit = 100;
  const auto shown = json::python_repr(*value, limit);
  require(shown.size() <= 2 * limit, "what is shown of a value is short");
  require(is_utf8(shown), "what is shown of a value is UTF-8");

  for (const auto& schema : schemas()) {
    const auto checked = schema.check(*value);
    if (checked) continue;
    fuzz::require_short(checked.error());
    require(is_utf8(checked.error().detail), "a schema's refusal is UTF-8");
  }
  return 0;
}
