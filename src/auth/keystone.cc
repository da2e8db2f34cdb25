#include "auth/keystone.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "auth/workers.h"
#include "base/text.h"

namespace emplace::auth {
namespace {

// The header's token, nothing if there is none. Failure: it came twice, or can't be a token; which
// of two a proxy before us has looked at, nobody knows.
Result<std::optional<std::string>> token_in(const http::Request& request, std::string_view name) {
  std::optional<std::string> token;
  for (const auto& [key, value] : request.headers) {
    if (!same_ignoring_case(key, name)) continue;
    if (token) return unauthenticated();
    token = trimmed(value);
  }
  if (!token || token->empty()) return std::optional<std::string>();
  if (!can_be_token(*token)) return unauthenticated();
  return token;
}

class Keystone final : public Authenticator {
 public:
  Keystone(const Clock& clock, KeystoneOptions options)
      : workers_(options.threads),
        client_(clock, std::move(options.client)),
        lookup_(client_, clock, with_workers(std::move(options.lookup))),
        tokens_(lookup_, std::move(options.service_token_roles),
                options.service_token_roles_required) {}
  ~Keystone() override { stop_all(); }

  void authenticate(const http::Request& request, Authenticated done) override {
    tokens_.authenticate(request, std::move(done));
  }
  void stop() override { stop_all(); }

 private:
  void stop_all() {
    client_.stop();
    workers_.stop();
  }
  LookupOptions with_workers(LookupOptions options) {
    options.run = [this](std::function<void()> task) { workers_.run(std::move(task)); };
    return options;
  }

  Workers workers_;
  KeystoneClient client_;
  TokenLookup lookup_;
  TokenAuthenticator tokens_;
};

}  // namespace

TokenAuthenticator::TokenAuthenticator(TokenLookup& lookup, std::vector<std::string> service_roles,
                                       bool service_roles_required)
    : lookup_(lookup),
      service_roles_(std::move(service_roles)),
      service_roles_required_(service_roles_required) {}

void TokenAuthenticator::authenticate(const http::Request& request, Authenticated done) {
  auto user = token_in(request, "X-Auth-Token");
  auto service = token_in(request, "X-Service-Token");
  if (!user || !service || !*user) return done(unauthenticated());
  if (!*service) return find_user(**user, nullptr, std::move(done));
  lookup_.find(**service, false,
               [this, user = std::move(**user), done = std::move(done)](Result<TokenPtr> found) {
                 if (!found) return done(tl::unexpected(std::move(found.error())));
                 find_user(user, *found, done);
               });
}

void TokenAuthenticator::find_user(const std::string& token, const TokenPtr& service,
                                   Authenticated done) {
  bool is_service = false;
  if (service) {
    const auto& roles = service->identity.roles;
    is_service = std::any_of(roles.begin(), roles.end(), [this](const std::string& role) {
      return std::find(service_roles_.begin(), service_roles_.end(), role) != service_roles_.end();
    });
    if (!is_service && service_roles_required_) return done(unauthenticated());
  }
  lookup_.find(token, is_service, [service, done = std::move(done)](Result<TokenPtr> found) {
    if (!found) return done(tl::unexpected(std::move(found.error())));
    Identity identity = (*found)->identity;
    if (service) identity.service_roles = service->identity.roles;
    done(std::move(identity));
  });
}

std::unique_ptr<Authenticator> make_keystone(const Clock& clock, KeystoneOptions options) {
  return std::make_unique<Keystone>(clock, std::move(options));
}

}  // namespace emplace::auth
