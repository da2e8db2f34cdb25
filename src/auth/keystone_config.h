// [keystone_authtoken] as keystonemiddleware and keystoneauth's password plugin read it → the
// options of the parts here. Asks nobody, opens no file.
#pragma once

#include <string>

#include "auth/keystone.h"
#include "base/result.h"
#include "config/config.h"

namespace emplace::auth {

// Failure: a sentence that names the option to be set. `report_…` and clocks are left to the
// caller.
Result<KeystoneOptions> keystone_options(const config::Config& config);

// What the WWW-Authenticate header of a 401 says (RFC 9110, 11.6.1): where to get a token.
std::string keystone_challenge(const config::Config& config);

}  // namespace emplace::auth
