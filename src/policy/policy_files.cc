#include "policy/policy_files.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/syntax.h"

namespace emplace::policy {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::chrono::seconds look_interval{1};
constexpr std::size_t file_bytes_max = 4 * 1024 * 1024;

tl::unexpected<Failure> refuse(const std::string& path, const std::string& sentence) {
  return fail(Reason::bad_request, path + ": " + sentence);
}

std::string error_text(int code) {
  return std::generic_category().message(code);
}

// The file's text, or nothing if there is no such file.
Result<std::optional<std::string>> read_file(const std::string& path) {
  // Without O_NONBLOCK, a named pipe would hold up the thread.
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    return refuse(path, "cannot be opened: " + error_text(errno));
  }
  std::string text;
  std::array<char, 16384> buffer;
  ssize_t count = 0;
  do {
    count = ::read(file, buffer.data(), buffer.size());
    if (count > 0) text.append(buffer.data(), static_cast<std::size_t>(count));
  } while ((count > 0 && text.size() <= file_bytes_max) || (count < 0 && errno == EINTR));
  const int code = count < 0 ? errno : 0;
  ::close(file);
  if (code != 0) return refuse(path, "cannot be read: " + error_text(code));
  if (text.size() > file_bytes_max) return refuse(path, "is too large for a policy file");
  return text;
}

bool is_policy_file_name(const std::string& name) {
  return !name.starts_with('.') &&
         (name.ends_with(".yaml") || name.ends_with(".yml") || name.ends_with(".json"));
}

// The policy files of a directory, sorted; none if there is no such directory.
Result<std::vector<std::string>> list_directory(const std::string& path) {
  std::vector<std::string> files;
  std::error_code error;
  std::filesystem::directory_iterator entry(path, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    std::error_code ignored;
    if (is_policy_file_name(entry->path().filename().string()) && !entry->is_directory(ignored)) {
      files.push_back(entry->path().string());
    }
  }
  if (error == std::errc::no_such_file_or_directory) return files;
  if (error) return refuse(path, "cannot be listed: " + error.message());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

Steady::time_point PolicyFiles::coarse_now() {
  // Exact to a few milliseconds, which is plenty here, and a quarter of the price.
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
  return Steady::time_point(std::chrono::seconds(time.tv_sec) +
                            std::chrono::nanoseconds(time.tv_nsec));
}

PolicyFiles::PolicyFiles(FileSources sources, const Options& options, Report report, Now now)
    : sources_(std::move(sources)),
      options_(options),
      report_(std::move(report)),
      now_(std::move(now)) {}

Result<std::unique_ptr<PolicyFiles>> PolicyFiles::open(FileSources sources, const Options& options,
                                                       Report report, Now now) {
  std::unique_ptr<PolicyFiles> files(
      new PolicyFiles(std::move(sources), options, std::move(report), std::move(now)));
  files->contents_ = TRY(files->read());
  files->rules_ = TRY(files->load(files->contents_));
  files->next_look_ = (files->now_() + look_interval).time_since_epoch().count();
  return files;
}

std::shared_ptr<const RuleSet> PolicyFiles::current() {
  const Steady::time_point now = now_();
  auto due = next_look_.load(std::memory_order_relaxed);
  // Of several threads that find it due, the exchange lets one pass.
  if (now.time_since_epoch().count() >= due &&
      next_look_.compare_exchange_strong(due, (now + look_interval).time_since_epoch().count())) {
    refresh();
  }
  const std::lock_guard lock(switching_);
  return rules_;
}

void PolicyFiles::refresh() {
  const std::lock_guard one_at_a_time(refreshing_);
  Result<Contents> contents = read();
  if (!contents) return report_once(contents.error().detail);
  if (*contents == contents_) {
    last_report_.clear();
    return;
  }
  contents_ = std::move(*contents);
  Result<std::shared_ptr<const RuleSet>> rules = load(contents_);
  if (!rules) return report_(rules.error().detail);
  last_report_.clear();
  const std::lock_guard lock(switching_);
  rules_ = std::move(*rules);
}

// A file that cannot be read stays so at the next look, and the one after.
void PolicyFiles::report_once(const std::string& sentence) {
  if (sentence == last_report_) return;
  last_report_ = sentence;
  report_(sentence);
}

std::optional<std::string> PolicyFiles::find(const std::string& path) const {
  struct stat status {};
  if (path.starts_with('/')) return path;
  for (const std::string& directory : sources_.search) {
    std::string candidate = directory + '/' + path;
    if (::stat(candidate.c_str(), &status) == 0) return candidate;
  }
  return std::nullopt;
}

Result<PolicyFiles::Contents> PolicyFiles::read() const {
  Contents contents;
  for (const std::string& name : sources_.files) {
    const auto path = find(name);
    if (!path) continue;
    auto text = TRY(read_file(*path));
    if (!text) continue;
    contents.emplace_back(*path, std::move(*text));
    break;
  }
  for (const std::string& name : sources_.directories) {
    const auto directory = find(name);
    if (!directory) continue;
    const auto paths = TRY(list_directory(*directory));
    for (const std::string& path : paths) {
      auto text = TRY(read_file(path));
      if (text) contents.emplace_back(path, std::move(*text));
    }
  }
  return contents;
}

Result<std::shared_ptr<const RuleSet>> PolicyFiles::load(const Contents& contents) const {
  std::map<std::string, std::string, std::less<>> overrides;
  for (const auto& [path, text] : contents) {
    auto rules = parse_policy_file(text);
    if (!rules) return refuse(path, rules.error().detail);
    for (auto& [rule, check] : *rules) {
      // Parsed here too, because only here is it known which file it came from.
      if (auto syntax = parse_check(check); !syntax) {
        return refuse(path, "rule \"" + rule + "\": " + syntax.error().detail + ".");
      }
      overrides[rule] = std::move(check);
    }
  }
  RuleSet set = TRY(RuleSet::make(overrides, options_));
  return std::make_shared<const RuleSet>(std::move(set));
}

}  // namespace emplace::policy
