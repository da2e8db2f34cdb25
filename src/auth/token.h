// Token: what Keystone says of one (Identity API v3, GET /v3/auth/tokens), and what can be said of
// one without asking. Pure.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "policy/identity.h"

namespace emplace::auth {

struct Token {
  Identity identity;
  Time expires_at;
};
using TokenPtr = std::shared_ptr<const Token>;

// Whether it is worth asking Keystone: 1 byte to 8 KiB of the characters that RFC 6750 (2.1) has
// for tokens, as Fernet, JWS and UUID tokens have them.
bool can_be_token(std::string_view text);

// A name for the token under which it can be kept and by which it cannot be found out: its SHA-256,
// and whether it was asked for with allow_expired, as the answers may differ.
std::string token_key(std::string_view token, bool allow_expired);

// The body of Keystone's answer. `roles` count by their names; the scope is a project, a domain,
// the system, or there is none. Failure (internal): what is wrong with it, nothing of it repeated.
Result<Token> parse_token(std::string_view body);

// "2026-11-23T01:25:46.000000Z", the fraction dropped and not needed; nothing for any other form.
std::optional<Time> parse_expiry(std::string_view text);

}  // namespace emplace::auth
