// TokenLookup: a token → what Keystone says of it, out of a bounded cache or by one question,
// however many requests wait for its answer. Any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "auth/expiring_cache.h"
#include "auth/token.h"
#include "base/result.h"
#include "base/time.h"

namespace emplace::auth {

// The token, or unauthenticated if Keystone does not accept it, or unavailable or overloaded if
// that can't be found out now.
using TokenDone = std::function<void(Result<TokenPtr>)>;

// Asks Keystone itself.
class TokenVerifier {
 public:
  virtual ~TokenVerifier() = default;
  // Calls `done` once, at once or later from any thread. Requires: can_be_token(token).
  // allow_expired: a token that has expired of late will do (Identity API 3.8).
  virtual void verify(const std::string& token, bool allow_expired, TokenDone done) = 0;
};

struct LookupOptions {
  std::chrono::seconds keep_good{300};  // how long a revocation may go unnoticed; 0 or less: none
  std::chrono::seconds keep_bad{10};    // the same for what Keystone does not accept
  // Bad tokens have a place of their own, so that guesses can't drive good ones out.
  std::size_t good_max = 10'000, bad_max = 10'000;
  std::size_t waiting_max = 10'000;  // requests that wait for Keystone
  std::function<Moment()> now = std::chrono::steady_clock::now;
  // Calls a function soon, on a thread where it may take its time: what waits goes on there, and
  // not on the thread that brought the answer.
  std::function<void(std::function<void()>)> run = [](const std::function<void()>& work) {
    work();
  };
};

class TokenLookup {
 public:
  // Both outlive it. `clock` judges expiry.
  TokenLookup(TokenVerifier& verifier, const Clock& clock, LookupOptions options);

  // Calls `done` once, at once or later as options.run does. A token that is past its expires_at is
  // unauthenticated, unless allow_expired and Keystone has accepted it so.
  // Requires: can_be_token(token).
  void find(const std::string& token, bool allow_expired, TokenDone done);

 private:
  // What can be said at once; nothing: Keystone has to be asked. Requires: mutex_ is held.
  std::optional<Result<TokenPtr>> without_asking(const std::string& key, Moment now);
  Result<TokenPtr> unless_expired(TokenPtr token, bool allow_expired) const;
  void settle(const std::string& key, bool allow_expired, Moment asked_at,
              const Result<TokenPtr>& result);

  TokenVerifier& verifier_;
  const Clock& clock_;
  const LookupOptions options_;
  std::mutex mutex_;
  ExpiringCache<TokenPtr> good_;
  ExpiringCache<char> bad_;
  std::unordered_map<std::string, std::vector<TokenDone>> asked_;  // who waits, by token_key()
  std::size_t waiting_ = 0;
};

// What a client is told whose token is missing or not accepted.
tl::unexpected<Failure> unauthenticated();

}  // namespace emplace::auth
