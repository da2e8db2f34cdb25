#include "cmd/prepare.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "config/scratch_directory.h"

namespace emplace::cmd {
namespace {

using config::ScratchDirectory;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A home of its own with nothing in it, so that no file of the machine is read.
struct Home {
  ScratchDirectory directory = {};
  Environment environment = {{"HOME", directory.path()},
                             {"XDG_DATA_HOME", directory.path("data")},
                             {"OS_PLACEMENT_CONFIG_DIR", ""}};
};

// Where the embedded database lies: a machine that emplace is installed on has a folder for it.
std::string own_folder(const std::string& in_home) {
  const std::string system = "/var/lib/emplace";
  return access(system.c_str(), W_OK | X_OK) == 0 ? system : in_home;
}

CommandLine dev_line() {
  CommandLine line;
  line.dev = true;
  return line;
}

config::Config loaded(const CommandLine& line, const Environment& environment) {
  auto config = load_config(line, environment);
  EXPECT_TRUE(config) << config.error().detail;
  return config.value();
}

TEST(LoadConfig, ReadsFilesAndFoldersInTheOrderGiven) {
  const Home home;
  CommandLine line;
  line.config_paths = {
      {home.directory.write("a.conf", "[emplace]\nport = 1\nthreads = 1\nqueue_max = 1\n"), false},
      {home.directory.path("d"), true},
      {home.directory.write("c.conf", "[emplace]\nport = 3\n"), false}};
  home.directory.write("d/x.conf", "[emplace]\nport = 2\nthreads = 2\n");
  const auto config = load_config_as_written(line, home.environment);
  ASSERT_TRUE(config);
  EXPECT_EQ(config->integer("emplace", "port"), 3);
  EXPECT_EQ(config->integer("emplace", "threads"), 2);
  EXPECT_EQ(config->integer("emplace", "queue_max"), 1);
}

TEST(LoadConfig, ReadsTheDefaultFolderBeforeANamedFileAsUpstream) {
  const Home home;
  home.directory.write("placement.conf", "[emplace]\nqueue_max = 7\n");
  home.directory.write("placement.conf.d/a.conf", "[emplace]\nport = 1\nthreads = 1\n");
  CommandLine line;
  line.config_paths = {{home.directory.write("named.conf", "[emplace]\nport = 2\n"), false}};
  const auto config = load_config_as_written(line, home.environment);
  ASSERT_TRUE(config);
  EXPECT_EQ(config->integer("emplace", "port"), 2);
  EXPECT_EQ(config->integer("emplace", "threads"), 1);
  EXPECT_EQ(config->integer("emplace", "queue_max"), 10000) << "the default file was named away";
}

TEST(LoadConfig, FailsForAFolderThatIsNotThere) {
  const Home home;
  CommandLine line;
  line.config_paths = {{home.directory.path("absent"), true}};
  const auto config = load_config(line, home.environment);
  ASSERT_FALSE(config);
  EXPECT_THAT(config.error().detail, HasSubstr("absent: can't be read"));
}

TEST(LoadConfig, PutsTheDatabaseIntoTheDataHomeAndHasItMade) {
  const Home home;
  const auto config = loaded(dev_line(), home.environment);
  EXPECT_EQ(config.text("placement_database", "connection"),
            "sqlite:///" + own_folder(home.directory.path("data/emplace")) + "/placement.db");
  EXPECT_TRUE(config.boolean("placement_database", "sync_on_startup"));
}

TEST(LoadConfig, EscapesThePathOfItsOwnDatabase) {
  Home home;
  home.environment["XDG_DATA_HOME"] = home.directory.path("a$host?b");
  const auto config = loaded(dev_line(), home.environment);
  EXPECT_EQ(config.text("placement_database", "connection"),
            "sqlite:///" + own_folder(home.directory.path("a$host%3Fb/emplace")) + "/placement.db");
}

TEST(LoadConfig, LeavesAConfiguredDatabaseAlone) {
  Home home;
  home.environment["OS_PLACEMENT_DATABASE__CONNECTION"] = "sqlite:////x/y.db";
  CommandLine line;
  line.config_paths = {{home.directory.write("a.conf", ""), false}};
  const auto config = loaded(line, home.environment);
  EXPECT_EQ(config.text("placement_database", "connection"), "sqlite:////x/y.db");
  EXPECT_FALSE(config.boolean("placement_database", "sync_on_startup"));
  EXPECT_FALSE(std::filesystem::exists(home.directory.path("data")));
}

TEST(LoadConfig, DemandsADatabaseOfUpstreamsCommands) {
  const Home home;
  CommandLine line;
  line.command = Command::db_sync;
  line.as_upstream = true;
  line.config_paths = {{home.directory.write("a.conf", ""), false}};
  const auto config = load_config(line, home.environment);
  ASSERT_FALSE(config);
  EXPECT_THAT(config.error().detail, HasSubstr("[placement_database] connection is not set"));
}

TEST(LoadConfig, InDevelopmentReadsOnlyNamedFilesAndBelievesAnyone) {
  const Home home;
  home.directory.write("placement.conf", "[api]\nauth_strategy = keystone\n[emplace]\nport = 1\n");
  auto line = dev_line();
  EXPECT_THAT(loaded(line, home.environment).files(), IsEmpty());
  line.config_paths = {
      {home.directory.write("named.conf", "[api]\nauth_strategy = keystone\n"), false}};
  const auto config = loaded(line, home.environment);
  EXPECT_THAT(config.files(), ElementsAre(home.directory.path("named.conf")));
  EXPECT_EQ(config.text("api", "auth_strategy"), "noauth2");
}

class CheckServe : public testing::Test {
 protected:
  // What is wrong with serving like this; empty if nothing is.
  std::string complaint(const CommandLine& line) const {
    const auto config = load_config_as_written(line, home_.environment);
    EXPECT_TRUE(config) << config.error().detail;
    const auto ready = check_serve(line, *config);
    return ready ? "" : ready.error().detail;
  }
  CommandLine with_file(std::string_view text) const {
    CommandLine line;
    line.config_paths = {{home_.directory.write("a.conf", text), false}};
    return line;
  }

