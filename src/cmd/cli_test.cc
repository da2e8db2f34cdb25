#include "cmd/cli.h"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace emplace::cmd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

tl::expected<CommandLine, Exit> parsed(const std::string& words) {
  std::istringstream stream(words);
  std::vector<std::string> arguments;
  for (std::string word; stream >> word;)
    arguments.push_back(word);
  return parse_arguments(arguments);
}

CommandLine line_of(const std::string& words) {
  const auto line = parsed(words);
  EXPECT_TRUE(line) << words << ": " << line.error().text;
  return line.value_or(CommandLine{});
}

Exit exit_of(const std::string& words) {
  const auto line = parsed(words);
  EXPECT_FALSE(line) << words;
  return line ? Exit{-1, "", false} : line.error();
}

TEST(ParseArguments, ReadsServeWithItsOptions) {
  const auto line = line_of(
      "emplace serve --config-file a.conf --host ::1 --port 80 --dev --tls-cert c --tls-key k");
  EXPECT_EQ(line.command, Command::serve);
  EXPECT_TRUE(line.dev);
  EXPECT_FALSE(line.as_upstream);
  EXPECT_THAT(line.config_paths, ElementsAre(ConfigPath{"a.conf", false}));
  EXPECT_THAT(line.overrides,
              ElementsAre(testing::Pair("emplace.host", "::1"), testing::Pair("emplace.port", "80"),
                          testing::Pair("emplace.tls_certificate_file", "c"),
                          testing::Pair("emplace.tls_key_file", "k")));
}

TEST(ParseArguments, OverridesNothingThatWasNotGiven) {
  const auto line = line_of("emplace serve");
  EXPECT_THAT(line.overrides, IsEmpty());
  EXPECT_THAT(line.config_paths, IsEmpty());
  EXPECT_FALSE(line.dev);
}

TEST(ParseArguments, KeepsTheOrderOfConfigFilesAndFolders) {
  const auto line = line_of(
      "emplace serve --config-file a --config-dir b --config-file=c --config-dir=d --config-dir e");
  EXPECT_THAT(line.config_paths,
              ElementsAre(ConfigPath{"a", false}, ConfigPath{"b", true}, ConfigPath{"c", false},
                          ConfigPath{"d", true}, ConfigPath{"e", true}));
}

TEST(ParseArguments, TakesConfigFilesAtEveryPlace) {
  const auto line = line_of(
      "placement-manage --config-file a --config-dir b db --config-file c version --config-file d");
  EXPECT_EQ(line.command, Command::db_version);
  EXPECT_THAT(line.config_paths, ElementsAre(ConfigPath{"a", false}, ConfigPath{"b", true},
                                             ConfigPath{"c", false}, ConfigPath{"d", false}));
}

TEST(ParseArguments, TakesOneValueForEachConfigFile) {
  EXPECT_EQ(line_of("emplace --config-file a serve").command, Command::serve);
  EXPECT_EQ(exit_of("emplace serve --config-file a b").code, 2);
}

TEST(ParseArguments, HasDatabaseCommandsOfItsOwn) {
  EXPECT_EQ(line_of("emplace db check").command, Command::db_check);
  EXPECT_EQ(line_of("emplace db purge").command, Command::db_purge);
  for (const std::string what : {"on", "off", "show"}) {
    EXPECT_EQ(line_of("emplace db coexist " + what).command, Command::db_coexist);
    EXPECT_EQ(line_of("emplace db coexist " + what).coexistence, what);
  }
  EXPECT_EQ(exit_of("emplace db coexist").code, 2);
  EXPECT_EQ(exit_of("emplace db coexist maybe").code, 2);
  for (const auto* command : {"check", "purge", "coexist on"}) {
    EXPECT_EQ(exit_of(std::string("placement-manage db ") + command).code, 2);
  }
}

TEST(ParseArguments, ReadsTheDatabaseCommandsUnderBothNames) {
  for (const std::string program : {"emplace", "/usr/bin/placement-manage"}) {
    EXPECT_EQ(line_of(program + " db sync").command, Command::db_sync);
    EXPECT_EQ(line_of(program + " db sync").revision, "");
    EXPECT_EQ(line_of(program + " db sync --version abc").revision, "abc");
    EXPECT_EQ(line_of(program + " db version").command, Command::db_version);
    const auto stamp = line_of(program + " db stamp 422ece571366");
    EXPECT_EQ(stamp.command, Command::db_stamp);
    EXPECT_EQ(stamp.revision, "422ece571366");
    const auto migrations = line_of(program + " db online_data_migrations");
    EXPECT_EQ(migrations.command, Command::db_online_data_migrations);
    EXPECT_EQ(migrations.max_count, std::nullopt);
    EXPECT_EQ(line_of(program + " db online_data_migrations --max-count x").max_count, "x");
    EXPECT_EQ(line_of(program + " db online_data_migrations --max-count -1").max_count, "-1");
    EXPECT_EQ(stamp.as_upstream, program != "emplace");
  }
}

TEST(ParseArguments, ReadsTheUpgradeCheckUnderBothNames) {
  EXPECT_EQ(line_of("emplace status upgrade check").command, Command::upgrade_check);
  EXPECT_EQ(line_of("placement-status upgrade check").command, Command::upgrade_check);
  EXPECT_TRUE(line_of("placement-status upgrade check").as_upstream);
  EXPECT_FALSE(line_of("placement-status upgrade check").json);
  EXPECT_TRUE(line_of("placement-status upgrade check --json").json);
  EXPECT_TRUE(line_of("placement-status upgrade --json check").json);
}

