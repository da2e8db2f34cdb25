// The parts of the table of options, one function for each owner of groups.
#pragma once

#include <string_view>
#include <vector>

#include "config/config.h"

namespace emplace::config {

std::vector<Option> placement_options();  // upstream Placement's own groups
std::vector<Option> emplace_options();    // [emplace]
std::vector<Option> logging_options();    // oslo.log, in [DEFAULT]
std::vector<Option> library_options();    // oslo.policy, oslo.middleware, osprofiler
std::vector<Option> keystone_options();   // keystonemiddleware and keystoneauth

// One row of a group that has no effect as a whole.
struct IgnoredRow {
  std::string_view name;
  Kind kind;
  std::string_view default_value = {};
  bool secret = false;
  std::string_view former_names = {};
  std::string_view choices = {};
};
std::vector<Option> ignored_group(std::string_view group, std::string_view reason,
                                  const std::vector<IgnoredRow>& rows);

}  // namespace emplace::config
