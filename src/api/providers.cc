// /resource_providers: one provider.
#include "changes/providers.h"

#include "api/common.h"
#include "api/handlers.h"
#include "api/pieces.h"
#include "api/schemas.h"
#include "base/random.h"
#include "json/schema.h"

namespace emplace::api {
namespace {

const json::Schema& post_schema(const Call& call) {
  static const json::Schema flat(schema_text("resource_provider_post_1_0"));
  static const json::Schema nested(schema_text("resource_provider_post_1_14"));
  return call.has(Feature::nested_providers) ? nested : flat;
}

const json::Schema& put_schema(const Call& call) {
  static const json::Schema flat(schema_text("resource_provider_put_1_0"));
  static const json::Schema nested(schema_text("resource_provider_put_1_14"));
  return call.has(Feature::nested_providers) ? nested : flat;
}

Result<std::string> name_in(const json::Value& body) {
  std::string name(body.at("name").get_string());
  if (is_printable(name)) return name;
  return fail(Reason::bad_request,
              "The name of a resource provider must not contain control characters.");
}

// A UUID of the body, if it is there and not null. Requires: the schema knows it as a uuid.
std::optional<Uuid> uuid_in(const json::Value& body, std::string_view member) {
  const auto* value = body.get_object().if_contains(member);
  if (!value || value->is_null()) return std::nullopt;
  return Uuid::parse(std::string_view(value->get_string()));
}

Response provider_response(const Located& provider, Microversion version) {
  return json_response(provider_json(*provider.tree, provider.place.index, version),
                       provider->updated_at);
}

}  // namespace

Result<Outcome> create_provider(const Call& call) {
  const auto body = TRY(call.body(post_schema(call)));
  changes::AddProvider command;
  command.name = TRY(name_in(body));
  const auto given = uuid_in(body, "uuid");
  command.uuid = given ? *given : Random(call.random).uuid();
  command.parent = uuid_in(body, "parent_provider_uuid");
  if (!command.parent && !call.access.may_make_root()) return forbidden(call.rule);
  const auto& identity = call.identity;
  if (!identity.project_id.empty() || !identity.user_id.empty()) {
    command.owner = CreatedBy{identity.project_id, identity.user_id};
  }
  const bool shows_provider = call.has(Feature::provider_in_post_answer);
  auto write = planned(
      command, [uuid = command.uuid, shows_provider, version = call.version](const World& after) {
        auto response = shows_provider ? provider_response(*after.find_provider(uuid), version)
                                       : empty_response(201);
        response.location = "/resource_providers/" + uuid.str();
        return response;
      });
  if (command.parent) write.touched.providers.push_back(*command.parent);
  return write;
}

Result<Outcome> show_provider(const Call& call) {
  const auto provider = TRY(provider_of_path(call, call.path[0]));
  return provider_response(provider, call.version);
}

Result<Outcome> update_provider(const Call& call) {
  const Uuid uuid = TRY(provider_uuid_of_path(call.path[0]));
  const auto body = TRY(body_for_provider(call, uuid, put_schema(call)));
  changes::EditProvider command;
  command.uuid = uuid;
  command.name = TRY(name_in(body));
  command.keeps_parent = !body.get_object().contains("parent_provider_uuid");
  command.parent = uuid_in(body, "parent_provider_uuid");
  command.may_reparent = call.has(Feature::reparenting);
  auto write = planned(command, [uuid, version = call.version](const World& after) {
    return provider_response(*after.find_provider(uuid), version);
  });
  if (command.parent) write.touched.providers.push_back(*command.parent);
  return write;
}

Result<Outcome> delete_provider(const Call& call) {
  const auto uuid = provider_uuid_of_path(call.path[0]);
  if (!uuid) return fail(Reason::not_found, uuid.error().detail + " for delete");
  return planned(changes::RemoveProvider{*uuid}, [](const World&) { return empty_response(204); });
}

}  // namespace emplace::api
