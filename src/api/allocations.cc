// GET, PUT and DELETE of /allocations/{consumer}.
#include <algorithm>
#include <string>

#include "api/allocations_body.h"
#include "api/common.h"
#include "api/handlers.h"
#include "api/schemas.h"
#include "json/schema.h"
#include "json/utf8.h"
#include "json/writer.h"

namespace emplace::api {
namespace {

const json::Schema& put_schema(const Call& call) {
  static const json::Schema of_1_0(schema_text("allocations_put_1_0"));
  static const json::Schema of_1_8(schema_text("allocations_put_1_8"));
  static const json::Schema of_1_12(schema_text("allocations_put_1_12"));
  static const json::Schema of_1_28(schema_text("allocations_put_1_28"));
  static const json::Schema of_1_34(schema_text("allocations_put_1_34"));
  static const json::Schema of_1_38(schema_text("allocations_put_1_38"));
  if (call.has(Feature::consumer_types)) return of_1_38;
  if (call.has(Feature::mappings)) return of_1_34;
  if (call.has(Feature::consumer_generation)) return of_1_28;
  if (call.has(Feature::allocations_as_object)) return of_1_12;
  if (call.has(Feature::claims_name_owner)) return of_1_8;
  return of_1_0;
}

// What the caller may know of a consumer's allocations, sorted by provider, those of one provider
// side by side.
std::vector<Allocation> known_allocations(const Call& call, const Consumer& consumer) {
  auto allocations = consumer.allocations;
  std::erase_if(allocations, [&call](const Allocation& allocation) {
    const auto place = call.world.find_place(allocation.provider);
    return place &&
           !call.access.claims_from(call.world, *call.world.tree(place->tree), place->index);
  });
  std::stable_sort(
      allocations.begin(), allocations.end(),
      [](const Allocation& a, const Allocation& b) { return a.provider < b.provider; });
  return allocations;
}

// When the allocations last changed, or the generations and the names of classes shown with them.
Time changed_at(const World& world, const Consumer& consumer,
                const std::vector<Allocation>& allocations) {
  Time changed = consumer.updated_at;
  for (const auto& allocation : allocations) {
    changed = newer(changed, world.resource_class(allocation.resource_class).updated_at);
    if (const auto provider = world.find_provider(allocation.provider)) {
      changed = newer(changed, (*provider)->updated_at);
    }
  }
  return changed;
}

void write_allocations(json::Writer& out, const World& world,
                       const std::vector<Allocation>& allocations) {
  for (std::size_t i = 0; i < allocations.size();) {
    const Uuid& uuid = allocations[i].provider;
    const auto provider = world.find_provider(uuid);
    // A database may hold allocations of providers that are gone.
    if (provider) out.key(uuid).begin_object().key("resources").begin_object();
    for (; i < allocations.size() && allocations[i].provider == uuid; ++i) {
      if (!provider) continue;
      out.key(world.resource_class(allocations[i].resource_class).name);
      out.value(allocations[i].used);
    }
    if (provider) out.end_object().key("generation").value((*provider)->generation).end_object();
  }
}

}  // namespace

Result<Outcome> show_allocations(const Call& call) {
  const auto uuid = Uuid::parse(call.path[0]);
  auto consumer = uuid ? call.world.find_consumer(*uuid) : nullptr;
  if (consumer && !call.access.claims_for(consumer.get())) consumer = nullptr;
  const auto allocations =
      consumer ? known_allocations(call, *consumer) : std::vector<Allocation>();
  const bool has_any = !allocations.empty();

  std::string body;
  json::Writer out(body);
  out.begin_object().key("allocations").begin_object();
  if (has_any) write_allocations(out, call.world, allocations);
  out.end_object();
  if (has_any && call.has(Feature::allocations_as_object)) {
    out.key("project_id").value(*consumer->project_id);
    out.key("user_id").value(*consumer->user_id);
    if (call.has(Feature::consumer_generation)) {
      out.key("consumer_generation").value(consumer->generation);
    }
    if (call.has(Feature::consumer_types)) {
      out.key("consumer_type").value(consumer->type ? *consumer->type : "unknown");
    }
  }
  out.end_object();
  auto response = json_response(std::move(body));
  response.is_placeholder = !has_any;
  response.last_modified = has_any ? changed_at(call.world, *consumer, allocations)
                                   : call.world.times().consumer_removed;
  return response;
}

Result<Outcome> replace_allocations(const Call& call) {
  const auto consumer = Uuid::parse(call.path[0]);
  if (!consumer) {
    return fail(Reason::bad_request, "Malformed consumer_uuid: " + echo(call.path[0]));
  }
  const auto body = TRY(call.body(put_schema(call)));
  changes::Claims claims;
  claims.consumers.push_back(TRY(decode_claim(call, *consumer, body.as_object())));
  claims.unknown_class_prefix =
      "Unable to allocate inventory for consumer " + consumer->str() + ": ";
  return write_of(std::move(claims));
}

Result<Outcome> delete_allocations(const Call& call) {
  return Write{[command = changes::Release{Uuid::parse(call.path[0]), echo(call.path[0])}](
                   const World& tip, Time now) { return changes::plan(tip, command, now); },
               [](const World&) { return empty_response(204); }};
}

}  // namespace emplace::api
