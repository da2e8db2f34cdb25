#include "api/candidates_query.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <unordered_map>
#include <utility>

#include "api/common.h"
#include "api/group_key.h"
#include "json/python_repr.h"

namespace emplace::api {
namespace {

constexpr std::size_t echo_max = 200;  // bytes of a client's text in a message

tl::unexpected<Failure> invalid(const std::string& problem, std::string_view keyword,
                                std::string_view parameter = {}) {
  std::string where = "schema";
  if (!parameter.empty()) where += "['properties']['" + std::string(parameter) + "']";
  return fail(Reason::bad_request, "Invalid query string parameters: " + problem +
                                       "\n\nFailed validating '" + std::string(keyword) + "' in " +
                                       where);
}

// ['a', 'b'], without the brackets.
std::string list_of(const std::vector<std::string_view>& texts) {
  std::string list;
  for (const auto text : texts) {
    if (!list.empty()) list += ", ";
    if (list.size() > echo_max) return list + "...";
    list += json::python_repr_text(text, echo_max);
  }
  return list;
}

// --- names and simple values --------------------------------------------------------------------

bool is_known(const Call& call, std::string_view name) {
  return parse_group_key(call, name) || (name == "limit" && call.has(Feature::candidates_limit)) ||
         (name == "group_policy" && call.has(Feature::request_groups)) ||
         (name == "root_required" && call.has(Feature::root_required)) ||
         (name == "same_subtree" && call.has(Feature::same_subtree));
}

Result<void> check_names(const Call& call, const QueryParameters& parameters) {
  const bool grouped = call.has(Feature::request_groups);
  if (!grouped && !last_value_of(parameters, "resources")) {
    return invalid("'resources' is a required property", "required");
  }
  std::vector<std::string_view> extras;
  for (const auto& [name, value] : parameters) {
    if (!is_known(call, name)) extras.push_back(name);
  }
  if (extras.empty()) return {};
  std::sort(extras.begin(), extras.end());
  extras.erase(std::unique(extras.begin(), extras.end()), extras.end());
  const bool one = extras.size() == 1;
  if (grouped) {
    return invalid(list_of(extras) + (one ? " does" : " do") +
                       " not match any of the regexes: " + group_key_patterns(call),
                   "additionalProperties");
  }
  return invalid("Additional properties are not allowed (" + list_of(extras) +
                     (one ? " was" : " were") + " unexpected)",
                 "additionalProperties");
}

bool is_positive_number(std::string_view text) {
  return !text.empty() && text[0] != '0' &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Of several limits the first counts, but all must be good.
Result<std::optional<std::int64_t>> parse_limit(const QueryParameters& parameters) {
  const auto values = values_of(parameters, "limit");
  if (values.empty()) return std::nullopt;
  for (const auto value : values) {
    if (is_positive_number(value)) continue;
    return invalid(json::python_repr_text(value, echo_max) + " does not match '^[1-9][0-9]*$'",
                   "pattern", "limit");
  }
  std::int64_t limit = 0;
  const auto parsed = std::from_chars(values[0].data(), values[0].data() + values[0].size(), limit);
  if (parsed.ec != std::errc()) limit = std::numeric_limits<std::int64_t>::max();
  return limit;
}

// Upstream checks the last, and takes the first.
Result<candidates::GroupPolicy> parse_group_policy(const QueryParameters& parameters) {
  const auto values = values_of(parameters, "group_policy");
  if (values.empty()) return candidates::GroupPolicy::none;
  if (values.back() != "none" && values.back() != "isolate") {
    return invalid(
        json::python_repr_text(values.back(), echo_max) + " is not one of ['none', 'isolate']",
        "enum", "group_policy");
  }
  return values[0] == "isolate" ? candidates::GroupPolicy::isolate : candidates::GroupPolicy::none;
}

// --- parameters of the request as a whole -------------------------------------------------------

bool is_forbidden(const candidates::TraitFilter& filter, const std::string& name) {
  return std::find(filter.none_of.begin(), filter.none_of.end(), name) != filter.none_of.end();
}

std::string join(std::vector<std::string> texts) {
  std::sort(texts.begin(), texts.end());
  std::string joined;
  for (const auto& text : texts)
    joined += (joined.empty() ? "" : ", ") + text;
  return joined;
}

Result<candidates::TraitFilter> parse_root_required(const Call& call,
                                                    const QueryParameters& parameters) {
  const auto values = values_of(parameters, "root_required");
  if (values.empty()) return candidates::TraitFilter{};
  if (values.size() > 1) {
    return fail(Reason::duplicate_query_key,
                "Query parameter 'root_required' may be specified only once.");
  }
  const TraitSyntax syntax{.forbidden = true, .any = false};
  auto filter = TRY(parse_traits(values[0], syntax, call.settings.query_values_max));
  std::vector<std::string> conflicts;
  for (const auto& any : filter.any_of) {
    if (is_forbidden(filter, any[0])) conflicts.push_back(any[0]);
  }
  if (conflicts.empty()) return filter;
  return fail(Reason::bad_query_value,
              "Conflicting required and forbidden traits found in root_required: " +
                  join(std::move(conflicts)));
}

Result<std::vector<std::vector<std::string>>> parse_same_subtree(
    const Call& call, const QueryParameters& parameters) {
  std::vector<std::vector<std::string>> all;
  std::size_t count = 0;
  for (auto rest : values_of(parameters, "same_subtree")) {
    auto& suffixes = all.emplace_back();
    for (bool more = true; more;) {
      const auto end = rest.find(',');
      const auto suffix = strip(rest.substr(0, end));
      more = end != std::string_view::npos;
      if (more) rest.remove_prefix(end + 1);
      if (suffix.empty()) {
        return fail(Reason::bad_query_value,
                    "Empty string (unsuffixed group) can not be specified in `same_subtree` ");
      }
      if (std::find(suffixes.begin(), suffixes.end(), suffix) == suffixes.end()) {
        suffixes.emplace_back(suffix);
      }
      if (++count > call.settings.query_values_max) {
        return fail(Reason::bad_request, "Invalid query string parameters: more than " +
                                             std::to_string(call.settings.query_values_max) +
                                             " suffixes in same_subtree.");
      }
    }
  }
  return all;
}

// --- groups -------------------------------------------------------------------------------------

Result<Uuid> parse_in_tree(std::string_view value) {
  if (const auto uuid = Uuid::parse(strip(value))) return *uuid;
  return fail(Reason::bad_request,
              "Invalid query string parameters: Expected 'in_tree' parameter to be a format of "
              "uuid. Got: " +
                  std::string(value.substr(0, echo_max)));
}

// The groups, in the order in which their suffixes first appear.
class GroupParser {
 public:
  GroupParser(const Call& call, const QueryParameters& parameters)
      : call_(call), parameters_(parameters) {}

  Result<std::vector<candidates::Group>> parse() {
    for (const auto& [name, value] : parameters_) {
      const auto key = parse_group_key(call_, name);
      if (!key) continue;
      const auto max = call_.settings.query_groups_max;
      const auto [at, is_new] = index_of_.try_emplace(key->suffix, groups_.size());
      if (is_new) {
        if (groups_.size() >= max) {
          return fail(Reason::bad_request, "Invalid query string parameters: more than " +
                                               std::to_string(max) + " request groups.");
        }
        groups_.emplace_back().suffix = std::string(key->suffix);
        seen_.emplace_back();
      }
      CHECK_OK(add(at->second, key->parameter, name, value));
    }
    return std::move(groups_);
  }

 private:
  struct Seen {
    bool required = false, member_of = false;
  };

  Result<void> add(std::size_t index, GroupParameter parameter, const std::string& name,
                   const std::string& value) {
    auto& group = groups_[index];
    switch (parameter) {
      case GroupParameter::resources:
        group.resources = TRY(parse_resources(value, call_.settings.query_values_max));
        break;
      case GroupParameter::in_tree:
        group.in_tree = TRY(parse_in_tree(value));
        break;
      case GroupParameter::required:  // all values of the name at once, on the first
        if (std::exchange(seen_[index].required, true)) break;
        group.traits = TRY(parse_required(call_, values_of(parameters_, name), name));
        break;
      case GroupParameter::member_of:
        if (std::exchange(seen_[index].member_of, true)) break;
        group.aggregates = TRY(parse_member_of(call_, values_of(parameters_, name), name));
        break;
    }
    return {};
  }

  const Call& call_;
  const QueryParameters& parameters_;
  std::vector<candidates::Group> groups_;
  std::vector<Seen> seen_;  // of each group
  std::unordered_map<std::string_view, std::size_t> index_of_;
};

// Before 1.36 each group asks for resources.
Result<void> check_all_have_resources(const std::vector<candidates::Group>& groups) {
  std::vector<std::string> traits, aggregates;
  bool all = true;
  for (const auto& group : groups) {
    if (!group.resources.empty()) continue;
    all = false;
    if (!group.traits.any_of.empty()) traits.push_back("required" + group.suffix);
    if (!group.aggregates.empty()) aggregates.push_back("member_of" + group.suffix);
  }
  const auto join_in_order = [](const std::vector<std::string>& keys) {
    std::string joined;
    for (const auto& key : keys)
      joined += (joined.empty() ? "" : ", ") + key;
    return joined;
  };
  if (!traits.empty()) {
    return fail(Reason::bad_request,
                "All traits parameters must be associated with resources.  Found the following "
                "orphaned traits keys: " +
                    join_in_order(traits));
  }
  if (!aggregates.empty()) {
    return fail(Reason::bad_request,
                "All member_of parameters must be associated with resources. Found the following "
                "orphaned member_of keys: " +
                    join_in_order(aggregates));
  }
  if (!all) return fail(Reason::bad_request, "All request groups must specify resources.");
  if (groups.empty()) {
    return fail(Reason::bad_request,
                "At least one request group (`resources` or `resources{$S}`) is required.");
  }
  return {};
}

// From 1.36 a group may ask for no resources, if it stands in a same_subtree.
Result<void> check_subtrees(const candidates::Query& query) {
  std::vector<std::string_view> in_subtree, suffixes;
  for (const auto& list : query.same_subtree) {
    for (const auto& suffix : list) {
      if (std::find(in_subtree.begin(), in_subtree.end(), suffix) == in_subtree.end()) {
        in_subtree.push_back(suffix);
      }
    }
  }
  std::vector<std::string_view> alone, unknown;
  bool any_resources = false;
  for (const auto& group : query.groups) {
    suffixes.push_back(group.suffix);
    any_resources = any_resources || !group.resources.empty();
    if (!group.resources.empty()) continue;
    const auto found = std::find(in_subtree.begin(), in_subtree.end(), group.suffix);
    if (found == in_subtree.end()) alone.push_back(group.suffix);
  }
  for (const auto suffix : in_subtree) {
    const auto found = std::find(suffixes.begin(), suffixes.end(), suffix);
    if (found == suffixes.end()) unknown.push_back(suffix);
  }
  if (!any_resources) {
    return fail(Reason::missing_query_value,
                "There must be at least one resources or resources[$S] parameter.");
  }
  if (!alone.empty()) {
    return fail(Reason::bad_query_value,
                "Resourceless suffixed group request should be specified in `same_subtree` query "
                "param: bad group(s) - [" +
                    list_of(alone) + "].");
  }
  if (!unknown.empty()) {
    return fail(Reason::bad_query_value, "Real suffixes should be specified in `same_subtree`: [" +
                                             list_of(unknown) + "] not found in [" +
                                             list_of(suffixes) + "].");
  }
  return {};
}

Result<void> check_conflicts(const std::vector<candidates::Group>& groups) {
  std::vector<std::string> conflicts;
  for (const auto& group : groups) {
    for (const auto& any : group.traits.any_of) {
      const bool impossible = std::all_of(any.begin(), any.end(), [&](const auto& name) {
        return is_forbidden(group.traits, name);
      });
      if (impossible) conflicts.push_back("required" + group.suffix + ": (" + join(any) + ")");
    }
  }
  if (conflicts.empty()) return {};
  return fail(Reason::bad_request,
              "Conflicting required and forbidden traits found in the following traits keys: " +
                  join(std::move(conflicts)));
}

}  // namespace

Result<candidates::Query> parse_candidates_query(const Call& call,
                                                 const QueryParameters& parameters) {
  CHECK_OK(check_names(call, parameters));
  candidates::Query query;
  query.nested = call.has(Feature::nested_candidates);
  query.limit = TRY(parse_limit(parameters));
  query.group_policy = TRY(parse_group_policy(parameters));
  query.root_traits = TRY(parse_root_required(call, parameters));
  query.same_subtree = TRY(parse_same_subtree(call, parameters));
  query.groups = TRY(GroupParser(call, parameters).parse());
  if (call.has(Feature::same_subtree)) {
    CHECK_OK(check_subtrees(query));
  } else {
    CHECK_OK(check_all_have_resources(query.groups));
  }
  if (call.has(Feature::forbidden_traits)) CHECK_OK(check_conflicts(query.groups));
  const auto suffixed = std::count_if(query.groups.begin(), query.groups.end(),
                                      [](const auto& group) { return !group.suffix.empty(); });
  if (suffixed > 1 && !last_value_of(parameters, "group_policy")) {
    return fail(Reason::bad_request,
                "The \"group_policy\" parameter is required when specifying more than one "
                "\"resources{N}\" parameter.");
  }
  return query;
}

}  // namespace emplace::api
