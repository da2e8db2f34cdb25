#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/config.h"
#include "config/scratch_directory.h"

namespace emplace::config {
namespace {

using testing::ElementsAre;

TEST(DefaultSources, PreferTheDotFolderOfTheHome) {
  const ScratchDirectory home;
  home.write("placement.conf", "");
  home.write("placement.conf.d/a.conf", "");
  const auto in_home = default_sources({{"HOME", home.path()}});
  EXPECT_THAT(in_home.files, ElementsAre(home.path("placement.conf")));
  EXPECT_THAT(in_home.directories, ElementsAre(home.path("placement.conf.d")));

  home.write(".placement/placement.conf", "");
  const auto in_dot_folder = default_sources({{"HOME", home.path()}});
  EXPECT_THAT(in_dot_folder.files, ElementsAre(home.path(".placement/placement.conf")));
  EXPECT_THAT(in_dot_folder.directories, ElementsAre(home.path("placement.conf.d")));
}

TEST(DefaultSources, LookOnlyInTheChosenFolder) {
  const ScratchDirectory home, chosen;
  home.write("placement.conf", "");
  home.write("placement.conf.d/a.conf", "");
  const std::map<std::string, std::string> environment = {
      {"HOME", home.path()}, {"OS_PLACEMENT_CONFIG_DIR", " " + chosen.path() + " "}};
  const auto without_file = default_sources(environment);
  EXPECT_THAT(without_file.files, ElementsAre(chosen.path("placement.conf")));
  EXPECT_TRUE(without_file.directories.empty());
  EXPECT_FALSE(Config::load(without_file));

  chosen.write("placement.conf", "[api]\nauth_strategy = noauth2\n");
  chosen.write("placement.conf.d/a.conf", "[emplace]\nport = 5\n");
  const auto config = Config::load(default_sources(environment));
  ASSERT_TRUE(config);
  EXPECT_EQ(config->text("api", "auth_strategy"), "noauth2");
  EXPECT_EQ(config->integer("emplace", "port"), 5);
}

TEST(DefaultSources, KeepTheEnvironment) {
  const auto sources = default_sources({{"HOME", "/nonexistent"}, {"OS_EMPLACE__PORT", "9"}});
  EXPECT_EQ(sources.environment.at("OS_EMPLACE__PORT"), "9");
}

TEST(ProcessEnvironment, HoldsWhatTheProcessWasGiven) {
  ASSERT_EQ(setenv("EMPLACE_TEST_VARIABLE", "a=b", 1), 0);
  EXPECT_EQ(process_environment().at("EMPLACE_TEST_VARIABLE"), "a=b");
}

TEST(SampleConfig, NamesEveryOptionOnceAndSetsNothing) {
  const auto sample = sample_config();
  Raw raw;
  ASSERT_TRUE(parse_ini(sample, "sample", raw));
  for (const auto& [group, values] : raw)
    EXPECT_TRUE(values.empty()) << group;
  EXPECT_TRUE(raw.contains("keystone_authtoken"));
  for (const auto& option : options()) {
    EXPECT_TRUE(raw.contains(option.group)) << option.group;
    EXPECT_NE(sample.find("\n#" + std::string(option.name) + " = "), std::string::npos);
  }
}

TEST(SampleConfig, MeansTheDefaultsWhenItsLinesAreUncommented) {
  std::string text;
  const auto sample = sample_config();
  std::size_t start = 0;
  for (auto end = sample.find('\n'); end != std::string::npos; end = sample.find('\n', start)) {
    auto line = sample.substr(start, end - start);
    start = end + 1;
    const bool is_option = line.size() > 1 && line[0] == '#' && line[1] != ' ';
    if (is_option && line.find("<None>") == std::string::npos) line.erase(0, 1);
    text += line + "\n";
  }
  const ScratchDirectory directory;
  Sources sources;
  sources.files = {directory.write("placement.conf", text)};
  const auto uncommented = Config::load(sources);
  ASSERT_TRUE(uncommented) << uncommented.error().detail;
  EXPECT_TRUE(uncommented->is_set("emplace", "port"));
  const auto untouched = Config::load({});
  ASSERT_TRUE(untouched);
  EXPECT_EQ(uncommented->dump(), untouched->dump());
}

}  // namespace
}  // namespace emplace::config
