#include "config/config.h"

#include <set>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/scratch_directory.h"
#include "config/values.h"

namespace emplace::config {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// Configuration out of file texts, read in that order, and an environment.
struct Given {
  ScratchDirectory directory = {};
  Sources sources = {};

  Given& file(std::string_view text) {
    const auto name = std::to_string(sources.files.size()) + ".conf";
    sources.files.push_back(directory.write(name, text));
    return *this;
  }
  Config load() const {
    auto config = Config::load(sources);
    if (!config) throw std::runtime_error(config.error().detail);
    return std::move(*config);
  }
  std::string error() const {
    const auto config = Config::load(sources);
    EXPECT_FALSE(config);
    return config ? "" : config.error().detail;
  }
};

TEST(Config, HasUpstreamsDefaultsWithoutAnySource) {
  const auto config = Given().load();
  EXPECT_EQ(config.text("api", "auth_strategy"), "keystone");
  EXPECT_EQ(config.text("placement_database", "connection"), "");
  EXPECT_FALSE(config.boolean("placement_database", "sync_on_startup"));
  EXPECT_TRUE(config.boolean("placement_database", "sqlite_synchronous"));
  EXPECT_EQ(config.integer("placement", "max_allocation_candidates"), -1);
  EXPECT_EQ(config.text("placement", "incomplete_consumer_project_id"),
            "00000000-0000-0000-0000-000000000000");
  EXPECT_EQ(config.text("oslo_policy", "policy_file"), "policy.yaml");
  EXPECT_THAT(config.list("oslo_policy", "policy_dirs"), ElementsAre("policy.d"));
  EXPECT_THAT(config.list("cors", "allowed_origin"), IsEmpty());
  EXPECT_THAT(config.list("cors", "allow_methods"),
              ElementsAre("GET", "PUT", "POST", "DELETE", "PATCH"));
  EXPECT_EQ(config.integer("emplace", "port"), 8778);
  EXPECT_EQ(config.real("profiler", "socket_timeout"), 0.1);
  EXPECT_FALSE(config.is_set("api", "auth_strategy"));
  EXPECT_THAT(config.warnings(), IsEmpty());
  EXPECT_THAT(config.files(), IsEmpty());
}

TEST(Config, LaterFileBeatsEarlierAndLaterLineBeatsEarlier) {
  Given given;
  given.file("[emplace]\nport = 1\nthreads = 4\nthreads = 5\n").file("[EMPLACE]\nport = 2\n");
  const auto config = given.load();
  EXPECT_EQ(config.integer("emplace", "port"), 2);
  EXPECT_EQ(config.integer("emplace", "threads"), 5);
  EXPECT_TRUE(config.is_set("emplace", "port"));
  EXPECT_EQ(config.files(), given.sources.files);
}

TEST(Config, CommandLineBeatsEnvironmentBeatsFiles) {
  Given given;
  given.file("[emplace]\nport = 1\nhost = file\n[DEFAULT]\ndebug = false\n");
  given.sources.environment = {
      {"OS_EMPLACE__PORT", "2"}, {"OS_EMPLACE__HOST", "env"}, {"OS_DEFAULT__DEBUG", "yes"}};
  given.sources.overrides = {{"emplace.port", "3"}};
  const auto config = given.load();
  EXPECT_EQ(config.integer("emplace", "port"), 3);
  EXPECT_EQ(config.text("emplace", "host"), "env");
  EXPECT_TRUE(config.boolean("DEFAULT", "debug"));
}

TEST(Config, ReadsTheConfFilesOfADirectorySortedAfterFiles) {
  Given given;
  given.file("[emplace]\nport = 1\nthreads = 1\nqueue_max = 1\n");
  given.directory.write("d/20.conf", "[emplace]\nport = 20\n");
  given.directory.write("d/10.conf", "[emplace]\nport = 10\nthreads = 10\n");
  given.directory.write("d/99.conf.orig", "[emplace]\nport = 99\n");
  given.directory.write("d/.hidden.conf", "[emplace]\nport = 98\n");
  given.sources.directories = {given.directory.path("d")};
  const auto config = given.load();
  EXPECT_EQ(config.integer("emplace", "port"), 20);
  EXPECT_EQ(config.integer("emplace", "threads"), 10);
  EXPECT_EQ(config.integer("emplace", "queue_max"), 1);
  EXPECT_EQ(config.files().size(), 3u);
}

TEST(Config, FailsOnSourcesThatCantBeRead) {
  Given given;
  given.sources.files = {given.directory.path("absent.conf")};
  EXPECT_EQ(given.error(),
            given.directory.path("absent.conf") + ": can't be read: No such file or directory");
  given.sources.files = {given.directory.path()};
  EXPECT_THAT(given.error(), HasSubstr("is a directory"));
  given.sources.files = {};
  given.sources.directories = {given.directory.path("absent.d")};
  EXPECT_THAT(given.error(), HasSubstr("absent.d: can't be read: "));
}

TEST(Config, FailsOnASyntaxErrorWithFileAndLine) {
  Given given;
  given.file("[api]\nnonsense\n");
  EXPECT_THAT(given.error(), testing::EndsWith("0.conf:2: neither '=' nor ':' found"));
}

TEST(Config, FailsOnAValueOfTheWrongKind) {
  const auto error = [](std::string_view text) { return Given().file(text).error(); };
  EXPECT_THAT(
      error("[placement_database]\nsync_on_startup = maybe\n"),
      HasSubstr("0.conf: [placement_database] sync_on_startup: \"maybe\" is not a boolean"));
  EXPECT_THAT(error("[emplace]\nport = http\n"), HasSubstr("\"http\" is not an integer"));
  EXPECT_THAT(error("[emplace]\nport = 65536\n"), HasSubstr("65536 is over 65535"));
  EXPECT_THAT(error("[emplace]\nthreads = -1\n"), HasSubstr("-1 is under 0"));
  EXPECT_THAT(error("[profiler]\nsocket_timeout = soon\n"), HasSubstr("is not a number"));
  EXPECT_THAT(error("[api]\nauth_strategy = none\n"),
              HasSubstr("\"none\" is none of: keystone noauth2"));
}

TEST(Config, NamesTheVariableOfAWrongValue) {
  Given given;
  given.sources.environment = {{"OS_EMPLACE__PORT", "x"}};
  EXPECT_THAT(given.error(), HasSubstr("environment variable OS_EMPLACE__PORT: [emplace] port"));
}

TEST(Config, TakesAnEmptyNumberForNone) {
  const auto config =
      Given().file("[emplace]\nport =\n[placement_database]\nmax_pool_size =\n").load();
  EXPECT_EQ(config.integer("emplace", "port"), 8778);
  EXPECT_FALSE(config.is_set("emplace", "port"));
}

TEST(Config, SubstitutesWithinTheGroupThenDefaultThenByGroup) {
  const auto config = Given()
                          .file(
                              "[DEFAULT]\nstate_path = /var/lib/x\nlog_dir = /log\n"
                              "[placement_database]\nconnection = sqlite:///$state_path/p.db\n"
                              "[oslo_policy]\npolicy_file = ${DEFAULT.log_dir}/$emplace.host\n"
                              "policy_dirs = $policy_file\npolicy_dirs = $$x\n")
                          .load();
  EXPECT_EQ(config.text("placement_database", "connection"), "sqlite:////var/lib/x/p.db");
  EXPECT_EQ(config.text("oslo_policy", "policy_file"), "/log/127.0.0.1");
  EXPECT_THAT(config.list("oslo_policy", "policy_dirs"), ElementsAre("/log/127.0.0.1", "$x"));
}

TEST(Config, SubstitutesInDefaultsAndInTheEnvironment) {
  Given given;
  given.file("[DEFAULT]\npybasedir = /py\n");
  given.sources.environment = {{"OS_PLACEMENT_DATABASE__CONNECTION", "sqlite:///$state_path/x"}};
  const auto config = given.load();
  EXPECT_EQ(config.text("DEFAULT", "state_path"), "/py");
  EXPECT_EQ(config.text("placement_database", "connection"), "sqlite:////py/x");
}

TEST(Config, KeepsADollarThatRefersToNothingAndWarnsWithoutShowingTheValue) {
  const auto config =
      Given().file("[placement_database]\nconnection = mysql://u:pa$word@db/p\n").load();
  EXPECT_EQ(config.text("placement_database", "connection"), "mysql://u:pa$word@db/p");
  ASSERT_EQ(config.warnings().size(), 1u);
  EXPECT_THAT(config.warnings().front(),
              HasSubstr("[placement_database] connection holds a $ that refers to no option"));
  EXPECT_THAT(config.warnings().front(), Not(HasSubstr("word")));
}

TEST(Config, FailsOnReferencesInACircle) {
  EXPECT_THAT(Given().file("[DEFAULT]\nstate_path = $log_dir\nlog_dir = $state_path\n").error(),
              HasSubstr("refers to itself"));
}

TEST(Config, AddsUpAMultiOptionOverFiles) {
  Given given;
  given.file("[oslo_policy]\npolicy_dirs = a\npolicy_dirs = b\n")
      .file(
          "[oslo_policy]\n"
          "policy_dirs = c\n");
  EXPECT_THAT(given.load().list("oslo_policy", "policy_dirs"), ElementsAre("a", "b", "c"));
  given.sources.environment = {{"OS_OSLO_POLICY__POLICY_DIRS", "from_env"}};
  EXPECT_THAT(given.load().list("oslo_policy", "policy_dirs"), ElementsAre("from_env"));
}

TEST(Config, ReadsListsByComma) {
  const auto config =
      Given().file("[cors]\nallowed_origin = https://a,\n  https://b\nallow_headers =\n").load();
  EXPECT_THAT(config.list("cors", "allowed_origin"), ElementsAre("https://a", "https://b"));
  EXPECT_THAT(config.list("cors", "allow_headers"), IsEmpty());
  EXPECT_TRUE(config.is_set("cors", "allow_headers"));
}

TEST(Config, HonoursDeprecatedNamesAndWarnsOfThem) {
  Given given;
  given.file("[DEFAULT]\nauth_strategy = noauth2\nlogfile = x.log\n");
  const auto config = given.load();
  EXPECT_EQ(config.text("api", "auth_strategy"), "noauth2");
  EXPECT_EQ(config.text("DEFAULT", "log_file"), "x.log");
  EXPECT_THAT(config.warnings(),
              testing::UnorderedElementsAre(
                  HasSubstr("[DEFAULT] auth_strategy is deprecated: it is now [api] auth_strategy"),
                  HasSubstr("[DEFAULT] logfile is deprecated: it is now [DEFAULT] log_file")));
}

TEST(Config, PrefersTheNewNameWithinAFileButTheLaterFileOverall) {
  Given given;
  given.file("[DEFAULT]\nlogfile = old\nlog_file = new\n");
  EXPECT_EQ(given.load().text("DEFAULT", "log_file"), "new");
  given.file("[DEFAULT]\nlogfile = later\n");
  EXPECT_EQ(given.load().text("DEFAULT", "log_file"), "later");
}

TEST(Config, WarnsOfWhatIsUnknownAndFailsOverNothing) {
  Given given;
  given.file("[oslo_concurrency]\nlock_path = /x\nother = 1\n[api]\nauth_stratagem = x\n");
  given.sources.environment = {{"OS_API__NONSENSE", "1"}, {"OS_CLOUD", "x"}, {"OS_FOO__BAR", "x"}};
  const auto file = given.sources.files.front();
  EXPECT_THAT(
      given.load().warnings(),
      testing::UnorderedElementsAre(
          file + ": the group [oslo_concurrency] is unknown and has no effect",
          file + ": [api] auth_stratagem is unknown and has no effect",
          "environment variable OS_API__NONSENSE: [api] nonsense is unknown and has no effect"));
}

TEST(Config, WarnsOfSetOptionsThatHaveNoEffectWithTheReason) {
  const auto config = Given().file("[placement_database]\nmax_overflow = 5\n").load();
  ASSERT_EQ(config.warnings().size(), 1u);
  EXPECT_THAT(
      config.warnings().front(),
      HasSubstr("[placement_database] max_overflow has no effect here: a process needs two"));
}

TEST(Config, DumpsEveryOptionWithSecretsMasked) {
  const auto lines = Given()
                         .file(
                             "[placement_database]\nconnection = mysql://u:hush1@db/p\n"
                             "[keystone_authtoken]\npassword = hush2\nadmin_token = hush3\n"
                             "auth_url = http://u:hush4@keystone/v3\n")
                         .load()
                         .dump();
  EXPECT_EQ(lines.size(), options().size());
  EXPECT_THAT(lines, Contains("placement_database.connection = mysql://u:***@db/p"));
  EXPECT_THAT(lines, Contains("keystone_authtoken.password = ***"));
  EXPECT_THAT(lines, Contains("keystone_authtoken.auth_url = http://u:***@keystone/v3"));
  EXPECT_THAT(lines, Contains("cors.allow_methods = GET, PUT, POST, DELETE, PATCH"));
  EXPECT_THAT(lines, Contains("DEFAULT.log_file ="));
  EXPECT_THAT(lines, Not(Contains(HasSubstr("hush"))));
}

TEST(Config, MasksSecretsThatLookLikeUrls) {
  const auto lines = Given().file("[keystone_authtoken]\npassword = hush://hush\n").load().dump();
  EXPECT_THAT(lines, Contains("keystone_authtoken.password = ***"));
  EXPECT_THAT(lines, Not(Contains(HasSubstr("hush"))));
}

TEST(Config, ReadsHowToLogInWhereAuthSectionSays) {
  const auto config = Given()
                          .file(
                              "[keystone_authtoken]\nauth_section = Service_User\n"
                              "username = left\ncafile = /ca\n"
                              "[service_user]\nauth_plugin = password\nusername = right\n"
                              "tenant_name = service\ncafile = /other\npasword = typo\n")
                          .load();
  EXPECT_EQ(config.text("keystone_authtoken", "username"), "right");
  EXPECT_EQ(config.text("keystone_authtoken", "auth_type"), "password");
  EXPECT_EQ(config.text("keystone_authtoken", "project_name"), "service");
  EXPECT_EQ(config.text("keystone_authtoken", "password"), "");
  EXPECT_EQ(config.text("keystone_authtoken", "cafile"), "/ca");
  EXPECT_THAT(config.warnings(),
              testing::UnorderedElementsAre(
                  HasSubstr("[keystone_authtoken] username has no effect: auth_section says that "
                            "it is in [service_user]"),
                  HasSubstr("[service_user] auth_plugin is deprecated: it is now [service_user] "
                            "auth_type"),
                  HasSubstr("[service_user] tenant_name is deprecated: it is now [service_user] "
                            "project_name"),
                  HasSubstr("[service_user] cafile is unknown"),
                  HasSubstr("[service_user] pasword is unknown")));
}

TEST(Config, TakesAnAuthSectionFromTheEnvironmentToo) {
  Given given;
  given.file("[keystone_authtoken]\nauth_section = keystone_authtoken\nusername = home\n");
  EXPECT_EQ(given.load().text("keystone_authtoken", "username"), "home");
  given.sources.environment = {{"OS_KEYSTONE_AUTHTOKEN__AUTH_SECTION", "other"},
                               {"OS_OTHER__USERNAME", "away"}};
  EXPECT_EQ(given.load().text("keystone_authtoken", "username"), "away");
}

TEST(Config, ThrowsForAnOptionThatIsNotInTheTable) {
  EXPECT_THROW(Given().load().text("api", "absent"), std::logic_error);
}

TEST(Config, ExpandsTheHomeFolderInFileNames) {
  Given given;
  given.file("[emplace]\nport = 7\n");
  given.sources.files = {"~/0.conf"};
  given.sources.environment = {{"HOME", given.directory.path()}};
  EXPECT_EQ(given.load().integer("emplace", "port"), 7);
}

}  // namespace
}  // namespace emplace::config
