// serve(): the whole service, from a configuration to the signal that ends it.
#pragma once

#include "config/config.h"

namespace emplace::service {

// Opens the database and serves until SIGTERM or SIGINT; SIGHUP re-reads the policy and reopens the
// log. Returns the exit code. `dev`: say on stdout what to try. Throws std::exception with a
// sentence for the user when it cannot start.
int serve(const config::Config& config, bool dev);

}  // namespace emplace::service
