// The names of the parameters that belong to request groups: resources, required_COMPUTE, in_tree1.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/call.h"

namespace emplace::api {

enum class GroupParameter { in_tree, member_of, required, resources };

struct GroupKey {
  GroupParameter parameter;
  std::string_view suffix;  // empty: the unsuffixed group
};

// Nothing if the call's microversion has no such parameter.
std::optional<GroupKey> parse_group_key(const Call& call, std::string_view name);

// The regular expressions of all of them, as upstream writes and lists them: '^in_tree(…)?$', ….
// Requires: the call has request groups.
std::string group_key_patterns(const Call& call);

}  // namespace emplace::api
