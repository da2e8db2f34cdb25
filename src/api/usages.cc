// GET /resource_providers/{uuid}/usages and GET /usages: how much is used, of a provider or by a
// project.
#include <algorithm>
#include <limits>
#include <map>
#include <optional>

#include "api/common.h"
#include "api/handlers.h"
#include "json/python_repr.h"
#include "json/schema.h"
#include "json/utf8.h"
#include "json/writer.h"

namespace emplace::api {
namespace {

constexpr std::string_view all_types = "all", no_type = "unknown";

const json::Schema& usages_schema(const Call& call) {
  static const json::Schema of_1_9(R"({
    "type": "object",
    "properties": {
      "project_id": {"type": "string", "minLength": 1, "maxLength": 255},
      "user_id": {"type": "string", "minLength": 1, "maxLength": 255}
    },
    "required": ["project_id"],
    "additionalProperties": false
  })");
  static const json::Schema of_1_38(R"({
    "type": "object",
    "properties": {
      "project_id": {"type": "string", "minLength": 1, "maxLength": 255},
      "user_id": {"type": "string", "minLength": 1, "maxLength": 255},
      "consumer_type": {"type": "string", "maxLength": 255}
    },
    "required": ["project_id"],
    "additionalProperties": false
  })");
  return call.has(Feature::consumer_types) ? of_1_38 : of_1_9;
}

// Upstream's pattern says `^all` where it means `^all$`: what only begins so finds nothing.
Result<void> check_type(std::optional<std::string_view> type) {
  if (!type || *type == no_type || type->starts_with(all_types)) return {};
  const bool is_name = !type->empty() && std::all_of(type->begin(), type->end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
  if (is_name) return {};
  return fail(Reason::bad_request,
              "Invalid query string parameters: " + json::python_repr_text(*type, 255) +
                  " does not match '^[A-Z0-9_]+$|^all|^unknown$'\n\nFailed validating 'pattern' "
                  "in schema['properties']['consumer_type']");
}

struct UsageQuery {
  std::string_view project_id;
  std::optional<std::string_view> user_id, type;
};

struct Usage {
  std::map<ClassId, std::int64_t> used;
  std::int64_t consumers = 0;

  void add(const Consumer& consumer) {
    for (const auto& allocation : consumer.allocations) {
      auto& sum = used[allocation.resource_class];
      if (__builtin_add_overflow(sum, allocation.used, &sum)) {
        sum = std::numeric_limits<std::int64_t>::max();
      }
    }
    ++consumers;
  }
};
using UsageByType = std::map<std::string, Usage, std::less<>>;

// Under which key a consumer counts; nothing if it does not.
std::optional<std::string_view> key_of(const Consumer& consumer, const UsageQuery& query) {
  if (consumer.allocations.empty()) return std::nullopt;
  if (query.user_id && *consumer.user_id != *query.user_id) return std::nullopt;
  if (query.type == all_types) return all_types;
  const std::string_view type = consumer.type ? std::string_view(*consumer.type) : no_type;
  if (query.type && *query.type != type) return std::nullopt;
  return type;
}

UsageByType usage_of(const Call& call, const UsageQuery& query) {
  UsageByType usages;
  const auto* consumers = call.world.consumers_of_project(query.project_id);
  if (!consumers) return usages;
  const Access::UsageTarget asked{query.project_id, query.user_id};
  const bool sees_all = call.access.sees_all_usage(asked);
  consumers->for_each([&](const Uuid& uuid, Nothing) {
    const auto consumer = call.world.find_consumer(uuid);
    const auto key = key_of(*consumer, query);
    if (key && (sees_all || call.access.sees_usage(asked, *consumer))) {
      usages[std::string(*key)].add(*consumer);
    }
  });
  return usages;
}

void write_amounts(json::Writer& out, const World& world, const Usage& usage) {
  for (const auto& [resource_class, used] : usage.used) {
    out.key(world.resource_class(resource_class).name).value(used);
  }
}

}  // namespace

Result<Outcome> show_provider_usages(const Call& call) {
  const auto provider = provider_of_path(call, call.path[0]);
  if (!provider) {
    // Unlike most answers about a missing provider, this one of upstream's has its Vary header.
    return fail(Reason::not_found, "No resource provider with uuid " +
                                       std::string(json::cut_to(call.path[0], 200)) +
                                       " found: " + provider.error().detail);
  }
  std::string body;
  json::Writer out(body);
  out.begin_object();
  out.key("resource_provider_generation").value((*provider)->generation);
  out.key("usages").begin_object();
  for (const auto& inventory : (*provider)->inventories) {
    out.key(call.world.resource_class(inventory.resource_class).name).value(inventory.used);
  }
  out.end_object().end_object();
  return json_response(std::move(body), usage_changed_at(call.world, **provider));
}

Result<Outcome> show_usages(const Call& call) {
  const auto parameters = TRY(call.query());
  const Access::UsageTarget asked{last_value_of(parameters, "project_id"),
                                  last_value_of(parameters, "user_id")};
  // Whether the caller may see the project comes before whether the question is well put.
  if (!call.access.may_see_usage(asked)) return forbidden(call.rule);
  CHECK_OK(check_query(parameters, usages_schema(call)));

  UsageQuery query{*asked.project_id, asked.user_id, std::nullopt};
  const bool by_type = call.has(Feature::consumer_types);
  if (by_type) {
    query.type = last_value_of(parameters, "consumer_type");
    CHECK_OK(check_type(query.type));
  } else {
    query.type = all_types;
  }
  const auto usages = usage_of(call, query);

  std::string body;
  json::Writer out(body);
  out.begin_object().key("usages").begin_object();
  for (const auto& [type, usage] : usages) {
    if (by_type) out.key(type).begin_object();
    write_amounts(out, call.world, usage);
    if (by_type) out.key("consumer_count").value(usage.consumers).end_object();
  }
  out.end_object().end_object();
  // Consumers come, go and change hands without a time that would be kept for their project.
  return json_response(std::move(body), call.world.times().changed);
}

}  // namespace emplace::api
