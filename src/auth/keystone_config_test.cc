#include "auth/keystone_config.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace emplace::auth {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Texts = std::map<std::string, std::string>;

// The least that works, with changes; an empty text takes an option away.
config::Config configured(const Texts& changes) {
  Texts texts = {{"auth_type", "password"},
                 {"auth_url", "http://k:5000"},
                 {"username", "placement"},
                 {"user_domain_name", "Default"},
                 {"password", "p"},
                 {"project_name", "service"},
                 {"project_domain_id", "default"}};
  config::Sources sources;
  for (const auto& [name, value] : changes)
    texts[name] = value;
  for (const auto& [name, value] : texts)
    sources.overrides["keystone_authtoken." + name] = value;
  auto config = config::Config::load(sources);
  EXPECT_TRUE(config);
  return std::move(*config);
}

std::string complaint(const Texts& changes) {
  const auto options = keystone_options(configured(changes));
  return options ? "" : options.error().detail;
}

TEST(KeystoneOptions, TakeTheDefaultsOfTheMiddleware) {
  const auto options = keystone_options(configured({}));
  ASSERT_TRUE(options) << options.error().detail;
  const auto& client = options->client;
  EXPECT_EQ(client.auth_url.target, "/v3");
  EXPECT_EQ(client.auth_url.authority(), "k:5000");
  EXPECT_EQ(client.credentials.username, "placement");
  EXPECT_EQ(client.credentials.project_domain_id, "default");
  EXPECT_EQ(client.endpoint.interface, "internal");
  EXPECT_EQ(client.endpoint.region, "");
  EXPECT_TRUE(client.http.verify_peer);
  EXPECT_EQ(client.http.connect_retries, 3u);
  EXPECT_EQ(options->lookup.keep_good.count(), 300);
  EXPECT_THAT(options->service_token_roles, ElementsAre("service"));
  EXPECT_FALSE(options->service_token_roles_required);
}

TEST(KeystoneOptions, TakeWhatIsSet) {
  const auto options = keystone_options(configured({{"auth_type", "v3password"},
                                                    {"interface", "public"},
                                                    {"region_name", "one"},
                                                    {"insecure", "true"},
                                                    {"cafile", "/ca"},
                                                    {"certfile", "/cert"},
                                                    {"keyfile", "/key"},
                                                    {"http_connect_timeout", "7"},
                                                    {"http_request_max_retries", "0"},
                                                    {"token_cache_time", "-1"},
                                                    {"service_token_roles", "service, nova"},
                                                    {"service_token_roles_required", "true"}}));
  ASSERT_TRUE(options) << options.error().detail;
  EXPECT_EQ(options->client.endpoint.interface, "public");
  EXPECT_EQ(options->client.endpoint.region, "one");
  EXPECT_FALSE(options->client.http.verify_peer);
  EXPECT_EQ(options->client.http.ca_file, "/ca");
  EXPECT_EQ(options->client.http.certificate_file, "/cert");
  EXPECT_EQ(options->client.http.key_file, "/key");
  EXPECT_EQ(options->client.http.time_limit, std::chrono::seconds(7));
  EXPECT_EQ(options->client.http.connect_retries, 0u);
  EXPECT_EQ(options->lookup.keep_good.count(), -1);
  EXPECT_THAT(options->service_token_roles, ElementsAre("service", "nova"));
  EXPECT_TRUE(options->service_token_roles_required);
}

TEST(KeystoneOptions, NameWhatIsMissing) {
  EXPECT_THAT(complaint({{"auth_url", ""}}), HasSubstr("[keystone_authtoken] auth_url"));
  EXPECT_THAT(complaint({{"username", ""}}), HasSubstr("[keystone_authtoken] username"));
  EXPECT_THAT(complaint({{"password", ""}}), HasSubstr("[keystone_authtoken] password"));
  EXPECT_THAT(complaint({{"user_domain_name", ""}}), HasSubstr("user_domain_name"));
  EXPECT_THAT(complaint({{"project_domain_id", ""}}), HasSubstr("project_domain_name"));
  EXPECT_THAT(complaint({{"keyfile", "/key"}}), HasSubstr("certfile"));
  EXPECT_EQ(complaint({{"username", ""}, {"user_domain_name", ""}, {"user_id", "u"}}), "");
  EXPECT_EQ(
      complaint(
          {{"user_domain_name", ""}, {"project_domain_id", ""}, {"default_domain_id", "default"}}),
      "");
  EXPECT_EQ(complaint({{"project_name", ""}, {"system_scope", "all"}}), "");
}

TEST(KeystoneOptions, NameWhatCannotWork) {
  for (const auto* type : {"", "token", "v3applicationcredential"}) {
    EXPECT_THAT(complaint({{"auth_type", type}}), HasSubstr("password or v3password")) << type;
  }
  EXPECT_THAT(complaint({{"delay_auth_decision", "true"}}), HasSubstr("delay_auth_decision"));
  EXPECT_THAT(complaint({{"auth_url", "k:5000"}}), HasSubstr("auth_url can't be used"));
  EXPECT_THAT(complaint({{"system_scope", "some"}, {"project_name", ""}}),
              HasSubstr("system_scope must be all"));
  EXPECT_THAT(complaint({{"system_scope", "all"}}), HasSubstr("name one"));
  EXPECT_THAT(complaint({{"domain_id", "default"}}), HasSubstr("name one"));
  EXPECT_THAT(complaint({{"www_authenticate_uri", "http://k\""}}), HasSubstr("www_authenticate"));
}

TEST(KeystoneChallenge, PointsToTheConfiguredUriOrToAuthUrl) {
  EXPECT_EQ(keystone_challenge(configured({})), R"(Keystone uri="http://k:5000")");
  EXPECT_EQ(keystone_challenge(configured({{"www_authenticate_uri", "https://public/identity"}})),
            R"(Keystone uri="https://public/identity")");
}

}  // namespace
}  // namespace emplace::auth