  Home home_;
};

TEST_F(CheckServe, AllowsDevelopmentOnLoopbackOnly) {
  auto line = dev_line();
  EXPECT_EQ(complaint(line), "");
  line.overrides = {{"emplace.host", "::1"}};
  EXPECT_EQ(complaint(line), "");
  line.overrides = {{"emplace.host", "0.0.0.0"}};
  EXPECT_THAT(complaint(line), HasSubstr("not on 0.0.0.0"));
  line.overrides = {};
  home_.environment["OS_EMPLACE__HOST"] = "10.0.0.1";
  EXPECT_THAT(complaint(line), HasSubstr("not on 10.0.0.1"));
}

TEST_F(CheckServe, SaysWhatToDoWithoutAnyFile) {
  home_.environment["OS_PLACEMENT_CONFIG_DIR"] = home_.directory.path();
  home_.directory.write("placement.conf", "[api]\nauth_strategy = noauth2\n");
  EXPECT_EQ(complaint(CommandLine{}), "");

  CommandLine line;
  line.config_paths = {{home_.directory.path("empty.d"), true}};
  std::filesystem::create_directory(home_.directory.path("empty.d"));
  const auto sources = config::Config::load({});
  ASSERT_TRUE(sources);
  const auto ready = check_serve(line, *sources);
  ASSERT_FALSE(ready);
  EXPECT_THAT(ready.error().detail, HasSubstr("emplace serve --dev"));
  EXPECT_THAT(ready.error().detail, HasSubstr("--config-file"));
}

TEST_F(CheckServe, WantsToKnowHowToAskKeystoneAlsoByDefault) {
  const std::string group =
      "[keystone_authtoken]\nauth_type = password\nauth_url = http://k:5000\nusername = placement\n"
      "user_domain_name = Default\n";
  EXPECT_THAT(complaint(with_file("[api]\nauth_strategy = keystone\n")), HasSubstr("auth_type"));
  EXPECT_THAT(complaint(with_file("")), HasSubstr("[keystone_authtoken] auth_type"));
  EXPECT_THAT(complaint(with_file(group)), HasSubstr("[keystone_authtoken] password"));
  EXPECT_EQ(complaint(with_file(group + "password = p\n")), "");
  EXPECT_EQ(complaint(with_file("[api]\nauth_strategy = noauth2\n")), "");
}

TEST_F(CheckServe, WantsBothHalvesOfTls) {
  const std::string api = "[api]\nauth_strategy = noauth2\n[emplace]\n";
  EXPECT_THAT(complaint(with_file(api + "tls_key_file = k\n")), HasSubstr("both"));
  EXPECT_THAT(complaint(with_file(api + "tls_certificate_file = c\n")), HasSubstr("both"));
  EXPECT_EQ(complaint(with_file(api + "tls_key_file = k\ntls_certificate_file = c\n")), "");
}

TEST(MaxCount, IsAPositiveNumberOrUpstreamsComplaint) {
  CommandLine line;
  EXPECT_EQ(max_count(line).value(), std::nullopt);
  line.max_count = "50";
  EXPECT_EQ(max_count(line).value(), 50);
  for (const auto* text : {"0", "-1", "x", "", "1.5", "99999999999999999999"}) {
    line.max_count = text;
    const auto count = max_count(line);
    ASSERT_FALSE(count) << text;
    EXPECT_EQ(count.error().detail, "Must supply a positive value for max_count");
  }
}

TEST(IsLoopback, KnowsLoopbackAddressesOfBothFamilies) {
  for (const auto* host : {"127.0.0.1", "127.1.2.3", "::1", "localhost"}) {
    EXPECT_TRUE(is_loopback(host)) << host;
  }
  for (const auto* host : {"0.0.0.0", "::", "128.0.0.1", "10.0.0.1", "example.org", "", "127"}) {
    EXPECT_FALSE(is_loopback(host)) << host;
  }
}

}  // namespace
}  // namespace emplace::cmd
