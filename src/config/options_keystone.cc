#include "config/option_groups.h"

namespace emplace::config {
namespace {

constexpr std::string_view group = "keystone_authtoken";
constexpr std::int64_t day_s = 86400;

Option own(std::string_view name, Kind kind, std::string_view default_value,
           std::string_view help) {
  return {.group = group,
          .name = name,
          .kind = kind,
          .default_value = default_value,
          .effect = Effect::honoured,
          .help = help};
}

Option number(std::string_view name, std::string_view default_value, std::int64_t minimum,
              std::int64_t maximum, std::string_view help) {
  auto option = own(name, Kind::integer, default_value, help);
  option.minimum = minimum;
  option.maximum = maximum;
  return option;
}

Option renamed(Option option, std::string_view former_names) {
  option.former_names = former_names;
  return option;
}

// What keystonemiddleware itself reads.
std::vector<Option> middleware_options() {
  return {
      renamed(own("www_authenticate_uri", Kind::text, "",
                  "The Identity API that callers without a valid token are pointed to; not set: "
                  "auth_url."),
              "keystone_authtoken.auth_uri"),
      own("interface", Kind::text, "internal",
          "The interface of the catalog's Identity API where tokens are verified: internal, public "
          "or admin; auth_url if the catalog has none."),
      own("region_name", Kind::text, "", "The region of that Identity API; not set: any."),
      own("delay_auth_decision", Kind::boolean, "false",
          "Must be false: a request without a valid token is refused."),
      number("http_connect_timeout", "30", 1, 3600,
             "Seconds within which Keystone must take a connection, and again answer."),
      number("http_request_max_retries", "3", 0, 100,
             "How often a connection to Keystone that failed is tried again."),
      own("cafile", Kind::text, "",
          "A PEM file of the authorities that may vouch for Keystone; not set: the system's."),
      own("certfile", Kind::text, "", "A PEM file with a certificate to show to Keystone."),
      own("keyfile", Kind::text, "", "A PEM file with its key; not set: it is in certfile."),
      own("insecure", Kind::boolean, "false",
          "Whether Keystone's certificate may be anyone's: for tests only."),
      number("token_cache_time", "300", -1, day_s,
             "Seconds for which an answer about a token is kept, and a revocation may go "
             "unnoticed; -1 or 0: each request is asked about."),
      own("service_token_roles", Kind::list, "service",
          "With one of these roles a service token lets an expired user token pass."),
      own("service_token_roles_required", Kind::boolean, "false",
          "Whether a service token without any of these roles is refused."),
  };
}

std::vector<Option> memcached_options() {
  return ignored_group(
      group, "tokens are kept in the process, not in memcached",
      {
          {"cache", Kind::text},
          {"memcached_servers", Kind::list, "", false, "keystone_authtoken.memcache_servers"},
          {"memcache_security_strategy", Kind::text, "None", false, "", "None MAC ENCRYPT"},
          {"memcache_secret_key", Kind::text, "", true},
          {"memcache_pool_dead_retry", Kind::integer, "300"},
          {"memcache_pool_maxsize", Kind::integer, "10"},
          {"memcache_pool_socket_timeout", Kind::integer, "3"},
          {"memcache_pool_unused_timeout", Kind::integer, "60"},
          {"memcache_pool_conn_get_timeout", Kind::integer, "10"},
          {"memcache_use_advanced_pool", Kind::boolean, "true"},
          {"memcache_tls_enabled", Kind::boolean, "false"},
          {"memcache_tls_cafile", Kind::text},
          {"memcache_tls_certfile", Kind::text},
          {"memcache_tls_keyfile", Kind::text},
          {"memcache_tls_allowed_ciphers", Kind::text},
          {"memcache_sasl_enabled", Kind::boolean, "false"},
          {"memcache_username", Kind::text},
          {"memcache_password", Kind::text, "", true},
      });
}

// Options of the middleware that can make no difference here.
std::vector<Option> needless_options() {
  std::vector<Option> result;
  const auto add = [&result](std::string_view reason, const IgnoredRow& row) {
    const auto made = ignored_group(group, reason, {row});
    result.insert(result.end(), made.begin(), made.end());
  };
  add("version 3 of the Identity API is always used", {"auth_version", Kind::text});
  add("a caller's catalog is never needed nor asked for",
      {"include_service_catalog", Kind::boolean, "true"});
  add("Keystone binds no tokens any more", {"enforce_token_bind", Kind::text, "permissive"});
  add("tokens that access rules restrict are not accepted", {"service_type", Kind::text});
  return result;
}

// What keystoneauth's plugin "password" reads: how the service itself logs in. With auth_section,
// these stand in another group.
std::vector<Option> plugin_options() {
  std::vector<Option> result = {
      renamed(own("auth_type", Kind::text, "",
                  "How emplace logs in at Keystone: password or v3password."),
              "keystone_authtoken.auth_plugin"),
      own("auth_url", Kind::text, "", "Where Keystone is, such as http://controller:5000."),
      renamed(own("username", Kind::text, "", "The user as whom emplace asks Keystone."),
              "keystone_authtoken.user_name keystone_authtoken.user-name"),
      own("user_id", Kind::text, "", "The same user by id."),
      own("password", Kind::text, "", "The user's password."),
      own("user_domain_id", Kind::text, "", "The domain of username, by id."),
      own("user_domain_name", Kind::text, "", "The domain of username, by name."),
      renamed(own("project_id", Kind::text, "", "The project for which the user asks, by id."),
              "keystone_authtoken.tenant_id keystone_authtoken.tenant-id"),
      renamed(own("project_name", Kind::text, "", "The project for which the user asks, by name."),
              "keystone_authtoken.tenant_name keystone_authtoken.tenant-name"),
      own("project_domain_id", Kind::text, "", "The domain of project_name, by id."),
      own("project_domain_name", Kind::text, "", "The domain of project_name, by name."),
      own("domain_id", Kind::text, "", "Instead of a project: the domain, by id."),
      own("domain_name", Kind::text, "", "Instead of a project: the domain, by name."),
      own("default_domain_id", Kind::text, "",
          "The domain, by id, of username and project_name that have none of their own."),
      own("default_domain_name", Kind::text, "",
          "The domain, by name, of username and project_name that have none of their own."),
      own("system_scope", Kind::text, "", "Instead of a project: all, for the system."),
      own("trust_id", Kind::text, "", "Instead of a project: a trust that the user was given."),
  };
  for (auto& option : result)
    option.secret = option.name == "password";
  const auto ignored = ignored_group(group, "only auth_type password and v3password are known",
                                     {
                                         {"token", Kind::text, "", true},
                                         {"application_credential_id", Kind::text},
                                         {"application_credential_name", Kind::text},
                                         {"application_credential_secret", Kind::text, "", true},
                                     });
  result.insert(result.end(), ignored.begin(), ignored.end());
  for (auto& option : result)
    option.moves_with_auth_section = true;
  return result;
}

// What keystonemiddleware keeps for files of long ago.
std::vector<IgnoredRow> old_rows() {
  return {
      {"auth_admin_prefix", Kind::text},
      {"auth_host", Kind::text, "127.0.0.1"},
      {"auth_port", Kind::integer, "35357"},
      {"auth_protocol", Kind::text, "https", false, "", "http https"},
      {"identity_uri", Kind::text},
      {"admin_token", Kind::text, "", true},
      {"admin_user", Kind::text},
      {"admin_password", Kind::text, "", true},
      {"admin_tenant_name", Kind::text, "admin"},
  };
}

}  // namespace

std::vector<Option> keystone_options() {
  auto result = middleware_options();
  result.push_back(own("auth_section", Kind::text, "",
                       "Another group of the file, where auth_type and what belongs to it are."));
  for (const auto& part :
       {plugin_options(), needless_options(), memcached_options(),
        ignored_group(group, "it is for files of long ago; see auth_type", old_rows())}) {
    result.insert(result.end(), part.begin(), part.end());
  }
  return result;
}

}  // namespace emplace::config
