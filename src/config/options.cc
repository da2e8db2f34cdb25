#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <map>
#include <utility>

#include "config/option_groups.h"

namespace emplace::config {
namespace {

std::vector<Option> all_options() {
  std::vector<Option> all;
  for (auto* part :
       {placement_options, emplace_options, logging_options, library_options, keystone_options}) {
    std::ranges::copy(part(), std::back_inserter(all));
  }
  // [DEFAULT] first, then the groups in the order in which they appear above.
  std::stable_partition(all.begin(), all.end(),
                        [](const Option& option) { return option.group == "DEFAULT"; });
  return all;
}

using Names = std::pair<std::string_view, std::string_view>;

std::map<Names, const Option*> all_by_name() {
  std::map<Names, const Option*> by_name;
  for (const auto& option : options())
    by_name.emplace(Names(option.group, option.name), &option);
  return by_name;
}

}  // namespace

std::vector<Option> ignored_group(std::string_view group, std::string_view reason,
                                  const std::vector<IgnoredRow>& rows) {
  std::vector<Option> result;
  for (const auto& row : rows) {
    result.push_back({.group = group,
                      .name = row.name,
                      .kind = row.kind,
                      .default_value = row.default_value,
                      .effect = Effect::ignored,
                      .help = reason,
                      .secret = row.secret,
                      .former_names = row.former_names,
                      .choices = row.choices});
  }
  return result;
}

const std::vector<Option>& options() {
  static const std::vector<Option> all = all_options();
  return all;
}

const Option* find_option(std::string_view group, std::string_view name) {
  static const auto by_name = all_by_name();
  const auto found = by_name.find(Names(group, name));
  return found == by_name.end() ? nullptr : found->second;
}

}  // namespace emplace::config
