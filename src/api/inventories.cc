// /resource_providers/{uuid}/inventories.
#include "changes/inventories.h"

#include "api/common.h"
#include "api/handlers.h"
#include "api/inventory_body.h"
#include "api/schemas.h"
#include "json/schema.h"
#include "json/writer.h"

namespace emplace::api {
namespace {

std::int64_t decode_generation(const json::Value& body) {
  return generation_in(body.at("resource_provider_generation"));
}

void write_values(json::Writer& writer, const InventoryValues& values) {
  writer.key("total").value(values.total);
  writer.key("reserved").value(values.reserved);
  writer.key("min_unit").value(values.min_unit);
  writer.key("max_unit").value(values.max_unit);
  writer.key("step_size").value(values.step_size);
  writer.key("allocation_ratio").value(values.allocation_ratio);
}

Response inventories_response(const World& world, const Provider& provider) {
  std::string body;
  json::Writer writer(body);
  writer.begin_object();
  writer.key("resource_provider_generation").value(provider.generation);
  writer.key("inventories").begin_object();
  Time modified = provider.updated_at;  // of the generation
  for (const auto& inventory : provider.inventories) {
    const auto& resource_class = world.resource_class(inventory.resource_class);
    modified = newer(newer(modified, inventory.updated_at), resource_class.updated_at);
    writer.key(resource_class.name).begin_object();
    write_values(writer, inventory.values);
    writer.end_object();
  }
  writer.end_object().end_object();
  if (provider.inventories.empty()) {
    auto response = json_response(std::move(body));
    response.no_cache = true;  // as upstream: no inventory, nothing that was modified
    return response;
  }
  return json_response(std::move(body), modified);
}

Response inventory_response(const Provider& provider, const Inventory& inventory) {
  std::string body;
  json::Writer writer(body);
  writer.begin_object();
  write_values(writer, inventory.values);
  writer.key("resource_provider_generation").value(provider.generation);
  writer.end_object();
  return json_response(std::move(body), newer(provider.updated_at, inventory.updated_at));
}

// The answer to a write of one inventory, which is there by then.
Response written_inventory(const World& after, const Uuid& uuid, const std::string& name) {
  const auto provider = *after.find_provider(uuid);
  return inventory_response(*provider, *provider->find_inventory(*after.find_class(name)));
}

// The provider to be shown. That there is none has been told in twice the words here.
Result<Located> provider_to_show(const Call& call) {
  auto provider = provider_of_path(call, call.path[0]);
  if (provider) return provider;
  const auto& detail = provider.error().detail;
  return fail(Reason::not_found, detail + " : " + detail);
}

}  // namespace

Result<Outcome> list_inventories(const Call& call) {
  const auto provider = TRY(provider_to_show(call));
  return inventories_response(call.world, *provider);
}

Result<Outcome> create_inventory(const Call& call) {
  static const json::Schema schema(schema_text("inventories_post_1_0"));
  const Uuid uuid = TRY(provider_uuid_of_path(call.path[0]));
  const auto body = TRY(body_for_provider(call, uuid, schema));
  // A generation in this body is not looked at, and never was.
  const std::string name(body.at("resource_class").get_string());
  const changes::AddInventory command{
      uuid, {name, decode_inventory(body)}, call.has(Feature::reserved_may_equal_total)};
  return planned(command, [uuid, name](const World& after) {
    auto response = written_inventory(after, uuid, name);
    response.status = 201;
    response.location = "/resource_providers/" + uuid.str() + "/inventories/" + name;
    return response;
  });
}

Result<Outcome> replace_inventories(const Call& call) {
  static const json::Schema schema(schema_text("inventories_put_1_0"));
  const Uuid uuid = TRY(provider_uuid_of_path(call.path[0]));
  const auto body = TRY(body_for_provider(call, uuid, schema));
  changes::ReplaceInventories command{
      uuid, decode_generation(body), {}, call.has(Feature::reserved_may_equal_total)};
  for (const auto& member : body.at("inventories").get_object()) {
    command.items.push_back({std::string(member.key()), decode_inventory(member.value())});
  }
  return planned(std::move(command), [uuid](const World& after) {
    return inventories_response(after, **after.find_provider(uuid));
  });
}

Result<Outcome> delete_inventories(const Call& call) {
  const Uuid uuid = TRY(provider_uuid_of_path(call.path[0]));
  return planned(changes::RemoveInventories{uuid},
                 [](const World&) { return empty_response(204); });
}

Result<Outcome> show_inventory(const Call& call) {
  const auto provider = TRY(provider_to_show(call));
  const auto& name = call.path[1];
  const auto id = call.world.find_class(name);
  const auto* inventory = id ? provider->find_inventory(*id) : nullptr;
  if (inventory) return inventory_response(*provider, *inventory);
  return fail(Reason::not_found, "No inventory of class " + name + " for " + provider->uuid.str());
}

Result<Outcome> update_inventory(const Call& call) {
  static const json::Schema schema(schema_text("inventory_put_1_0"));
  const Uuid uuid = TRY(provider_uuid_of_path(call.path[0]));
  const auto body = TRY(body_for_provider(call, uuid, schema));
  const auto& name = call.path[1];
  const changes::EditInventory command{uuid,
                                       decode_generation(body),
                                       {name, decode_inventory(body)},
                                       call.has(Feature::reserved_may_equal_total)};
  return planned(command,
                 [uuid, name](const World& after) { return written_inventory(after, uuid, name); });
}

Result<Outcome> delete_inventory(const Call& call) {
  const Uuid uuid = TRY(provider_uuid_of_path(call.path[0]));
  return planned(changes::RemoveInventory{uuid, call.path[1]},
                 [](const World&) { return empty_response(204); });
}

}  // namespace emplace::api
