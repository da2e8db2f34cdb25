// Identity: who asks, as authentication found out. Nothing in it comes from a request's body.
#pragma once

#include <string>
#include <vector>

namespace emplace {

struct Identity {
  std::string user_id;
  std::string project_id;
  std::string user_domain_id;
  std::string project_domain_id;
  std::string domain_id;     // of a domain-scoped token
  std::string system_scope;  // "all" for a system-scoped token
  std::vector<std::string> roles;
  std::vector<std::string> service_roles;  // of the X-Service-Token, if there was a valid one
  bool is_admin_project = true;            // false only if the token says so
};

}  // namespace emplace
