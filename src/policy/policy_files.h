// PolicyFiles: the operator's policy files, and the rules that they make with the defaults, kept up
// to date while emplace runs. Any thread may ask. All that policy has to do with the file system.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "policy/policy.h"

namespace emplace::policy {

// Where rules come from. A path that is not absolute is looked for in `search`, in order. It is
// normal that a file or a directory is not there.
struct FileSources {
  std::vector<std::string> files;        // only the first of them that exists is read
  std::vector<std::string> directories;  // then their *.yaml, *.yml and *.json, sorted by name
  std::vector<std::string> search;
};

class PolicyFiles {
 public:
  using Now = std::function<std::chrono::steady_clock::time_point()>;
  // Takes a sentence that says which file is wrong, and how.
  using Report = std::function<void(const std::string&)>;

  // Fails if a file that is there cannot be read or understood. Later such a failure leaves the
  // rules as they were and goes to `report`, once for each change of the files.
  static Result<std::unique_ptr<PolicyFiles>> open(FileSources sources, const Options& options,
                                                   Report report, Now now = coarse_now);

  // The rules in force. Looks for changed files at most once a second; only the one caller whose
  // turn that is waits for it.
  std::shared_ptr<const RuleSet> current();
  // Looks for changed files at once.
  void refresh();

 private:
  // The files that were read, in order, and what they held: a time stamp may stand still while a
  // file changes twice within a tick of the clock, so that contents are what is compared.
  using Contents = std::vector<std::pair<std::string, std::string>>;

  PolicyFiles(FileSources sources, const Options& options, Report report, Now now);
  static std::chrono::steady_clock::time_point coarse_now();

  Result<Contents> read() const;
  Result<std::shared_ptr<const RuleSet>> load(const Contents& contents) const;
  std::optional<std::string> find(const std::string& path) const;
  void report_once(const std::string& sentence);

  const FileSources sources_;
  const Options options_;
  const Report report_;
  const Now now_;

  std::atomic<std::chrono::steady_clock::rep> next_look_{0};
  std::mutex refreshing_;  // guards the next two
  Contents contents_;
  std::string last_report_;
  std::mutex switching_;  // guards rules_, for a moment only
  std::shared_ptr<const RuleSet> rules_;
};

}  // namespace emplace::policy
