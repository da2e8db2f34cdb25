// Loader: sources → Config. Lives for one call of Config::load.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"

namespace emplace::config {

class Loader {
 public:
  explicit Loader(const Sources& sources) : sources_(sources) {}

  Result<Config> load();

 private:
  struct File {
    std::string name;
    Raw raw;
  };
  // What someone gave for an option, before substitution.
  struct Given {
    std::vector<std::string> values;
    std::string by;
  };

  Result<void> read_file(const std::string& name);
  Result<void> find_auth_section();
  // The group in which an option is read.
  std::string_view group_of(const Option& option) const;
  std::optional<Given> given(const Option& option) const;
  std::optional<Given> given_by_files(const Option& option) const;
  // The given or default texts with their references replaced.
  Result<std::vector<std::string>> resolve(const Option& option);
  Result<std::optional<std::string>> look_up(const Option& referrer, std::string_view reference);
  Result<void> settle(const Option& option);
  void warn_of_unknown_in_files();
  // What is to be said of an entry of a file; empty if it is an option.
  std::string entry_warning(std::string_view group, std::string_view name) const;
  void warn_of_unknown_in_environment();
  void warn_of_no_effect(const Option& option, const std::string& by);

  const Sources& sources_;
  std::vector<File> files_;
  std::vector<const Option*> resolving_;  // to find references that go in a circle
  std::string auth_section_;              // where options that move with it are; empty: at home
  bool dangling_reference_ = false;       // one was met while the last option was resolved
  Config config_;
};

}  // namespace emplace::config
