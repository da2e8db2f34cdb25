#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include <unistd.h>

#include "config/config.h"
#include "config/values.h"

namespace emplace::config {
namespace {

// The first of the directories that holds something of that name, as a path; or empty.
std::string first_with(const std::vector<std::string>& directories, const std::string& name) {
  for (const auto& directory : directories) {
    const auto path = std::filesystem::path(directory) / name;
    std::error_code error;
    if (std::filesystem::exists(path, error)) return path.string();
  }
  return {};
}

std::vector<std::string> default_directories(
    const std::map<std::string, std::string>& environment) {
  std::vector<std::string> directories;
  const auto home = environment.find("HOME");
  if (home != environment.end() && !home->second.empty()) {
    directories = {home->second + "/.placement", home->second};
  }
  directories.insert(directories.end(), {"/etc/placement", "/etc"});
  return directories;
}

}  // namespace

Sources default_sources(const std::map<std::string, std::string>& environment) {
  Sources sources;
  sources.environment = environment;
  const auto chosen = environment.find("OS_PLACEMENT_CONFIG_DIR");
  const auto chosen_directory =
      chosen == environment.end() ? std::string() : std::string(trim(chosen->second));
  if (!chosen_directory.empty()) {
    // Named even if it is not there: who chooses a directory is told when its file is missing.
    sources.files = {(std::filesystem::path(chosen_directory) / "placement.conf").string()};
    const auto drop_ins = first_with({chosen_directory}, "placement.conf.d");
    if (!drop_ins.empty()) sources.directories = {drop_ins};
    return sources;
  }
  const auto directories = default_directories(environment);
  const auto file = first_with(directories, "placement.conf");
  if (!file.empty()) sources.files = {file};
  const auto drop_ins = first_with(directories, "placement.conf.d");
  if (!drop_ins.empty()) sources.directories = {drop_ins};
  return sources;
}

Result<std::vector<std::string>> conf_files(const std::string& directory) {
  std::error_code error;
  std::filesystem::directory_iterator entry(directory, error);
  std::vector<std::string> files;
  while (!error && entry != std::filesystem::directory_iterator()) {
    const auto name = entry->path().filename().string();
    // As the shell pattern *.conf, which takes no hidden file.
    if (name.front() != '.' && entry->path().extension() == ".conf") {
      files.push_back(entry->path().string());
    }
    entry.increment(error);
  }
  if (error) return fail(Reason::bad_request, directory + ": can't be read: " + error.message());
  std::ranges::sort(files);
  return files;
}

std::map<std::string, std::string> process_environment() {
  std::map<std::string, std::string> environment;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const auto equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return environment;
}

}  // namespace emplace::config
