// Authenticator: a request's headers → who asks. noauth2 answers at once; keystone may ask a
// server.
#pragma once

#include <functional>
#include <memory>

#include "base/result.h"
#include "config/config.h"
#include "http/message.h"
#include "policy/identity.h"

namespace emplace::auth {

// The identity, or Reason::unauthenticated, or Reason::unavailable when it can't be found out now.
using Authenticated = std::function<void(Result<Identity>)>;

class Authenticator {
 public:
  virtual ~Authenticator() = default;
  // Calls `done` once, at once or later from any thread. Reads nothing but the headers.
  virtual void authenticate(const http::Request& request, Authenticated done) = 0;
  // Returns when no `done` is called any more, whatever still waits.
  virtual void stop() {}
};

// auth_strategy = noauth2, with upstream's semantics: the X-Auth-Token "admin" (or "user:project")
// names a user; "admin" has the role admin; X-Roles, X-Project-Id, … as upstream's
// NoAuthMiddleware.
std::unique_ptr<Authenticator> make_noauth2();

}  // namespace emplace::auth
