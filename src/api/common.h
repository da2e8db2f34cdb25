// What several handlers need.
#pragma once

#include <string>
#include <string_view>

#include "api/call.h"
#include "candidates/query.h"
#include "model/world.h"

namespace emplace::api {

// The provider that a path names, or no_such_resource "No resource provider with uuid X found".
// Spellings of one UUID are one UUID.
Result<Located> provider_of_path(const Call& call, std::string_view uuid_text);
Result<Located> provider_in(const World& world, const Uuid& uuid);

// Whether a text may be a name that the database and HTTP headers can hold: no control characters.
bool is_printable(std::string_view text);

// The parameters' values, all of them or the last.
std::vector<std::string_view> values_of(const QueryParameters& query, std::string_view name);
std::optional<std::string_view> last_value_of(const QueryParameters& query, std::string_view name);

// resources=VCPU:1,DISK_GB:5 → pairs; bad_request in upstream's words.
Result<std::vector<std::pair<std::string, std::int64_t>>> parse_resources(std::string_view text);
// required=… values of one group (several only from 1.39); bad_request in upstream's words.
Result<candidates::TraitFilter> parse_required(const Call& call,
                                               const std::vector<std::string_view>& values,
                                               std::string_view parameter_name);
// member_of=… values of one group.
Result<candidates::AggregateFilter> parse_member_of(const Call& call,
                                                    const std::vector<std::string_view>& values,
                                                    std::string_view parameter_name);

// A Time, or the newer of two.
inline Time newer(Time a, Time b) { return a < b ? b : a; }

}  // namespace emplace::api
