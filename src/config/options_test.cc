#include <set>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/config.h"
#include "config/values.h"

namespace emplace::config {
namespace {

TEST(Options, HaveUniqueNamesAndAllPresentAndFormer) {
  std::set<std::string> names;
  for (const auto& option : options()) {
    const auto key = std::string(option.group) + "." + std::string(option.name);
    EXPECT_TRUE(names.insert(key).second) << key;
  }
  for (const auto& option : options()) {
    for (const auto former : split_words(option.former_names)) {
      EXPECT_TRUE(names.insert(std::string(former)).second) << former;
      EXPECT_NE(former.find('.'), std::string_view::npos) << former;
    }
  }
  EXPECT_GT(names.size(), 150u);
}

TEST(Options, StandGroupByGroup) {
  std::set<std::string_view> ended;
  std::string_view group;
  for (const auto& option : options()) {
    if (option.group == group) continue;
    EXPECT_TRUE(ended.insert(option.group).second) << option.group << " is torn apart";
    group = option.group;
  }
  EXPECT_EQ(options().front().group, "DEFAULT");
}

TEST(Options, HaveHelpAndHonouredNumbersHaveDefaults) {
  for (const auto& option : options()) {
    SCOPED_TRACE(std::string(option.group) + "." + std::string(option.name));
    EXPECT_FALSE(option.help.empty());
    EXPECT_LE(option.minimum, option.maximum);
    const bool sentence = option.help.back() == '.';
    EXPECT_EQ(sentence, option.effect == Effect::honoured);
    if (option.kind == Kind::boolean) {
      EXPECT_TRUE(parse_boolean(option.default_value));
    }
    if (option.kind == Kind::integer && option.effect == Effect::honoured) {
      EXPECT_TRUE(parse_integer(option.default_value));
    }
  }
}

TEST(Options, AreFoundByGroupAndName) {
  const auto* option = find_option("api", "auth_strategy");
  ASSERT_NE(option, nullptr);
  EXPECT_EQ(option->kind, Kind::text);
  EXPECT_EQ(find_option("api", "absent"), nullptr);
  EXPECT_EQ(find_option("DEFAULT", "auth_strategy"), nullptr);
}

TEST(Options, MarkEveryPasswordAsSecret) {
  for (const auto* name :
       {"password", "admin_password", "admin_token", "token", "memcache_secret_key",
        "memcache_password", "application_credential_secret"}) {
    const auto* option = find_option("keystone_authtoken", name);
    ASSERT_NE(option, nullptr) << name;
    EXPECT_TRUE(option->secret) << name;
  }
  EXPECT_TRUE(find_option("placement_database", "connection")->secret);
  EXPECT_TRUE(find_option("placement_database", "connection_parameters")->secret);
  EXPECT_TRUE(find_option("placement_database", "slave_connection")->secret);
}

}  // namespace
}  // namespace emplace::config
