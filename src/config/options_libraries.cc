#include "config/option_groups.h"

namespace emplace::config {
namespace {

constexpr auto honoured = Effect::honoured;
constexpr auto ignored = Effect::ignored;

std::vector<Option> policy_options() {
  constexpr std::string_view group = "oslo_policy";
  constexpr std::string_view no_remote = "rules of the kinds http: and https: ask no server";
  return {
      {group, "enforce_scope", Kind::boolean, "true", honoured,
       "Whether a token must have the scope that a rule asks for."},
      {group, "enforce_new_defaults", Kind::boolean, "true", honoured,
       "Whether the deprecated defaults of rules are no longer accepted beside the new ones."},
      {group, "policy_file", Kind::text, "policy.yaml", honoured,
       "The file of policy rules, relative to the folder of the configuration file.", false,
       "DEFAULT.policy_file"},
      {group, "policy_dirs", Kind::multi, "policy.d", honoured,
       "Folders with more policy files; may be given several times.", false, "DEFAULT.policy_dirs"},
      {group, "policy_default_rule", Kind::text, "default", ignored,
       "every rule that is asked for has a default of its own", false,
       "DEFAULT.policy_default_rule"},
      {group, "remote_content_type", Kind::text, "application/x-www-form-urlencoded", ignored,
       no_remote, false, "", "application/x-www-form-urlencoded application/json"},
      {group, "remote_ssl_verify_server_crt", Kind::boolean, "false", ignored, no_remote},
      {group, "remote_ssl_ca_crt_file", Kind::text, "", ignored, no_remote},
      {group, "remote_ssl_client_crt_file", Kind::text, "", ignored, no_remote},
      {group, "remote_ssl_client_key_file", Kind::text, "", ignored, no_remote},
      {group, "remote_timeout", Kind::real, "60", ignored, no_remote},
  };
}

std::vector<Option> cors_options() {
  constexpr std::string_view group = "cors";
  return {
      {group, "allowed_origin", Kind::list, "", honoured,
       "Origins whose pages may call the API from a browser, or *; none: CORS is off."},
      {group, "allow_credentials", Kind::boolean, "true", honoured,
       "Whether such calls may carry credentials."},
      {group, "expose_headers", Kind::list,
       "X-Auth-Token,X-Openstack-Request-Id,X-Subject-Token,X-Service-Token,OpenStack-API-Version",
       honoured, "Headers of an answer that such pages may read."},
      {group, "max_age", Kind::integer, "3600", honoured,
       "Seconds for which a browser may keep the answer to a preflight request."},
      {group, "allow_methods", Kind::list, "GET,PUT,POST,DELETE,PATCH", honoured,
       "Methods that such pages may use."},
      {group, "allow_headers", Kind::list,
       "X-Auth-Token,X-Openstack-Request-Id,X-Identity-Status,X-Roles,X-Service-Catalog,X-User-Id,"
       "X-Tenant-Id,OpenStack-API-Version",
       honoured, "Headers that such pages may send."},
  };
}

std::vector<Option> middleware_options() {
  constexpr std::string_view group = "oslo_middleware";
  return {
      {group, "enable_proxy_headers_parsing", Kind::boolean, "false", honoured,
       "Whether a proxy in front is believed what it says of the host and the scheme, in Forwarded "
       "or "
       "in X-Forwarded-Host and X-Forwarded-Proto."},
      {group, "max_request_body_size", Kind::integer, "114688", ignored,
       "the limits are [emplace] body_bytes_max and body_bytes_max_bulk", false,
       "DEFAULT.osapi_max_request_body_size DEFAULT.max_request_body_size"},
      {group, "secure_proxy_ssl_header", Kind::text, "X-Forwarded-Proto", ignored,
       "the middleware it belongs to is not part of Placement"},
      {group, "http_basic_auth_user_file", Kind::text, "/etc/htpasswd", ignored,
       "the middleware it belongs to is not part of Placement"},
  };
}

std::vector<Option> healthcheck_options() {
  return ignored_group("healthcheck",
                       "there is no /healthcheck; GET / answers 200 while the server is up",
                       {{"path", Kind::text, "/healthcheck"},
                        {"detailed", Kind::boolean, "false"},
                        {"backends", Kind::list},
                        {"allowed_source_ranges", Kind::list},
                        {"ignore_proxied_requests", Kind::boolean, "false"},
                        {"disable_by_file_path", Kind::text},
                        {"disable_by_file_paths", Kind::list},
                        {"enable_by_file_paths", Kind::list}});
}

std::vector<Option> profiler_options() {
  return ignored_group("profiler", "osprofiler, which it sets up, traces Python programs only",
                       {{"enabled", Kind::boolean, "false", false, "profiler.profiler_enabled"},
                        {"trace_sqlalchemy", Kind::boolean, "false"},
                        {"trace_requests", Kind::boolean, "false"},
                        {"hmac_keys", Kind::text, "SECRET_KEY", true},
                        {"connection_string", Kind::text, "messaging://", true},
                        {"es_doc_type", Kind::text, "notification"},
                        {"es_scroll_time", Kind::text, "2m"},
                        {"es_scroll_size", Kind::integer, "10000"},
                        {"socket_timeout", Kind::real, "0.1"},
                        {"sentinel_service_name", Kind::text, "mymaster"},
                        {"filter_error_trace", Kind::boolean, "false"}});
}

}  // namespace

std::vector<Option> library_options() {
  std::vector<Option> result;
  for (const auto& part : {policy_options(), cors_options(), middleware_options(),
                           healthcheck_options(), profiler_options()}) {
    result.insert(result.end(), part.begin(), part.end());
  }
  return result;
}

}  // namespace emplace::config
