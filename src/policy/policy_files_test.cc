#include "policy/policy_files.h"

#include <filesystem>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace emplace::policy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
namespace fs = std::filesystem;

class PolicyFilesTest : public testing::Test {
 protected:
  PolicyFilesTest() {
    std::string pattern = (fs::temp_directory_path() / "policy-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~PolicyFilesTest() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
  }

  // Fills `files_`; the answer is the sentence of a failure.
  std::string open() {
    auto opened = PolicyFiles::open(
        sources_, {}, [this](const std::string& sentence) { reports_.push_back(sentence); },
        [this] { return now_; });
    if (!opened) return opened.error().detail;
    files_ = std::move(*opened);
    return "";
  }

  // Who may list providers now: the caller with this one role?
  bool may_list(const std::string& role) {
    Identity identity;
    identity.roles = {role};
    return files_->current()->verdict("placement:resource_providers:list", identity) ==
           Verdict::always;
  }

  static std::string list_for(const std::string& role) {
    return "\"placement:resource_providers:list\": \"role:" + role + "\"\n";
  }

  void pass(std::chrono::milliseconds time) { now_ += time; }

  fs::path folder_;
  FileSources sources_{{"policy.yaml"}, {"policy.d"}, {}};
  std::chrono::steady_clock::time_point now_{std::chrono::hours(1)};
  std::vector<std::string> reports_;
  std::unique_ptr<PolicyFiles> files_;

  void SetUp() override { sources_.search = {(folder_ / "absent").string(), folder_.string()}; }
};

TEST_F(PolicyFilesTest, NoFilesMeanTheDefaults) {
  ASSERT_EQ(open(), "");
  EXPECT_TRUE(may_list("admin"));
  EXPECT_THAT(reports_, IsEmpty());
}

TEST_F(PolicyFilesTest, ReadsTheFileThenTheDirectoriesByName) {
  write("policy.yaml", list_for("one"));
  ASSERT_EQ(open(), "");
  EXPECT_TRUE(may_list("one"));
  write("policy.d/20.yml", list_for("three"));
  write("policy.d/10.yaml", list_for("two"));
  ASSERT_EQ(open(), "");
  EXPECT_TRUE(may_list("three"));
  write("policy.d/30.json", R"({"placement:resource_providers:list": "role:four"})");
  ASSERT_EQ(open(), "");
  EXPECT_TRUE(may_list("four"));
}

TEST_F(PolicyFilesTest, LeavesOutHiddenFilesOtherFilesAndFolders) {
  write("policy.d/.hidden.yaml", list_for("one"));
  write("policy.d/README", "not YAML: [");
  write("policy.d/deeper.yaml/inner.yaml", list_for("two"));
  ASSERT_EQ(open(), "");
  EXPECT_TRUE(may_list("admin"));
}

TEST_F(PolicyFilesTest, ReadsOnlyTheFirstOfTheFilesThatExists) {
  sources_.files = {"policy.yaml", "policy.json"};
  write("policy.json", list_for("one"));
  ASSERT_EQ(open(), "");
  EXPECT_TRUE(may_list("one"));
  write("policy.yaml", list_for("two"));
  ASSERT_EQ(open(), "");
  EXPECT_TRUE(may_list("two"));
  EXPECT_FALSE(may_list("one"));
}

TEST_F(PolicyFilesTest, AbsolutePathsAreNotSearchedFor) {
  write("elsewhere/mine.yaml", list_for("one"));
  sources_.files = {(folder_ / "elsewhere/mine.yaml").string()};
  sources_.search.clear();
  ASSERT_EQ(open(), "");
  EXPECT_TRUE(may_list("one"));
}

TEST_F(PolicyFilesTest, ABrokenFileAtTheStartIsAnErrorThatNamesFileAndPlace) {
  write("policy.yaml", "a: role:x\na: role:y\n");
  EXPECT_THAT(open(), HasSubstr("policy.yaml: line 2: rule \"a\" is given twice"));
  write("policy.yaml", "a: role:x role:y\n");
  EXPECT_THAT(open(), HasSubstr("policy.yaml: rule \"a\": \"role:y\" does not follow"));
  write("policy.yaml", "a: rule:a\n");
  EXPECT_THAT(open(), HasSubstr("it refers to itself"));
  fs::remove(folder_ / "policy.yaml");
  write("policy.d", "a file where a directory should be");
  EXPECT_THAT(open(), HasSubstr("cannot be listed"));
}

TEST_F(PolicyFilesTest, NoticesChangesButLooksOnlyOnceASecond) {
  ASSERT_EQ(open(), "");
  write("policy.yaml", list_for("one"));
  pass(std::chrono::milliseconds(999));
  EXPECT_FALSE(may_list("one"));
  pass(std::chrono::milliseconds(1));
  EXPECT_TRUE(may_list("one"));
  write("policy.yaml", list_for("two"));
  EXPECT_TRUE(may_list("one"));
  pass(std::chrono::seconds(1));
  EXPECT_TRUE(may_list("two"));
  fs::remove(folder_ / "policy.yaml");
  pass(std::chrono::seconds(1));
  EXPECT_TRUE(may_list("admin"));
  EXPECT_THAT(reports_, IsEmpty());
}

TEST_F(PolicyFilesTest, NoticesAChangeThatLeavesSizeAndTimeAsTheyWere) {
  write("policy.yaml", list_for("one"));
  ASSERT_EQ(open(), "");
  const auto written = fs::last_write_time(folder_ / "policy.yaml");
  write("policy.yaml", list_for("two"));
  fs::last_write_time(folder_ / "policy.yaml", written);
  pass(std::chrono::seconds(1));
  EXPECT_TRUE(may_list("two"));
}

TEST_F(PolicyFilesTest, ABrokenFileLaterKeepsTheRulesAndIsReportedOnce) {
  write("policy.yaml", list_for("one"));
  ASSERT_EQ(open(), "");
  write("policy.yaml", "oops: [");
  for (int look = 0; look < 3; ++look) {
    pass(std::chrono::seconds(1));
    EXPECT_TRUE(may_list("one"));
  }
  EXPECT_THAT(reports_, ElementsAre(HasSubstr("policy.yaml: line ")));
  write("policy.yaml", list_for("one"));
  pass(std::chrono::seconds(1));
  EXPECT_TRUE(may_list("one"));
  EXPECT_EQ(reports_.size(), 1u);
}

TEST_F(PolicyFilesTest, AFileThatCannotBeReadIsReportedOnceUntilItCan) {
  ASSERT_EQ(open(), "");
  fs::create_directory(folder_ / "policy.yaml");
  for (int look = 0; look < 3; ++look) {
    pass(std::chrono::seconds(1));
    EXPECT_TRUE(may_list("admin"));
  }
  EXPECT_THAT(reports_, ElementsAre(HasSubstr("cannot be read")));
}

TEST_F(PolicyFilesTest, RefreshLooksAtOnce) {
  ASSERT_EQ(open(), "");
  write("policy.yaml", list_for("one"));
  files_->refresh();
  EXPECT_TRUE(may_list("one"));
}

TEST_F(PolicyFilesTest, ManyThreadsMayAskWhileFilesChange) {
  write("policy.yaml", list_for("one"));
  ASSERT_EQ(open(), "");
  std::atomic<bool> stop = false;
  std::atomic<int> neither = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      while (!stop) {
        const auto rules = files_->current();
        Identity both;
        both.roles = {"one", "two"};
        if (rules->verdict("placement:resource_providers:list", both) != Verdict::always) ++neither;
      }
    });
  }
  for (int i = 0; i < 50; ++i) {
    write("new.yaml", list_for(i % 2 == 0 ? "two" : "one"));
    fs::rename(folder_ / "new.yaml", folder_ / "policy.yaml");
    files_->refresh();
  }
  stop = true;
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ(neither, 0);
  EXPECT_TRUE(may_list("one"));
  EXPECT_THAT(reports_, IsEmpty());
}

}  // namespace
}  // namespace emplace::policy
