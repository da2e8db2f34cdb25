#include "api/group_key.h"

#include <algorithm>
#include <array>

namespace emplace::api {
namespace {

struct Kind {
  std::string_view name;
  GroupParameter parameter;
  Feature since;
};

constexpr std::array kinds{
    Kind{"in_tree", GroupParameter::in_tree, Feature::candidates_in_tree},
    Kind{"member_of", GroupParameter::member_of, Feature::candidates_member_of},
    Kind{"required", GroupParameter::required, Feature::candidates_required},
    Kind{"resources", GroupParameter::resources, Feature::allocation_candidates},
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_suffix_character(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
}

// Named suffixes: [a-zA-Z0-9_-]{1,64}; numbers: [1-9][0-9]*.
bool is_suffix(const Call& call, std::string_view text) {
  constexpr std::size_t longest = 64;
  if (text.empty()) return true;
  if (call.has(Feature::group_suffixes)) {
    return text.size() <= longest && std::all_of(text.begin(), text.end(), is_suffix_character);
  }
  return call.has(Feature::request_groups) && text[0] != '0' &&
         std::all_of(text.begin(), text.end(), is_digit);
}

}  // namespace

std::optional<GroupKey> parse_group_key(const Call& call, std::string_view name) {
  for (const auto& kind : kinds) {
    if (!call.has(kind.since) || !name.starts_with(kind.name)) continue;
    const auto suffix = name.substr(kind.name.size());
    if (is_suffix(call, suffix)) return GroupKey{kind.parameter, suffix};
  }
  return std::nullopt;
}

std::string group_key_patterns(const Call& call) {
  const std::string_view suffix =
      call.has(Feature::group_suffixes) ? "[a-zA-Z0-9_-]{1,64}" : "[1-9][0-9]*";
  std::string patterns;
  for (const auto& kind : kinds) {
    if (!call.has(kind.since)) continue;
    if (!patterns.empty()) patterns += ", ";
    patterns.append("'^").append(kind.name).append("(").append(suffix).append(")?$'");
  }
  return patterns;
}

}  // namespace emplace::api
