#include "config/option_groups.h"

namespace emplace::config {
namespace {

constexpr std::string_view group = "keystone_authtoken";
constexpr std::string_view reason = "auth_strategy = keystone is not available in this version";

// What keystonemiddleware itself reads.
std::vector<IgnoredRow> middleware_rows() {
  return {
      {"www_authenticate_uri", Kind::text, "", false, "keystone_authtoken.auth_uri"},
      {"auth_version", Kind::text},
      {"interface", Kind::text, "internal"},
      {"delay_auth_decision", Kind::boolean, "false"},
      {"http_connect_timeout", Kind::integer},
      {"http_request_max_retries", Kind::integer, "3"},
      {"cache", Kind::text},
      {"certfile", Kind::text},
      {"keyfile", Kind::text},
      {"cafile", Kind::text},
      {"insecure", Kind::boolean, "false"},
      {"region_name", Kind::text},
      {"token_cache_time", Kind::integer, "300"},
      {"include_service_catalog", Kind::boolean, "true"},
      {"enforce_token_bind", Kind::text, "permissive"},
      {"service_token_roles", Kind::list, "service"},
      {"service_token_roles_required", Kind::boolean, "false"},
      {"service_type", Kind::text},
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
  };
}

// What keystoneauth's plugins read: how the service itself logs in.
std::vector<IgnoredRow> plugin_rows() {
  return {
      {"auth_type", Kind::text, "", false, "keystone_authtoken.auth_plugin"},
      {"auth_section", Kind::text},
      {"auth_url", Kind::text},
      {"username", Kind::text, "", false,
       "keystone_authtoken.user_name keystone_authtoken.user-name"},
      {"user_id", Kind::text},
      {"password", Kind::text, "", true},
      {"user_domain_id", Kind::text},
      {"user_domain_name", Kind::text},
      {"project_id", Kind::text, "", false,
       "keystone_authtoken.tenant_id keystone_authtoken.tenant-id"},
      {"project_name", Kind::text, "", false,
       "keystone_authtoken.tenant_name keystone_authtoken.tenant-name"},
      {"project_domain_id", Kind::text},
      {"project_domain_name", Kind::text},
      {"domain_id", Kind::text},
      {"domain_name", Kind::text},
      {"default_domain_id", Kind::text},
      {"default_domain_name", Kind::text},
      {"system_scope", Kind::text},
      {"trust_id", Kind::text},
      {"token", Kind::text, "", true},
      {"application_credential_id", Kind::text},
      {"application_credential_name", Kind::text},
      {"application_credential_secret", Kind::text, "", true},
  };
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
  std::vector<Option> result;
  for (const auto& rows : {middleware_rows(), plugin_rows(), old_rows()}) {
    const auto part = ignored_group(group, reason, rows);
    result.insert(result.end(), part.begin(), part.end());
  }
  return result;
}

}  // namespace emplace::config