TEST(ParseArguments, ReadsTheCommandsOfConfigurationAndPolicy) {
  EXPECT_EQ(line_of("emplace config sample").command, Command::config_sample);
  EXPECT_EQ(line_of("emplace config validate").command, Command::config_validate);
  EXPECT_TRUE(line_of("emplace config validate --fatal-warnings").fatal_warnings);
  EXPECT_EQ(line_of("emplace policy sample").command, Command::policy_sample);
}

TEST(ParseArguments, ReadsTheCommandsOfOwners) {
  const std::string uuid = "C0A0C0A0-0000-4000-8000-000000000001";
  const auto show = line_of("emplace provider show-owner " + uuid + " --config-file a");
  EXPECT_EQ(show.command, Command::provider_show_owner);
  EXPECT_EQ(show.provider, uuid);
  EXPECT_THAT(show.config_paths, ElementsAre(ConfigPath{"a", false}));
  const auto set = line_of("emplace provider set-owner --project p --user u " + uuid);
  EXPECT_EQ(set.command, Command::provider_set_owner);
  EXPECT_EQ(set.provider, uuid);
  EXPECT_EQ(set.project_id, "p");
  EXPECT_EQ(set.user_id, "u");
  const auto none = line_of("emplace provider set-owner " + uuid + " --none");
  EXPECT_EQ(none.command, Command::provider_set_owner);
  EXPECT_EQ(none.project_id + none.user_id, "");
}

TEST(ParseArguments, WantsAnOwnerWholeOrNone) {
  const std::string command = "emplace provider set-owner c0a0c0a0-0000-4000-8000-000000000001";
  for (const std::string rest : {"", " --project p", " --user u", " --none --project p --user u",
                                 " --none --user u", " --none x", " --project= --user u"}) {
    EXPECT_EQ(exit_of(command + rest).code, 2) << rest;
  }
  EXPECT_THAT(exit_of(command).text, HasSubstr("--none"));
  EXPECT_EQ(exit_of(command + " --user u --project " + std::string(256, 'p')).code, 2);
  EXPECT_EQ(exit_of(command + " --user u --project p\x07").code, 2);
  EXPECT_THAT(exit_of("emplace provider show-owner cn1").text, HasSubstr("\"cn1\" is not a UUID"));
}

TEST(ParseArguments, MakesOverridesOfTheLogOptions) {
  const auto line = line_of("placement-manage -d --nouse-json --logfile x --log-dir y db version");
  EXPECT_THAT(line.overrides, ElementsAre(testing::Pair("DEFAULT.debug", "true"),
                                          testing::Pair("DEFAULT.log_dir", "y"),
                                          testing::Pair("DEFAULT.log_file", "x"),
                                          testing::Pair("DEFAULT.use_json", "false")));
  EXPECT_EQ(line_of("emplace serve --debug").overrides.at("DEFAULT.debug"), "true");
  EXPECT_EQ(line_of("emplace serve --debug --nodebug").overrides.at("DEFAULT.debug"), "false");
  EXPECT_EQ(line_of("emplace serve --nodebug -d").overrides.at("DEFAULT.debug"), "true");
  EXPECT_EQ(line_of("emplace serve --log-dir a --log-dir b").overrides.at("DEFAULT.log_dir"), "b");
  EXPECT_EQ(line_of("emplace --debug serve --nodebug").overrides.at("DEFAULT.debug"), "false");
}

TEST(ParseArguments, RefusesWhatItDoesNotKnowWithCode2) {
  for (const auto* words :
       {"emplace", "emplace nonsense", "emplace db", "emplace serve --nonsense", "emplace serve x",
        "emplace db stamp", "emplace config", "placement-manage db nonsense",
        "placement-manage serve", "placement-manage db stamp", "placement-status",
        "placement-status upgrade", "placement-status db version", "emplace provider",
        "emplace provider show-owner", "placement-manage provider show-owner x"}) {
    const auto exit = exit_of(words);
    EXPECT_EQ(exit.code, 2) << words;
    EXPECT_TRUE(exit.is_error) << words;
    EXPECT_FALSE(exit.text.empty()) << words;
  }
}

TEST(ParseArguments, PrintsHelpForHalfACommandOfPlacementManageAsUpstream) {
  EXPECT_EQ(exit_of("placement-manage").code, 1);
  const auto db = exit_of("placement-manage db");
  EXPECT_EQ(db.code, 0);
  EXPECT_FALSE(db.is_error);
  EXPECT_THAT(db.text, HasSubstr("online_data_migrations"));
}

TEST(ParseArguments, PrintsTheVersion) {
  const auto own = exit_of("emplace --version");
  EXPECT_EQ(own.code, 0);
  EXPECT_THAT(own.text, testing::MatchesRegex("emplace [0-9]+\\.[0-9]+\\.[0-9]+\n"));
  EXPECT_THAT(exit_of("placement-manage --version").text,
              testing::MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

TEST(ParseArguments, PrintsHelpWithAnExampleForEveryCommand) {
  for (const auto* words :
       {"emplace", "emplace serve", "emplace db sync", "emplace db version", "emplace db stamp",
        "emplace db online_data_migrations", "emplace db check", "emplace db purge",
        "emplace db coexist", "emplace status upgrade check", "emplace config sample",
        "emplace config validate", "emplace policy sample", "emplace provider show-owner",
        "emplace provider set-owner", "placement-manage", "placement-status"}) {
    const auto help = exit_of(words + std::string(" --help"));
    EXPECT_EQ(help.code, 0) << words;
    EXPECT_FALSE(help.is_error) << words;
    EXPECT_THAT(help.text, HasSubstr("Example")) << words;
    EXPECT_THAT(help.text, HasSubstr("--config-file")) << words;
  }
}

}  // namespace
}  // namespace emplace::cmd
