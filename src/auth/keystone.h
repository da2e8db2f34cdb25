// auth_strategy = keystone: the tokens in X-Auth-Token and X-Service-Token → who asks, as
// keystonemiddleware's auth_token decides it. No other header is read: who sends X-Roles or
// X-User-Id says nothing.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "auth/authenticator.h"
#include "auth/keystone_client.h"
#include "auth/token_lookup.h"

namespace emplace::auth {

struct KeystoneOptions {
  KeystoneClientOptions client;
  LookupOptions lookup;
  unsigned threads = 4;  // on which requests go on that had to wait for Keystone
  std::vector<std::string> service_token_roles{"service"};
  bool service_token_roles_required = false;
};

// How the two tokens of a request are judged; separate from where the answers come from.
// - A service token that is not accepted refuses the request (401).
// - With one of `service_token_roles`, an expired user token may pass; Keystone decides.
// - Without any of them it is refused if `service_token_roles_required`, else it only names its
//   roles.
class TokenAuthenticator : public Authenticator {
 public:
  // `lookup` outlives it.
  TokenAuthenticator(TokenLookup& lookup, std::vector<std::string> service_roles,
                     bool service_roles_required);
  void authenticate(const http::Request& request, Authenticated done) override;

 private:
  void find_user(const std::string& token, const TokenPtr& service, Authenticated done);

  TokenLookup& lookup_;
  const std::vector<std::string> service_roles_;
  const bool service_roles_required_;
};

// `clock` outlives it. Does not ask Keystone yet. Throws std::runtime_error with a sentence if a
// TLS file can't be used.
std::unique_ptr<Authenticator> make_keystone(const Clock& clock, KeystoneOptions options);

}  // namespace emplace::auth
