// GET /resource_providers/{uuid}/allocations: who has what from a provider.
#include <algorithm>
#include <vector>

#include "api/common.h"
#include "api/handlers.h"
#include "json/utf8.h"
#include "json/writer.h"

namespace emplace::api {
namespace {

// In the order of their UUIDs, so that the answer does not depend on chance.
std::vector<ConsumerPtr> consumers_of(const World& world, const Provider& provider) {
  std::vector<ConsumerPtr> consumers;
  consumers.reserve(provider.consumers.size());
  provider.consumers.for_each([&](const Uuid& uuid, Nothing) {
    if (auto consumer = world.find_consumer(uuid)) consumers.push_back(std::move(consumer));
  });
  std::sort(consumers.begin(), consumers.end(),
            [](const ConsumerPtr& a, const ConsumerPtr& b) { return a->uuid < b->uuid; });
  return consumers;
}

void write_consumer(json::Writer& out, const Call& call, const Consumer& consumer,
                    const Uuid& provider) {
  out.key(consumer.uuid).begin_object().key("resources").begin_object();
  for (const auto& allocation : consumer.allocations) {
    if (allocation.provider != provider) continue;
    out.key(call.world.resource_class(allocation.resource_class).name).value(allocation.used);
  }
  out.end_object();
  if (call.has(Feature::consumer_generation)) {
    out.key("consumer_generation").value(consumer.generation);
  }
  out.end_object();
}

}  // namespace

Result<Outcome> show_provider_allocations(const Call& call) {
  const auto provider = provider_of_path(call, call.path[0]);
  if (!provider) {
    // Unlike most answers about a missing provider, this one of upstream's has its Vary header.
    return fail(Reason::not_found, "Resource provider '" +
                                       std::string(json::cut_to(call.path[0], 200)) +
                                       "' not found: " + provider.error().detail);
  }
  const auto consumers = consumers_of(call.world, **provider);
  std::string body;
  json::Writer out(body);
  out.begin_object().key("allocations").begin_object();
  Time last_modified = usage_changed_at(call.world, **provider);
  for (const auto& consumer : consumers) {
    write_consumer(out, call, *consumer, (*provider)->uuid);
    last_modified = newer(last_modified, consumer->updated_at);
  }
  out.end_object();
  out.key("resource_provider_generation").value((*provider)->generation);
  out.end_object();
  return json_response(std::move(body), last_modified);
}

}  // namespace emplace::api
