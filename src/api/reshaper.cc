// POST /reshaper: inventories and allocations of many, changed as one.
#include <memory>
#include <unordered_set>

#include "api/allocations_body.h"
#include "api/common.h"
#include "api/handlers.h"
#include "api/inventory_body.h"
#include "api/schemas.h"
#include "changes/reshape.h"
#include "json/schema.h"

namespace emplace::api {
namespace {

const json::Schema& reshaper_schema(const Call& call) {
  static const json::Schema of_1_30(schema_text("reshaper_post_1_30"));
  static const json::Schema of_1_34(schema_text("reshaper_post_1_34"));
  static const json::Schema of_1_38(schema_text("reshaper_post_1_38"));
  if (call.has(Feature::consumer_types)) return of_1_38;
  if (call.has(Feature::mappings)) return of_1_34;
  return of_1_30;
}

Result<std::vector<changes::ReshapedProvider>> decode_providers(const json::Object& inventories) {
  std::vector<changes::ReshapedProvider> providers;
  providers.reserve(inventories.size());
  std::unordered_set<Uuid> seen;
  for (const auto& [key, body] : inventories) {
    const auto uuid = Uuid::parse(key);
    if (!uuid) {
      const std::string name(key);
      return fail(Reason::unknown_provider, "Resource provider " + name +
                                                " in inventories not found: No resource provider "
                                                "with uuid " +
                                                name + " found");
    }
    if (!seen.insert(*uuid).second) {
      return fail(Reason::bad_request, "JSON does not validate: resource provider " + uuid->str() +
                                           " is named twice, in different spellings.");
    }
    auto& provider = providers.emplace_back();
    provider.provider = *uuid;
    provider.generation = generation_in(body.at("resource_provider_generation"));
    for (const auto& [name, values] : body.at("inventories").as_object()) {
      provider.items.push_back({std::string(name), decode_inventory(values)});
    }
  }
  return providers;
}

}  // namespace

Result<Outcome> reshape(const Call& call) {
  const auto body = TRY(call.body(reshaper_schema(call)));
  auto command = std::make_shared<changes::Reshape>();
  command->providers = TRY(decode_providers(body.at("inventories").as_object()));
  command->claims.consumers = TRY(decode_claims(call, body.at("allocations").as_object()));
  command->claims.unknown_class_prefix = "malformed reshaper data: ";
  auto touched = touched_by(command->claims);
  for (const auto& provider : command->providers)
    touched.providers.push_back(provider.provider);
  return Write{[command = std::shared_ptr<const changes::Reshape>(std::move(command))](
                   const World& tip, Time now) { return changes::plan(tip, *command, now); },
               [](const World&) { return empty_response(204); }, std::move(touched)};
}

}  // namespace emplace::api
