// /resource_classes.
#include "changes/classes.h"

#include "api/common.h"
#include "api/handlers.h"
#include "api/schemas.h"
#include "json/schema.h"
#include "json/writer.h"

namespace emplace::api {
namespace {

std::string path_of(const std::string& name) {
  return "/resource_classes/" + name;
}

void write_class(json::Writer& writer, const std::string& name) {
  writer.begin_object().key("name").value(name).key("links").begin_array().begin_object();
  writer.key("rel").value("self").key("href").value(path_of(name));
  writer.end_object().end_array().end_object();
}

std::string class_json(const std::string& name) {
  std::string body;
  json::Writer writer(body);
  write_class(writer, name);
  return body;
}

const json::Schema& put_schema() {
  static const json::Schema schema(schema_text("resource_class_put_1_2"));
  return schema;
}

std::string text_of(const json::Value& value) {
  return std::string(value.get_string());
}

// PUT before 1.7: gives the class another name.
Result<Outcome> rename_class(const Call& call) {
  const auto body = TRY(call.body(put_schema()));
  const auto new_name = text_of(body.at("name"));
  return planned(changes::EditClass{call.path[0], new_name},
                 [new_name](const World&) { return json_response(class_json(new_name)); });
}

// PUT from 1.7: sees to it that there is the class.
Result<Outcome> ensure_class(const Call& call) {
  const auto& name = call.path[0];
  CHECK_OK(put_schema().check(json::Object{{"name", name}}));
  const auto created = std::make_shared<bool>(false);
  return Write{[name, created](const World& tip, Time now) {
                 auto changes = changes::plan(tip, changes::EnsureClass{name}, now);
                 *created = changes && !changes->empty();
                 return changes;
               },
               [name, created](const World&) {
                 auto response = empty_response(*created ? 201 : 204);
                 response.location = path_of(name);
                 return response;
               }};
}

}  // namespace

Result<Outcome> list_classes(const Call& call) {
  std::optional<Time> modified;
  std::string body;
  json::Writer writer(body);
  writer.begin_object().key("resource_classes").begin_array();
  for (const auto id : call.world.class_ids()) {
    const auto& resource_class = call.world.resource_class(id);
    modified = newer(resource_class.updated_at, modified.value_or(resource_class.updated_at));
    write_class(writer, resource_class.name);
  }
  writer.end_array().end_object();
  const Time removed = call.world.times().class_removed;
  return json_response(std::move(body), newer(removed, modified.value_or(removed)));
}

Result<Outcome> create_class(const Call& call) {
  static const json::Schema schema(schema_text("resource_class_post_1_2"));
  const auto body = TRY(call.body(schema));
  const auto name = text_of(body.at("name"));
  return planned(changes::AddClass{name}, [name](const World&) {
    auto response = empty_response(201);
    response.location = path_of(name);
    return response;
  });
}

Result<Outcome> show_class(const Call& call) {
  const auto& name = call.path[0];
  const auto id = call.world.find_class(name);
  if (!id) return fail(Reason::no_such_resource, "No such resource class " + name + ".");
  return json_response(class_json(name), call.world.resource_class(*id).updated_at);
}

Result<Outcome> update_class(const Call& call) {
  return call.has(Feature::bodiless_class_put) ? ensure_class(call) : rename_class(call);
}

Result<Outcome> delete_class(const Call& call) {
  return planned(changes::RemoveClass{call.path[0]},
                 [](const World&) { return empty_response(204); });
}

}  // namespace emplace::api
