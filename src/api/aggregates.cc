// /resource_providers/{uuid}/aggregates.
#include "changes/aggregates.h"

#include <set>
#include <utility>

#include "api/common.h"
#include "api/handlers.h"
#include "api/schemas.h"
#include "json/python_repr.h"
#include "json/schema.h"
#include "json/writer.h"

namespace emplace::api {
namespace {

const json::Schema& put_schema(const Call& call) {
  static const json::Schema bare(schema_text("aggregates_put_1_1"));
  static const json::Schema with_generation(schema_text("aggregates_put_1_19"));
  return call.has(Feature::aggregates_generation) ? with_generation : bare;
}

// What is stored, also after a write: not what was sent. In the order in which the aggregates first
// came up, which is that of their rows and outlives the process.
Response aggregates_response(const World& world, const Provider& provider, bool shows_generation) {
  std::string body;
  json::Writer writer(body);
  writer.begin_object().key("aggregates").begin_array();
  for (const auto id : provider.aggregates)
    writer.value(world.aggregate(id));
  writer.end_array();
  Time modified = provider.aggregates_updated_at;
  if (shows_generation) {
    writer.key("resource_provider_generation").value(provider.generation);
    modified = newer(modified, provider.updated_at);
  }
  writer.end_object();
  return json_response(std::move(body), modified);
}

// Two spellings of one UUID are a duplicate like any other, and are refused in the same words.
Result<std::vector<Uuid>> decode_aggregates(const json::Value& list, bool is_member) {
  constexpr std::size_t echo_max = 200;
  std::vector<Uuid> aggregates;
  std::set<Uuid> seen;
  for (const auto& text : list.get_array()) {
    // The schema has seen to it that this is one.
    const auto uuid = Uuid::parse(std::string_view(text.get_string())).value_or(Uuid{});
    if (!seen.insert(uuid).second) {
      const std::string_view inside = is_member ? "['aggregates']" : "";
      return fail(Reason::bad_request,
                  "JSON does not validate: " + json::python_repr(list, echo_max) +
                      " has non-unique elements\n\nFailed validating 'uniqueItems' in schema" +
                      (is_member ? "['properties']['aggregates']" : "") + "\n\nOn instance" +
                      std::string(inside));
    }
    aggregates.push_back(uuid);
  }
  return aggregates;
}

}  // namespace

Result<Outcome> list_aggregates(const Call& call) {
  const auto provider = TRY(provider_of_path(call, call.path[0]));
  return aggregates_response(call.world, *provider, call.has(Feature::aggregates_generation));
}

Result<Outcome> replace_aggregates(const Call& call) {
  const bool with_generation = call.has(Feature::aggregates_generation);
  const Uuid uuid = TRY(provider_uuid_of_path(call.path[0]));
  const auto body = TRY(body_for_provider(call, uuid, put_schema(call)));
  changes::ReplaceAggregates command{uuid, std::nullopt, {}};
  auto aggregates =
      decode_aggregates(with_generation ? body.at("aggregates") : body, with_generation);
  if (!aggregates) {
    CHECK_OK(provider_in(call.world, uuid));
    return tl::unexpected(std::move(aggregates.error()));
  }
  command.aggregates = *std::move(aggregates);
  if (with_generation) {
    command.generation = generation_in(body.at("resource_provider_generation"));
  }
  return planned(std::move(command), [uuid, with_generation](const World& after) {
    return aggregates_response(after, **after.find_provider(uuid), with_generation);
  });
}

}  // namespace emplace::api
