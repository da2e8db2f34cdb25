// How the service logs in at Keystone, as words: the body of POST /v3/auth/tokens, and what of its
// answer matters. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace emplace::auth {

// Who the service is and for what scope it asks. An empty text: not given.
struct Credentials {
  std::string user_id, username, user_domain_id, user_domain_name, password;
  std::string project_id, project_name, project_domain_id, project_domain_name;
  std::string domain_id, domain_name;
  std::string system_scope;  // "all"
  std::string trust_id;
};

// Identity API v3, "Password authentication" with its scopes.
std::string login_body(const Credentials& credentials);

// The service's own token.
struct Login {
  std::string token;
  Time expires_at;
  Time renew_at;         // some time before
  std::string endpoint;  // the catalog's Identity API that was asked for; empty: it has none
};

// Which endpoint of the catalog to use. An empty region: any.
struct EndpointChoice {
  std::string interface, region;
};

// `token` is the header X-Subject-Token, `body` the answer's body. Failure (internal): what is
// wrong with it, nothing of it repeated.
Result<Login> parse_login(std::string_view token, std::string_view body,
                          const EndpointChoice& choice, Time now);

// The URL with the path of version 3: /v3 is added, /v2.0 replaced, slashes at the end dropped.
std::string with_version_3(std::string_view url);

}  // namespace emplace::auth
