// Query strings: parameters, and the small languages of their values.
#include <set>
#include <string>

#include "api/common.h"
#include "api/python_int.h"
#include "api/target.h"
#include "base/text.h"
#include "base/uuid.h"
#include "fuzz.h"

using namespace emplace;
using fuzz::require;

namespace {

std::string percent_encoded(std::string_view text) {
  constexpr char digits[] = "0123456789abcdef";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    encoded += {'%', digits[byte >> 4], digits[byte & 15]};
  }
  return encoded;
}

void check_resources(std::string_view text) {
  const auto resources = api::parse_resources(text);
  if (!resources) return fuzz::require_short(resources.error());
  std::set<std::string> classes;
  std::string again;
  for (const auto& [name, amount] : *resources) {
    require(classes.insert(name).second, "each class is there once");
    require(amount >= 1, "an amount is positive");
    again += (again.empty() ? "" : ",") + name + ":" + std::to_string(amount);
  }
  const auto reread = api::parse_resources(again);
  require(reread && *reread == *resources, "resources read back");
}

void check_traits(std::string_view text, api::TraitSyntax syntax) {
  const auto traits = api::parse_traits(text, syntax);
  if (!traits) return fuzz::require_short(traits.error());
  require(syntax.forbidden || traits->none_of.empty(), "nothing is forbidden where it cannot be");
  for (const auto& any : traits->any_of) {
    require(!any.empty(), "one of something is asked for");
    require(syntax.any || any.size() == 1, "no choice where there is none to give");
  }
}

void check_value(const std::string& value) {
  check_resources(value);
  for (const bool forbidden : {false, true}) {
    for (const bool any : {false, true})
      check_traits(value, {forbidden, any});
  }
  api::parse_python_int(value);
}

void check_path(std::string_view path) {
  for (const auto* route : {"/", "", "/traits/{}", "/resource_providers/{}/inventories/{}"}) {
    const auto values = api::match_path(route, path);
    if (!values) continue;
    for (const auto& value : *values)
      require(!value.empty(), "a path's values are not empty");
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  check_path(text);
  if (is_utf8(text)) check_value(std::string(text));
  const auto query = api::parse_query(text);
  if (!query) {
    fuzz::require_short(query.error());
    return 0;
  }
  std::string again;
  for (const auto& [name, value] : *query) {
    require(is_utf8(name) && is_utf8(value), "parameters are UTF-8");
    check_value(value);
    again += (again.empty() ? "" : "&") + percent_encoded(name) + "=" + percent_encoded(value);
  }
  const auto reread = api::parse_query(again);
  require(reread && *reread == *query, "parameters read back");
  return 0;
}
