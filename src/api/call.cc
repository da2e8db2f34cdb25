#include "api/call.h"

#include "api/target.h"
#include "base/text.h"
#include "json/schema.h"

namespace emplace::api {

std::string_view Request::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (same_ignoring_case(key, name)) {
      return value.data() ? value : std::string_view("");
    }
  }
  return {};
}

std::vector<std::string_view> Request::header_values(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto& [key, value] : headers) {
    if (same_ignoring_case(key, name)) values.push_back(value);
  }
  return values;
}

Result<QueryParameters> Call::query() const {
  return parse_query(query_text);
}

Result<json::Value> Call::body(const json::Schema& schema) const {
  auto value = TRY(json::parse(request.body, settings.json));
  CHECK_OK(schema.check(value));
  return value;
}

Call Call::on(const World& other) const {
  return {request, version, identity, other,      settings, now,
          rule,    random,  path,     query_text, rules,    access};
}

tl::unexpected<Failure> forbidden(std::string_view rule) {
  return fail(Reason::forbidden,
              "Policy does not allow " + std::string(rule) + " to be performed.");
}

}  // namespace emplace::api
