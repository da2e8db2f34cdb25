// Microversions: what each of them brought, as data. A handler asks has(Feature::…); no number of a
// microversion stands anywhere else.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace emplace::api {

struct Microversion {
  int major = 1;
  int minor = 0;
  auto operator<=>(const Microversion&) const = default;
  std::string str() const { return std::to_string(major) + "." + std::to_string(minor); }
};

inline constexpr Microversion oldest{1, 0}, newest{1, 39};

// The number of each is the minor version that brought it.
enum class Feature : int {
  always = 0,
  aggregates = 1,                // GET, PUT …/aggregates
  resource_classes = 2,          // /resource_classes
  providers_member_of = 3,       // ?member_of= on providers
  providers_resources = 4,       // ?resources= on providers
  delete_all_inventories = 5,    // DELETE …/inventories
  traits = 6,                    // /traits, …/traits
  bodiless_class_put = 7,        // PUT /resource_classes/{name} creates; before, it renames
  claims_name_owner = 8,         // project_id, user_id in PUT /allocations
  usages = 9,                    // GET /usages
  allocation_candidates = 10,    // GET /allocation_candidates
  allocations_link = 11,         // "allocations" among a provider's links
  allocations_as_object = 12,    // allocations keyed by provider in GET and PUT; owner in GET
  post_allocations = 13,         // POST /allocations
  nested_providers = 14,         // parent and root of providers, ?in_tree= on providers
  last_modified = 15,            // Last-Modified, Cache-Control
  candidates_limit = 16,         // ?limit=
  candidates_required = 17,      // ?required= on candidates, traits in summaries
  providers_required = 18,       // ?required= on providers
  aggregates_generation = 19,    // generations in …/aggregates
  provider_in_post_answer = 20,  // POST /resource_providers answers 200 with the provider
  candidates_member_of = 21,     // ?member_of= on candidates
  forbidden_traits = 22,         // required=!…
  error_codes = 23,              // code in errors
  repeated_member_of = 24,       // ?member_of= more than once
  request_groups = 25,           // resources1=…, group_policy
  reserved_may_equal_total = 26,
  all_classes_in_summaries = 27,
  consumer_generation = 28,   // in allocations; POST may empty consumers
  nested_candidates = 29,     // candidates across a tree; parent and root in summaries
  reshaper = 30,              // POST /reshaper
  candidates_in_tree = 31,    // ?in_tree= on candidates
  forbidden_aggregates = 32,  // member_of=!…
  group_suffixes = 33,        // resources_COMPUTE=…
  mappings = 34,              // in candidates, accepted in allocations
  root_required = 35,         // ?root_required=
  same_subtree = 36,          // ?same_subtree=, groups without resources
  reparenting = 37,           // a provider may get another parent, or none
  consumer_types = 38,        // consumer_type in allocations and usages
  any_traits = 39,            // required=in:…, ?required= more than once
};

// What the OpenStack-API-Version header's values (in order) ask for. Absent, or of other services
// only: 1.0. The last "placement x.y" counts; "latest" is the newest. Failures: bad_request for
// what is no version, version_not_supported for one that there is not.
Result<Microversion> parse_microversion(const std::vector<std::string_view>& header_values);

}  // namespace emplace::api
