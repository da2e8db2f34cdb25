#include "config/loader.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "config/substitute.h"
#include "config/values.h"

namespace emplace::config {
namespace {

constexpr std::string_view auth_group = "keystone_authtoken";

std::string key_of(std::string_view group, std::string_view name) {
  return std::string(group) + "." + std::string(name);
}

std::string label(std::string_view group, std::string_view name) {
  return "[" + std::string(group) + "] " + std::string(name);
}

std::string environment_name(std::string_view group, const Option& option) {
  return "OS_" + to_upper(group) + "__" + to_upper(option.name);
}

bool is_group(std::string_view group) {
  return std::ranges::any_of(options(),
                             [&](const Option& option) { return option.group == group; });
}

// The option that once had this name.
const Option* find_renamed(std::string_view group, std::string_view name) {
  const auto key = key_of(group, name);
  for (const auto& option : options()) {
    const auto former = split_words(option.former_names);
    if (std::ranges::find(former, key) != former.end()) return &option;
  }
  return nullptr;
}

Result<std::string> read_text(const std::string& name) {
  std::error_code error;
  if (std::filesystem::is_directory(name, error)) {
    return fail(Reason::bad_request,
                name + ": is a directory; name it with --config-dir to read its *.conf files");
  }
  errno = 0;
  std::ifstream file(name, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file.is_open() || file.bad()) {
    return fail(Reason::bad_request,
                name + ": can't be read: " + std::strerror(errno != 0 ? errno : EIO));
  }
  return text;
}

std::string expand_home(const std::string& name,
                        const std::map<std::string, std::string>& environment) {
  const auto home = environment.find("HOME");
  if (home == environment.end() || name.substr(0, 2) != "~/") return name;
  return home->second + name.substr(1);
}

bool is_choice(const Option& option, std::string_view value) {
  const auto choices = split_words(option.choices);
  return choices.empty() || std::ranges::any_of(choices, [&](std::string_view choice) {
           return to_lower(choice) == to_lower(value);
         });
}

// Why the value does not suit the option; empty if it does.
std::string complaint(const Option& option, const std::string& value) {
  switch (option.kind) {
    case Kind::text:
      if (is_choice(option, value)) return {};
      return "\"" + value + "\" is none of: " + std::string(option.choices);
    case Kind::boolean:
      if (parse_boolean(value)) return {};
      return "\"" + value + "\" is not a boolean (true or false)";
    case Kind::integer: {
      const auto number = parse_integer(value);
      if (!number) return "\"" + value + "\" is not an integer";
      if (*number < option.minimum) return value + " is under " + std::to_string(option.minimum);
      if (*number > option.maximum) return value + " is over " + std::to_string(option.maximum);
      return {};
    }
    case Kind::real:
      return parse_real(value) ? std::string() : "\"" + value + "\" is not a number";
    case Kind::list:
    case Kind::multi:
      break;
  }
  return {};
}

}  // namespace

Result<void> Loader::read_file(const std::string& name) {
  const auto path = expand_home(name, sources_.environment);
  const auto text = TRY(read_text(path));
  File file{path, {}};
  CHECK_OK(parse_ini(text, path, file.raw));
  files_.push_back(std::move(file));
  config_.files_.push_back(path);
  return {};
}

std::string_view Loader::group_of(const Option& option) const {
  return option.moves_with_auth_section && !auth_section_.empty() ? auth_section_ : option.group;
}

// A group's name may hold no dot here, as keys are parted by the first one.
Result<void> Loader::find_auth_section() {
  const auto* option = find_option(auth_group, "auth_section");
  const auto texts = TRY(resolve(*option));
  if (texts.empty() || trim(texts.front()).empty()) return {};
  const auto name = to_lower(trim(texts.front()));
  if (name.find('.') != name.npos) {
    return fail(Reason::bad_request, label(auth_group, "auth_section") +
                                         ": the name of a group with a dot in it is not taken");
  }
  if (name != auth_group) auth_section_ = name;
  return {};
}

// In the newest file that knows the option by any of its names; a multi option adds up all files.
std::optional<Loader::Given> Loader::given_by_files(const Option& option) const {
  const auto group_now = group_of(option);
  std::vector<std::string> keys{key_of(group_now, option.name)};
  for (const auto former : split_words(option.former_names)) {
    const bool moved = group_now != option.group;
    keys.push_back(moved ? key_of(group_now, former.substr(former.find('.') + 1))
                         : std::string(former));
  }
  Given found;
  for (auto file = files_.rbegin(); file != files_.rend(); ++file) {
    for (const auto& key : keys) {
      const auto dot = key.find('.');
      const auto group = file->raw.find(key.substr(0, dot));
      if (group == file->raw.end()) continue;
      const auto values = group->second.find(key.substr(dot + 1));
      if (values == group->second.end()) continue;
      if (found.by.empty()) found.by = file->name;
      if (option.kind != Kind::multi) return Given{{values->second.back()}, file->name};
      found.values.insert(found.values.begin(), values->second.begin(), values->second.end());
    }
  }
  if (found.by.empty()) return std::nullopt;
  return found;
}

std::optional<Loader::Given> Loader::given(const Option& option) const {
  const auto override = sources_.overrides.find(key_of(option.group, option.name));
  if (override != sources_.overrides.end()) return Given{{override->second}, "command line"};
  const auto variable = environment_name(group_of(option), option);
  const auto environment = sources_.environment.find(variable);
  if (environment != sources_.environment.end()) {
    return Given{{environment->second}, "environment variable " + variable};
  }
  return given_by_files(option);
}

Result<std::optional<std::string>> Loader::look_up(const Option& referrer,
                                                   std::string_view reference) {
  const auto dot = reference.find('.');
  const Option* option = dot == std::string_view::npos
                             ? find_option(referrer.group, reference)
                             : find_option(reference.substr(0, dot), reference.substr(dot + 1));
  if (option == nullptr) option = find_option("DEFAULT", reference);
  if (option == nullptr) {
    dangling_reference_ = true;
    return std::optional<std::string>();
  }
  const auto values = TRY(resolve(*option));
  std::string joined;
  for (const auto& value : values) {
    if (!joined.empty()) joined += ',';
    joined += value;
  }
  return std::optional<std::string>(std::move(joined));
}

Result<std::vector<std::string>> Loader::resolve(const Option& option) {
  if (std::ranges::find(resolving_, &option) != resolving_.end()) {
    return fail(Reason::bad_request,
                label(option.group, option.name) + " refers to itself by way of $ references");
  }
  std::vector<std::string> texts;
  if (const auto found = given(option)) {
    texts = found->values;
  } else if (!option.default_value.empty()) {
    texts = {std::string(option.default_value)};
  }
  resolving_.push_back(&option);
  for (auto& text : texts) {
    text = TRY(
        substitute(text, [&](std::string_view reference) { return look_up(option, reference); }));
  }
  resolving_.pop_back();
  return texts;
}

Result<void> Loader::settle(const Option& option) {
  dangling_reference_ = false;
  const auto found = given(option);
  const auto by = found ? found->by : "default";
  auto texts = TRY(resolve(option));
  if (dangling_reference_) {
    config_.warnings_.push_back(by + ": " + label(option.group, option.name) +
                                " holds a $ that refers to no option and is taken as it stands; "
                                "$$ stands for a plain $");
  }
  const bool number = option.kind == Kind::integer || option.kind == Kind::real;
  const bool left_empty = number && found && trim(texts.front()).empty();
  if (left_empty) {
    // oslo.config takes an empty number for none.
    texts.clear();
    if (!option.default_value.empty()) texts.emplace_back(option.default_value);
  }
  for (const auto& text : texts) {
    const auto why = complaint(option, text);
    if (why.empty()) continue;
    return fail(Reason::bad_request, by + ": " + label(group_of(option), option.name) + ": " + why);
  }
  const auto key = key_of(option.group, option.name);
  if (found && !left_empty) {
    config_.set_[key] = found->by;
    warn_of_no_effect(option, found->by);
  }
  const bool list = option.kind == Kind::list && !texts.empty();
  config_.values_[key] = list ? parse_list(texts.front()) : std::move(texts);
  return {};
}

void Loader::warn_of_no_effect(const Option& option, const std::string& by) {
  if (option.effect == Effect::honoured) return;
  config_.warnings_.push_back(by + ": " + label(option.group, option.name) +
                              " has no effect here: " + std::string(option.help));
}

std::string Loader::entry_warning(std::string_view group, std::string_view name) const {
  const auto* option = find_option(group, name);
  if (option != nullptr && group_of(*option) != group) {
    return " has no effect: auth_section says that it is in [" + auth_section_ + "]";
  }
  if (option != nullptr) return {};
  const bool moved = group == auth_section_;
  const auto home = moved ? auth_group : group;
  if (moved) {
    option = find_option(home, name);
    if (option != nullptr && option->moves_with_auth_section) return {};
  }
  const auto* renamed = find_renamed(home, name);
  if (renamed == nullptr) return " is unknown and has no effect";
  return " is deprecated: it is now " + label(group_of(*renamed), renamed->name);
}

void Loader::warn_of_unknown_in_files() {
  for (const auto& file : files_) {
    for (const auto& [group, named] : file.raw) {
      if (!is_group(group) && group != auth_section_) {
        config_.warnings_.push_back(file.name + ": the group [" + group +
                                    "] is unknown and has no effect");
        continue;
      }
      for (const auto& entry : named) {
        const auto warning = entry_warning(group, entry.first);
        if (warning.empty()) continue;
        config_.warnings_.push_back(file.name + ": " + label(group, entry.first) + warning);
      }
    }
  }
}

void Loader::warn_of_unknown_in_environment() {
  for (const auto& entry : sources_.environment) {
    const auto& variable = entry.first;
    const auto middle = variable.find("__");
    if (variable.substr(0, 3) != "OS_" || middle == std::string::npos || middle < 3) continue;
    auto group = variable.substr(3, middle - 3);
    if (group != "DEFAULT") group = to_lower(group);
    const auto name = to_lower(variable.substr(middle + 2));
    if (!is_group(group) || find_option(group, name) != nullptr) continue;
    config_.warnings_.push_back("environment variable " + variable + ": " + label(group, name) +
                                " is unknown and has no effect");
  }
}

Result<Config> Loader::load() {
  for (const auto& file : sources_.files)
    CHECK_OK(read_file(file));
  for (const auto& directory : sources_.directories) {
    const auto path = expand_home(directory, sources_.environment);
    const auto files = TRY(conf_files(path));
    for (const auto& file : files)
      CHECK_OK(read_file(file));
  }
  CHECK_OK(find_auth_section());
  warn_of_unknown_in_files();
  warn_of_unknown_in_environment();
  for (const auto& option : options())
    CHECK_OK(settle(option));
  return std::move(config_);
}

}  // namespace emplace::config
