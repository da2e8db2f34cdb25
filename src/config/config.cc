#include "config/config.h"

#include <stdexcept>

#include "config/loader.h"
#include "config/values.h"

namespace emplace::config {
namespace {

// What an option shows of its value where anyone may read it.
std::string shown(const Option& option, const std::string& value) {
  // Of a database's URL only the password is hidden; any other secret may look like a URL.
  const bool url = option.name.ends_with("connection") && value.find("://") != std::string::npos;
  return option.secret && !url ? "***" : mask_passwords(value);
}

}  // namespace

Result<Config> Config::load(const Sources& sources) {
  return Loader(sources).load();
}

const std::vector<std::string>& Config::values(std::string_view group,
                                               std::string_view name) const {
  const auto found = values_.find(std::string(group) + "." + std::string(name));
  if (found == values_.end()) {
    throw std::logic_error("no option [" + std::string(group) + "] " + std::string(name));
  }
  return found->second;
}

std::string Config::text(std::string_view group, std::string_view name) const {
  const auto& texts = values(group, name);
  return texts.empty() ? std::string() : texts.front();
}

bool Config::boolean(std::string_view group, std::string_view name) const {
  return parse_boolean(text(group, name)).value();
}

std::int64_t Config::integer(std::string_view group, std::string_view name) const {
  return parse_integer(text(group, name)).value();
}

double Config::real(std::string_view group, std::string_view name) const {
  return parse_real(text(group, name)).value();
}

std::vector<std::string> Config::list(std::string_view group, std::string_view name) const {
  return values(group, name);
}

bool Config::is_set(std::string_view group, std::string_view name) const {
  return set_.contains(std::string(group) + "." + std::string(name));
}

std::vector<std::string> Config::dump() const {
  std::vector<std::string> lines;
  for (const auto& option : options()) {
    std::string line = std::string(option.group) + "." + std::string(option.name) + " =";
    const char* separator = " ";
    for (const auto& value : values(option.group, option.name)) {
      line += separator + shown(option, value);
      separator = ", ";
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace emplace::config
