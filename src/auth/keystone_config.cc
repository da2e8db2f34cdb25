#include "auth/keystone_config.h"

#include <algorithm>
#include <initializer_list>

#include "base/text.h"

namespace emplace::auth {
namespace {

constexpr std::string_view group = "keystone_authtoken";

std::string option(const config::Config& config, std::string_view name) {
  return config.text(group, name);
}

// The first of these that is set.
std::string either(const config::Config& config, std::initializer_list<std::string_view> names) {
  for (const auto name : names) {
    auto value = option(config, name);
    if (!value.empty()) return value;
  }
  return {};
}

tl::unexpected<Failure> wrong(const std::string& sentence) {
  return fail(Reason::bad_request, "[keystone_authtoken] " + sentence);
}

Result<void> check_plugin(const config::Config& config) {
  const auto type = option(config, "auth_type");
  if (!same_ignoring_case(type, "password") && !same_ignoring_case(type, "v3password")) {
    return wrong(
        "auth_type must be password or v3password, the ways to log in at Keystone that "
        "this version knows; it is " +
        (type.empty() ? "not set" : type));
  }
  if (config.boolean(group, "delay_auth_decision")) {
    return wrong(
        "delay_auth_decision = true would let requests without a valid token pass to the "
        "API, which has no use for them; leave it out");
  }
  return {};
}

// How many of these texts are not empty.
long given(std::initializer_list<std::string> texts) {
  return std::count_if(texts.begin(), texts.end(),
                       [](const std::string& text) { return !text.empty(); });
}

Result<Credentials> credentials(const config::Config& config) {
  Credentials own;
  own.user_id = option(config, "user_id");
  own.username = option(config, "username");
  own.password = option(config, "password");
  own.user_domain_id = either(config, {"user_domain_id", "default_domain_id"});
  own.user_domain_name = either(config, {"user_domain_name", "default_domain_name"});
  own.project_id = option(config, "project_id");
  own.project_name = option(config, "project_name");
  own.project_domain_id = either(config, {"project_domain_id", "default_domain_id"});
  own.project_domain_name = either(config, {"project_domain_name", "default_domain_name"});
  own.domain_id = option(config, "domain_id");
  own.domain_name = option(config, "domain_name");
  own.system_scope = option(config, "system_scope");
  own.trust_id = option(config, "trust_id");

  if (own.user_id.empty() && own.username.empty()) {
    return wrong("username (or user_id) must name the user as whom emplace asks Keystone");
  }
  if (own.password.empty()) return wrong("password, of the user who asks Keystone, is not set");
  if (own.user_id.empty() && own.user_domain_id.empty() && own.user_domain_name.empty()) {
    return wrong("user_domain_name (or user_domain_id) must name the domain of username");
  }
  if (own.project_id.empty() && !own.project_name.empty() && own.project_domain_id.empty() &&
      own.project_domain_name.empty()) {
    return wrong("project_domain_name (or project_domain_id) must name the domain of project_name");
  }
  if (!own.system_scope.empty() && own.system_scope != "all") {
    return wrong("system_scope must be all, if anything");
  }
  if (given({own.project_id + own.project_name, own.domain_id + own.domain_name, own.system_scope,
             own.trust_id}) > 1) {
    return wrong("project_…, domain_…, system_scope and trust_id are different scopes: name one");
  }
  return own;
}

Result<http::Url> auth_url(const config::Config& config) {
  const auto text = option(config, "auth_url");
  if (text.empty()) {
    return wrong("auth_url must say where Keystone is, such as http://controller:5000");
  }
  auto url = http::parse_url(with_version_3(text));
  if (!url) return wrong("auth_url can't be used: " + url.error().detail);
  return url;
}

Result<http::ClientOptions> http_options(const config::Config& config) {
  http::ClientOptions http;
  http.time_limit = std::chrono::seconds(config.integer(group, "http_connect_timeout"));
  http.connect_retries = static_cast<unsigned>(config.integer(group, "http_request_max_retries"));
  http.verify_peer = !config.boolean(group, "insecure");
  http.ca_file = option(config, "cafile");
  http.certificate_file = option(config, "certfile");
  http.key_file = option(config, "keyfile");
  if (http.certificate_file.empty() && !http.key_file.empty()) {
    return wrong("keyfile is the key of a certificate: certfile must be set, too");
  }
  return http;
}

}  // namespace

Result<KeystoneOptions> keystone_options(const config::Config& config) {
  CHECK_OK(check_plugin(config));
  KeystoneOptions options;
  options.client.auth_url = TRY(auth_url(config));
  options.client.credentials = TRY(credentials(config));
  options.client.endpoint = {option(config, "interface"), option(config, "region_name")};
  options.client.http = TRY(http_options(config));
  options.lookup.keep_good = std::chrono::seconds(config.integer(group, "token_cache_time"));
  options.service_token_roles = config.list(group, "service_token_roles");
  options.service_token_roles_required = config.boolean(group, "service_token_roles_required");
  const auto uri = option(config, "www_authenticate_uri");
  if (uri.find('"') != uri.npos || (!uri.empty() && !http::parse_url(uri))) {
    return wrong("www_authenticate_uri is no http:// or https:// URL");
  }
  return options;
}

std::string keystone_challenge(const config::Config& config) {
  return "Keystone uri=\"" + either(config, {"www_authenticate_uri", "auth_url"}) + "\"";
}

}  // namespace emplace::auth
