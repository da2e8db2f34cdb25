// GET /resource_providers: which providers pass all filters.
#include <algorithm>
#include <array>

#include "api/common.h"
#include "api/handlers.h"
#include "api/pieces.h"
#include "json/schema.h"
#include "json/writer.h"

namespace emplace::api {
namespace {

// The parameters that there are, and since when; all are texts.
const json::Schema& query_schema(const Call& call) {
  struct Parameter {
    std::string_view name;
    Feature since;
    std::string_view schema;
  };
  constexpr std::string_view text = R"({"type": "string"})";
  constexpr std::string_view uuid = R"({"type": "string", "format": "uuid"})";
  static constexpr std::array<Parameter, 6> parameters{
      {{"name", Feature::always, text},
       {"uuid", Feature::always, uuid},
       {"member_of", Feature::providers_member_of, text},
       {"resources", Feature::providers_resources, text},
       {"in_tree", Feature::nested_providers, uuid},
       {"required", Feature::providers_required, text}}};
  const auto known = [](auto version_has) {
    std::string properties;
    for (const auto& parameter : parameters) {
      if (!version_has(parameter.since)) continue;
      if (!properties.empty()) properties += ", ";
      properties.append("\"").append(parameter.name).append("\": ").append(parameter.schema);
    }
    return json::Schema(R"({"type": "object", "properties": {)" + properties +
                        R"(}, "additionalProperties": false})");
  };
  static const std::vector<json::Schema> schemas = [&] {
    std::vector<json::Schema> all;
    for (int minor = 0; minor <= newest.minor; ++minor) {
      all.push_back(known([&](Feature since) { return static_cast<int>(since) <= minor; }));
    }
    return all;
  }();
  return schemas[static_cast<std::size_t>(std::clamp(call.version.minor, 0, newest.minor))];
}

// What the parameters say, not looked up yet.
struct Question {
  std::string name;
  std::optional<Uuid> uuid, in_tree;
  candidates::TraitFilter traits;
  candidates::AggregateFilter aggregates;
  std::vector<std::pair<std::string, std::int64_t>> resources;
};

Result<Question> decode(const Call& call) {
  const auto query = TRY(call.query());
  CHECK_OK(check_query(query, query_schema(call)));
  Question question;
  question.aggregates = TRY(parse_member_of(call, values_of(query, "member_of"), "member_of"));
  question.traits = TRY(parse_required(call, values_of(query, "required"), "required"));
  question.name = last_value_of(query, "name").value_or("");
  if (const auto uuid = last_value_of(query, "uuid")) question.uuid = Uuid::parse(*uuid);
  if (const auto in_tree = last_value_of(query, "in_tree")) {
    question.in_tree = Uuid::parse(*in_tree);
  }
  if (const auto resources = last_value_of(query, "resources")) {
    question.resources = TRY(parse_resources(*resources, call.settings.query_values_max));
  }
  return question;
}

template <class Id>
using AnyOf = std::vector<std::vector<Id>>;  // at least one of each inner list

// The question with everything looked up.
struct Filter {
  std::optional<std::uint32_t> tree;
  std::optional<Uuid> uuid;
  std::string name;  // empty: any
  AnyOf<TraitId> traits;
  std::vector<TraitId> forbidden_traits;
  AnyOf<AggregateId> aggregates;
  std::vector<AggregateId> forbidden_aggregates;
  std::vector<std::pair<ClassId, std::int64_t>> resources;
};

bool has(const Provider& provider, TraitId id) {
  return provider.has_trait(id);
}
bool has(const Provider& provider, AggregateId id) {
  return provider.in_aggregate(id);
}
// Whether so much more of a class fits, as one claim.
bool has(const Provider& provider, const std::pair<ClassId, std::int64_t>& wanted) {
  const auto* inventory = provider.find_inventory(wanted.first);
  if (!inventory) return false;
  const auto& values = inventory->values;
  const std::int64_t amount = wanted.second;
  return amount <= values.capacity() - inventory->used && amount >= values.min_unit &&
         amount <= values.max_unit && values.step_size > 0 && amount % values.step_size == 0;
}

template <class Thing>
bool has_any(const Provider& provider, const std::vector<Thing>& things) {
  return std::any_of(things.begin(), things.end(),
                     [&](const Thing& thing) { return has(provider, thing); });
}

bool matches(const Provider& provider, const Filter& filter) {
  const auto has_one = [&](const auto& things) { return has_any(provider, things); };
  return (!filter.uuid || provider.uuid == *filter.uuid) &&
         (filter.name.empty() || provider.name == filter.name) &&
         std::all_of(filter.traits.begin(), filter.traits.end(), has_one) &&
         !has_any(provider, filter.forbidden_traits) &&
         std::all_of(filter.aggregates.begin(), filter.aggregates.end(), has_one) &&
         !has_any(provider, filter.forbidden_aggregates) &&
         std::all_of(filter.resources.begin(), filter.resources.end(),
                     [&](const auto& wanted) { return has(provider, wanted); });
}

template <class Id>
void keep_trees_with(Bitmap& trees, const World& world, const AnyOf<Id>& wanted) {
  for (const auto& ids : wanted) {
    Bitmap any;
    for (const auto id : ids)
      any |= world.trees_with(id);
    trees &= any;
  }
}

// The trees in which a provider may match.
Bitmap trees_for(const World& world, const Filter& filter) {
  Bitmap trees;
  auto tree = filter.tree;
  if (!tree && filter.uuid) {
    const auto place = world.find_place(*filter.uuid);
    if (!place) return trees;
    tree = place->tree;
  }
  if (!tree && !filter.name.empty()) {
    const auto located = world.find_provider_by_name(filter.name);
    if (!located) return trees;
    tree = located->place.tree;
  }
  if (tree) {
    trees.add(*tree);
  } else {
    trees = world.all_trees();
  }
  keep_trees_with(trees, world, filter.traits);
  keep_trees_with(trees, world, filter.aggregates);
  for (const auto& wanted : filter.resources)
    trees &= world.trees_with(wanted.first);
  return trees;
}

// Calls visit(tree, index) for each provider that matches and that the caller sees; a visit that
// returns false ends it.
template <class Visit>
void for_each_match(const Call& call, const Filter& filter, Visit visit) {
  const World& world = call.world;
  trees_for(world, filter).for_each([&](std::uint32_t number) {
    const Tree& tree = *world.tree(number);
    for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
      if (!matches(*tree.nodes[i].provider, filter) || !call.access.sees(world, tree, i)) continue;
      if (!visit(tree, i)) return false;
    }
    return true;
  });
}

bool has_match(const Call& call, const Filter& filter) {
  bool found = false;
  for_each_match(call, filter, [&](const Tree&, std::size_t) {
    found = true;
    return false;
  });
  return found;
}

Result<TraitId> find_trait(const World& world, const std::string& name) {
  if (const auto id = world.find_trait(name)) return *id;
  return fail(Reason::bad_request,
              "Invalid trait(s) in \"required\" parameter: No such trait(s): " + name + ".");
}

Result<ClassId> find_class(const World& world, const std::string& name) {
  if (const auto id = world.find_class(name)) return *id;
  return fail(Reason::bad_request,
              "Invalid resource class in resources parameter: No such "
              "resource class " +
                  name + ".");
}

// Nobody has heard of an aggregate as long as no provider was in it.
std::vector<AggregateId> known_aggregates(const World& world, const std::vector<Uuid>& uuids) {
  std::vector<AggregateId> ids;
  for (const auto& uuid : uuids) {
    if (const auto id = world.find_aggregate(uuid)) ids.push_back(*id);
  }
  return ids;
}

// The filter; or none, if nothing can match. As upstream does it, names are looked up step by step,
// and once a step has shown that nothing can match, the names of later steps may be wrong.
Result<std::optional<Filter>> look_up(const Call& call, const Question& question) {
  const World& world = call.world;
  const std::optional<Filter> nothing;
  Filter filter;
  filter.uuid = question.uuid;
  filter.name = question.name;
  if (question.in_tree) {
    const auto place = world.find_place(*question.in_tree);
    if (!place) return nothing;
    filter.tree = place->tree;
  }
  Filter by_traits, by_aggregates;
  for (const auto& names : question.traits.any_of) {
    auto& ids = by_traits.traits.emplace_back();
    for (const auto& name : names) {
      const TraitId id = TRY(find_trait(world, name));
      ids.push_back(id);
    }
  }
  if (!by_traits.traits.empty() && !has_match(call, by_traits)) return nothing;
  for (const auto& name : question.traits.none_of) {
    const TraitId id = TRY(find_trait(world, name));
    filter.forbidden_traits.push_back(id);
  }
  for (const auto& uuids : question.aggregates.any_of) {
    by_aggregates.aggregates.push_back(known_aggregates(world, uuids));
  }
  if (!by_aggregates.aggregates.empty() && !has_match(call, by_aggregates)) return nothing;
  filter.forbidden_aggregates = known_aggregates(world, question.aggregates.none_of);
  for (const auto& [name, amount] : question.resources) {
    const ClassId id = TRY(find_class(world, name));
    filter.resources.emplace_back(id, amount);
  }
  filter.traits = std::move(by_traits.traits);
  filter.aggregates = std::move(by_aggregates.aggregates);
  return filter;
}

}  // namespace

Result<Outcome> list_providers(const Call& call) {
  const auto question = TRY(decode(call));
  const auto filter = TRY(look_up(call, question));
  std::optional<Time> modified;
  std::string body;
  json::Writer writer(body);
  writer.begin_object().key("resource_providers").begin_array();
  const auto write = [&](const Tree& tree, std::size_t index) {
    const Time updated_at = tree.nodes[index].provider->updated_at;
    modified = newer(updated_at, modified.value_or(updated_at));
    if (call.has(Feature::nested_providers)) {
      writer.raw(pieces_of(call.world, tree, index).listing);
    } else {
      writer.raw(provider_json(tree, index, call.version));
    }
    return true;
  };
  if (filter) for_each_match(call, *filter, write);
  writer.end_array().end_object();
  // A provider that no longer matches a filter has left no time of its own.
  const auto& times = call.world.times();
  const bool is_filtered = !call.query_text.empty();
  modified = is_filtered ? times.changed : newer(times.provider_removed, modified.value_or(Time{}));
  return json_response(std::move(body), modified);
}

}  // namespace emplace::api
