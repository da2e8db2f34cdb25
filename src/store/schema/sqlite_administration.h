// Administration of an SQLite file.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "store/administration.h"

namespace emplace::store {

class SqliteAdministration final : public Administration {
 public:
  SqliteAdministration(std::string path, IncompleteOwner owner)
      : path_(std::move(path)), owner_(std::move(owner)) {}

  std::string revision() override;
  void sync(const std::string& revision) override;
  void stamp(const std::string& revision) override;
  UpgradeFindings upgrade_check() override;
  UpgradeFindings mend(std::int64_t max) override;
  std::vector<std::string> check() override;
  Purged purge() override;
  bool coexists() override { return false; }
  void set_coexistence(bool on) override;

 private:
  std::string path_;
  IncompleteOwner owner_;
};

}  // namespace emplace::store
