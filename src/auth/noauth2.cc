// noauth2: the headers say who asks, and are believed. For tests and for trusted networks only.
#include <string>
#include <string_view>
#include <vector>

#include "auth/authenticator.h"
#include "base/text.h"

namespace emplace::auth {
namespace {

std::vector<std::string> split_roles(std::string_view text) {
  std::vector<std::string> roles;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view role = trimmed(text.substr(0, comma));
    if (!role.empty()) roles.emplace_back(role);
    text = comma == text.npos ? std::string_view() : text.substr(comma + 1);
  }
  return roles;
}

bool is_true(std::string_view text) {
  constexpr std::string_view wanted = "true";
  if (text.size() != wanted.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((text[i] | 0x20) != wanted[i]) return false;
  }
  return true;
}

// The token's project, unless the header X-Project-Id names another, or unless the scope is the
// system, which has no project of its own.
std::string_view project_of(const http::Request& request, std::string_view token_project) {
  if (request.has_header("X-Project-Id")) return request.header("X-Project-Id");
  if (request.header("OpenStack-System-Scope").empty()) return token_project;
  if (request.has_header("X-Tenant-Id")) return request.header("X-Tenant-Id");
  return request.header("X-Tenant");
}

Result<Identity> identify(const http::Request& request) {
  if (!request.has_header("X-Auth-Token")) {
    return fail(Reason::unauthenticated, "The request you have made requires authentication.");
  }
  const std::string_view token = request.header("X-Auth-Token");
  const std::size_t colon = token.find(':');
  const std::string_view user = token.substr(0, colon);
  std::string_view project = colon == token.npos ? user : token.substr(colon + 1);
  if (project.empty()) project = user;

  Identity identity;
  identity.user_id = user;
  identity.project_id = project_of(request, project);
  identity.user_domain_id = request.header("X-User-Domain-Id");
  identity.project_domain_id = request.header("X-Project-Domain-Id");
  identity.domain_id = request.header("X-Domain-Id");
  identity.system_scope = request.header("OpenStack-System-Scope");
  if (request.has_header("X-Roles")) {
    identity.roles = split_roles(request.header("X-Roles"));
  } else if (user == "admin") {
    identity.roles = {"admin"};
  }
  identity.service_roles = split_roles(request.header("X-Service-Roles"));
  if (request.has_header("X-Is-Admin-Project")) {
    identity.is_admin_project = is_true(request.header("X-Is-Admin-Project"));
  }
  return identity;
}

class Noauth2 final : public Authenticator {
 public:
  void authenticate(const http::Request& request, Authenticated done) override {
    done(identify(request));
  }
};

}  // namespace

std::unique_ptr<Authenticator> make_noauth2() {
  return std::make_unique<Noauth2>();
}

}  // namespace emplace::auth
