// /traits.
#include "changes/traits.h"

#include <algorithm>
#include <set>

#include "api/common.h"
#include "api/handlers.h"
#include "api/like.h"
#include "json/schema.h"
#include "json/utf8.h"
#include "json/writer.h"

namespace emplace::api {
namespace {

std::string path_of(const std::string& name) {
  return "/traits/" + name;
}

bool is_custom_name(std::string_view name) {
  constexpr std::string_view prefix = "CUSTOM_";
  constexpr std::size_t name_max = 255;
  return name.starts_with(prefix) && name.size() > prefix.size() && name.size() <= name_max &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
         });
}

tl::unexpected<Failure> no_such_trait(const std::string& name) {
  return fail(Reason::not_found, "No such trait(s): " + name + ".");
}

// Which traits to list.
struct TraitQuestion {
  std::optional<std::set<std::string, std::less<>>> names;
  std::optional<std::string> pattern;
  std::optional<bool> associated;
};

Result<void> decode_name(const Call& call, std::string_view text, TraitQuestion& question) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) {
    constexpr std::size_t echo_max = 200;
    return fail(Reason::bad_request,
                "Badly formatted name parameter. Expected name query string parameter in form: "
                "?name=[in|startswith]:[name1,name2|prefix]. Got: \"" +
                    std::string(json::cut_to(text, echo_max)) + "\"");
  }
  const auto operation = text.substr(0, colon);
  auto operand = text.substr(colon + 1);
  // Any other operation is no filter at all, as ever.
  if (operation == "startswith") question.pattern = std::string(operand) + "%";
  if (operation != "in") return {};
  question.names.emplace();
  for (std::size_t count = 1;; ++count) {
    if (count > call.settings.query_values_max) {
      return fail(Reason::bad_request, "Invalid query string parameters: more than " +
                                           std::to_string(call.settings.query_values_max) +
                                           " names in one parameter.");
    }
    const auto comma = operand.find(',');
    question.names->emplace(operand.substr(0, comma));
    if (comma == std::string_view::npos) return {};
    operand.remove_prefix(comma + 1);
  }
}

Result<TraitQuestion> decode(const Call& call) {
  static const json::Schema schema(R"({"type": "object", "properties": {
      "name": {"type": "string"}, "associated": {"type": "string"}},
      "additionalProperties": false})");
  const auto query = TRY(call.query());
  CHECK_OK(check_query(query, schema));
  TraitQuestion question;
  if (const auto name = last_value_of(query, "name")) {
    CHECK_OK(decode_name(call, *name, question));
  }
  if (const auto associated = last_value_of(query, "associated")) {
    // Case does not matter: LIKE without wildcards is an equality that overlooks it.
    const bool yes = is_like(*associated, "true");
    if (!yes && !is_like(*associated, "false")) {
      return fail(Reason::bad_request,
                  "The query parameter \"associated\" only accepts \"true\" or \"false\"");
    }
    question.associated = yes;
  }
  return question;
}

bool matches(const World& world, TraitId id, const TraitQuestion& question) {
  const auto& name = world.trait(id).name;
  return (!question.names || question.names->contains(name)) &&
         (!question.pattern || is_like(name, *question.pattern)) &&
         (!question.associated || *question.associated != world.trees_with(id).empty());
}

}  // namespace

Result<Outcome> list_traits(const Call& call) {
  const auto question = TRY(decode(call));
  std::optional<Time> modified;
  std::string body;
  json::Writer writer(body);
  writer.begin_object().key("traits").begin_array();
  for (const auto id : call.world.trait_ids()) {
    if (!matches(call.world, id, question)) continue;
    const auto& trait = call.world.trait(id);
    modified = newer(trait.updated_at, modified.value_or(trait.updated_at));
    writer.value(trait.name);
  }
  writer.end_array().end_object();
  // What was deleted, or is associated no more, has left no time of its own.
  const auto& times = call.world.times();
  const Time left = question.associated ? times.changed : times.trait_removed;
  return json_response(std::move(body), newer(left, modified.value_or(left)));
}

Result<Outcome> show_trait(const Call& call) {
  const auto& name = call.path[0];
  const auto id = call.world.find_trait(name);
  if (!id) return no_such_trait(name);
  auto response = empty_response(204);
  response.last_modified = call.world.trait(*id).updated_at;
  return response;
}

Result<Outcome> create_trait(const Call& call) {
  const auto& name = call.path[0];
  if (!is_custom_name(name)) {
    return fail(Reason::bad_request,
                "The trait is invalid. A valid trait must be no longer than 255 characters, start "
                "with the prefix \"CUSTOM_\" and use following characters: \"A\"-\"Z\", "
                "\"0\"-\"9\" and \"_\"");
  }
  const auto created = std::make_shared<bool>(false);
  return Write{[name, created](const World& tip, Time now) {
                 auto changes = plan(tip, changes::AddTrait{name}, now);
                 *created = changes && !changes->empty();
                 return changes;
               },
               [name, created](const World& after) {
                 auto response = empty_response(*created ? 201 : 204);
                 response.location = path_of(name);
                 response.last_modified = after.trait(*after.find_trait(name)).updated_at;
                 return response;
               }};
}

Result<Outcome> delete_trait(const Call& call) {
  return planned(changes::RemoveTrait{call.path[0]},
                 [](const World&) { return empty_response(204); });
}

}  // namespace emplace::api
