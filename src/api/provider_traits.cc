// /resource_providers/{uuid}/traits.
#include "api/common.h"
#include "api/handlers.h"
#include "api/schemas.h"
#include "changes/traits.h"
#include "json/schema.h"
#include "json/writer.h"

namespace emplace::api {
namespace {

Response traits_response(const World& world, const Provider& provider) {
  std::string body;
  json::Writer writer(body);
  writer.begin_object().key("traits").begin_array();
  for (const auto id : provider.traits)
    writer.value(world.trait(id).name);
  writer.end_array();
  writer.key("resource_provider_generation").value(provider.generation);
  writer.end_object();
  return json_response(std::move(body), newer(provider.traits_updated_at, provider.updated_at));
}

}  // namespace

Result<Outcome> list_provider_traits(const Call& call) {
  const auto provider = provider_of_path(call, call.path[0]);
  if (provider) return traits_response(call.world, **provider);
  // This has been told in twice the words here.
  const auto& detail = provider.error().detail;
  return fail(Reason::not_found, detail + ": " + detail);
}

Result<Outcome> replace_provider_traits(const Call& call) {
  static const json::Schema schema(schema_text("provider_traits_put_1_6"));
  // Unlike elsewhere, a wrong body goes before a provider that is not there.
  const auto body = TRY(call.body(schema));
  const Uuid uuid = TRY(provider_uuid_of_path(call.path[0]));
  changes::ReplaceTraits command{uuid, generation_in(body.at("resource_provider_generation")), {}};
  for (const auto& name : body.at("traits").get_array()) {
    command.traits.emplace_back(name.get_string());
  }
  return planned(std::move(command), [uuid](const World& after) {
    return traits_response(after, **after.find_provider(uuid));
  });
}

Result<Outcome> delete_provider_traits(const Call& call) {
  const Uuid uuid = TRY(provider_uuid_of_path(call.path[0]));
  return planned(changes::RemoveTraits{uuid}, [](const World&) { return empty_response(204); });
}

}  // namespace emplace::api
