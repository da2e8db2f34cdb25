#include "auth/token_lookup.h"

#include <algorithm>
#include <utility>

namespace emplace::auth {

TokenLookup::TokenLookup(TokenVerifier& verifier, const Clock& clock, LookupOptions options)
    : verifier_(verifier),
      clock_(clock),
      options_(std::move(options)),
      good_(options_.good_max),
      bad_(options_.bad_max) {}

Result<TokenPtr> TokenLookup::unless_expired(TokenPtr token, bool allow_expired) const {
  if (!allow_expired && token->expires_at <= clock_.now()) return unauthenticated();
  return token;
}

std::optional<Result<TokenPtr>> TokenLookup::without_asking(const std::string& key, Moment now) {
  if (const auto* good = good_.find(key, now)) return Result<TokenPtr>(*good);
  if (bad_.find(key, now)) return unauthenticated();
  if (waiting_ < options_.waiting_max) return std::nullopt;
  return fail(Reason::overloaded, "Too many requests wait for Keystone.");
}

void TokenLookup::find(const std::string& token, bool allow_expired, TokenDone done) {
  const auto key = token_key(token, allow_expired);
  const auto now = options_.now();
  std::unique_lock lock(mutex_);
  if (auto known = without_asking(key, now)) {
    lock.unlock();
    return done(*known ? unless_expired(**known, allow_expired) : std::move(*known));
  }
  ++waiting_;
  auto& waiting = asked_[key];
  waiting.push_back(std::move(done));
  const bool first = waiting.size() == 1;
  lock.unlock();
  if (!first) return;
  verifier_.verify(token, allow_expired, [this, key, allow_expired, now](Result<TokenPtr> result) {
    settle(key, allow_expired, now, result);
  });
}

void TokenLookup::settle(const std::string& key, bool allow_expired, Moment asked_at,
                         const Result<TokenPtr>& result) {
  std::vector<TokenDone> waiting;
  {
    const std::lock_guard lock(mutex_);
    // Counted from the question: a token may have been revoked while its answer was on the way.
    if (result) {
      if (options_.keep_good.count() > 0) good_.keep(key, *result, asked_at + options_.keep_good);
    } else if (result.error().reason == Reason::unauthenticated) {
      const auto keep = std::min(options_.keep_good, options_.keep_bad);
      if (keep.count() > 0) bad_.keep(key, 0, asked_at + keep);
    }
    const auto found = asked_.find(key);
    waiting = std::move(found->second);
    asked_.erase(found);
    waiting_ -= waiting.size();
  }
  const auto answer = result ? unless_expired(*result, allow_expired) : result;
  for (auto& done : waiting) {
    options_.run([done = std::move(done), answer] { done(answer); });
  }
}

tl::unexpected<Failure> unauthenticated() {
  return fail(Reason::unauthenticated, "The request you have made requires authentication.");
}

}  // namespace emplace::auth
