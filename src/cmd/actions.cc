#include "cmd/actions.h"

#include <iostream>

namespace emplace::cmd {
namespace {

int not_available() {
  std::cerr << "not available yet\n";
  return 1;
}

}  // namespace

int serve(const config::Config&, const ServeOptions&) {
  return not_available();
}

int db_sync(const config::Config&, const std::string&) {
  return not_available();
}

int db_version(const config::Config&) {
  return not_available();
}

int db_stamp(const config::Config&, const std::string&) {
  return not_available();
}

int online_data_migrations(const config::Config&, std::optional<std::int64_t>) {
  return not_available();
}

int upgrade_check(const config::Config&, bool) {
  return not_available();
}

int policy_sample() {
  return not_available();
}

}  // namespace emplace::cmd
