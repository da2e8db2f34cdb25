// What several handlers need.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/call.h"
#include "candidates/query.h"
#include "model/world.h"

namespace emplace::api {

// The provider that a path names, or no_such_resource "No resource provider with uuid X found".
// Spellings of one UUID are one UUID.
Result<Located> provider_of_path(const Call& call, std::string_view uuid_text);
Result<Located> provider_in(const World& world, const Uuid& uuid);
// The UUID that stands in the path of a write; no_such_resource for what is none. Whether there is
// such a provider, the planner finds out.
Result<Uuid> provider_uuid_of_path(std::string_view uuid_text);
// The body of a write to a provider. A provider that is not there goes before a wrong body.
Result<json::Value> body_for_provider(const Call& call, const Uuid& provider,
                                      const json::Schema& schema);

// Whether a text may be a name that the database and HTTP headers can hold: no control characters.
bool is_printable(std::string_view text);

// A whole number of a body (5, 5.0) as 64 bits; -1 for what does not fit: no generation is -1.
// Requires: a schema said that it is an integer.
std::int64_t generation_in(const json::Value& value);

// The parameters' values, all of them or the last.
std::vector<std::string_view> values_of(const QueryParameters& query, std::string_view name);
std::optional<std::string_view> last_value_of(const QueryParameters& query, std::string_view name);

// Checks the last value of each parameter; bad_request "Invalid query string parameters: …".
Result<void> check_query(const QueryParameters& query, const json::Schema& schema);

// resources=VCPU:1,DISK_GB:5 → pairs, each class once (the last counts); bad_request in upstream's
// words, or if there are more than `values_max`.
Result<std::vector<std::pair<std::string, std::int64_t>>> parse_resources(
    std::string_view text, std::size_t values_max = Settings{}.query_values_max);
// One value of required= or the like. `forbidden`: !TRAIT is understood; `any`: in:A,B is.
struct TraitSyntax {
  bool forbidden = false;
  bool any = false;
};
Result<candidates::TraitFilter> parse_traits(std::string_view text, TraitSyntax syntax,
                                             std::size_t values_max = Settings{}.query_values_max);
// required=… values of one group (several only from 1.39); bad_request in upstream's words.
Result<candidates::TraitFilter> parse_required(const Call& call,
                                               const std::vector<std::string_view>& values,
                                               std::string_view parameter_name);
// member_of=… values of one group.
Result<candidates::AggregateFilter> parse_member_of(const Call& call,
                                                    const std::vector<std::string_view>& values,
                                                    std::string_view parameter_name);

// A client's text as it stands in a message: not longer than messages should be.
std::string echo(std::string_view text);
// A text without the white space around it.
std::string_view strip(std::string_view text);

// A Time, or the newer of two.
inline Time newer(Time a, Time b) {
  return a < b ? b : a;
}

// When anything last changed that a provider's usages or allocations show: the generation, what is
// claimed, names of classes. Of releases no record is kept, so those before the World was taken
// from its store count as made then.
Time usage_changed_at(const World& world, const Provider& provider);

// A write that the planner of its command plans: plan(world, command, now), beside the command.
template <class Command, class Answer>
Write planned(Command command, Answer answer) {
  return Write{[command = std::move(command)](const World& tip, Time now) {
                 return plan(tip, command, now);
               },
               std::move(answer)};
}

// An answer with a JSON body.
Response json_response(std::string body, std::optional<Time> last_modified = std::nullopt);
// An answer without a body.
Response empty_response(unsigned status);

}  // namespace emplace::api
