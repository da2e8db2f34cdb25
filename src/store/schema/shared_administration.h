// Administration of a shared database.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "store/administration.h"
#include "store/schema/ddl.h"
#include "store/sql/connection.h"

namespace emplace::store {

class SharedAdministration final : public Administration {
 public:
  // `open` makes a new session.
  SharedAdministration(std::function<std::unique_ptr<SqlConnection>()> open, IncompleteOwner owner)
      : open_(std::move(open)), owner_(std::move(owner)) {}

  std::string revision() override;
  void sync(const std::string& revision) override;
  void stamp(const std::string& revision) override;
  UpgradeFindings upgrade_check() override;
  UpgradeFindings mend(std::int64_t max) override;
  std::vector<std::string> check() override;
  Purged purge() override;
  bool coexists() override;
  void set_coexistence(bool on) override;

 private:
  // A session that the triggers know as emplace's.
  std::unique_ptr<SqlConnection> session() const;
  void sync_once(const std::string& revision) const;

  std::function<std::unique_ptr<SqlConnection>()> open_;
  IncompleteOwner owner_;
};

}  // namespace emplace::store
