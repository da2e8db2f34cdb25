#include "telemetry/audit.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace emplace::telemetry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
namespace fs = std::filesystem;

// A limit on the size of the files that this process writes, as good as a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : signal_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limited{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limited);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, signal_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
  void (*signal_)(int);
};

class AuditTest : public testing::Test {
 protected:
  AuditTest() {
    std::string pattern = (fs::temp_directory_path() / "audit-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~AuditTest() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::vector<std::string> lines(const std::string& name) const {
    std::ifstream file(path(name));
    std::vector<std::string> all;
    for (std::string line; std::getline(file, line);)
      all.push_back(line);
    return all;
  }

  fs::path folder_;
};

TEST_F(AuditTest, IsOffUnlessItHasSomewhereToGo) {
  EXPECT_FALSE(AuditTrail({}).on());
  EXPECT_TRUE(AuditTrail({.file = path("audit")}).on());
}

TEST_F(AuditTest, ALineIsInTheFileAtOnceAfterWhatIsThere) {
  std::ofstream(path("audit")) << "before\n";
  AuditTrail trail({.file = path("audit")});
  trail.write("one", {});
  trail.write("two", {});
  EXPECT_THAT(lines("audit"), ElementsAre("before", "one", "two"));
  EXPECT_EQ(trail.lost(), 0u);
}

TEST_F(AuditTest, TheFileIsNotForEverybody) {
  AuditTrail trail({.file = path("audit")});
  EXPECT_EQ(fs::status(path("audit")).permissions() & fs::perms::others_all, fs::perms::none);
}

TEST_F(AuditTest, AFileThatCannotBeOpenedIsAnError) {
  EXPECT_THROW(AuditTrail({.file = path("absent/audit")}), std::runtime_error);
}

TEST_F(AuditTest, ReopeningFollowsAFileThatWasTurnedOver) {
  AuditTrail trail({.file = path("audit")});
  trail.write("one", {});
  fs::rename(path("audit"), path("audit.1"));
  trail.write("two", {});
  trail.reopen();
  trail.write("three", {});
  EXPECT_THAT(lines("audit.1"), ElementsAre("one", "two"));
  EXPECT_THAT(lines("audit"), ElementsAre("three"));
}

TEST_F(AuditTest, GoesOnInTheOldFileIfTheNewOneCannotBeOpened) {
  fs::create_directory(path("logs"));
  AuditTrail trail({.file = path("logs/audit")});
  fs::rename(path("logs"), path("moved"));
  EXPECT_THROW(trail.reopen(), std::runtime_error);
  trail.write("still here", {});
  EXPECT_THAT(lines("moved/audit"), ElementsAre("still here"));
}

TEST_F(AuditTest, WhatTheFileDoesNotTakeGoesToStderrWithOneErrorForMany) {
  configure_log({.file = path("log")});
  AuditTrail trail({.file = "/dev/full"});
  testing::internal::CaptureStderr();
  trail.write("one", {});
  trail.write("two", {});
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "one\ntwo\n");
  EXPECT_EQ(trail.lost(), 2u);
  EXPECT_THAT(lines("log"), ElementsAre(HasSubstr("ERROR emplace [-] The audit trail cannot be "
                                                  "written")));
  EXPECT_THAT(lines("log"), ElementsAre(HasSubstr("/dev/full: No space left on device")));
  configure_log({});
}

TEST_F(AuditTest, ALineThatFitsInPartOnlySpoilsNoOther) {
  configure_log({.file = path("log")});
  std::ofstream(path("audit")) << std::string(4000, 'x') << "\n";
  AuditTrail trail({.file = path("audit")});
  testing::internal::CaptureStderr();
  {
    const FileSizeLimit limit(4005);
    trail.write("a whole line", {});
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "a whole line\n");
  trail.write("another", {});
  trail.write("one more", {});
  EXPECT_THAT(lines("audit"), ElementsAre(std::string(4000, 'x'), "a wh", "another", "one more"));
  configure_log({});
}

TEST_F(AuditTest, ALineThatWasTornBeforeTheStartSpoilsNoOther) {
  std::ofstream(path("audit")) << "whole\nto";
  AuditTrail trail({.file = path("audit")});
  trail.write("one", {});
  EXPECT_THAT(lines("audit"), ElementsAre("whole", "to", "one"));
}

TEST_F(AuditTest, LinesOfManyThreadsStayWholeWhileTheFileIsTurnedOver) {
  AuditTrail trail({.file = path("audit")});
  constexpr int thread_count = 4, line_count = 500;
  std::vector<std::thread> threads;
  for (int i = 0; i < thread_count; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < line_count; ++n)
        trail.write("a line that is whole", {});
    });
  }
  for (int i = 0; i < 50; ++i)
    trail.reopen();
  for (auto& thread : threads)
    thread.join();
  const auto all = lines("audit");
  EXPECT_EQ(all.size(), std::size_t{thread_count * line_count});
  EXPECT_THAT(all, testing::Each("a line that is whole"));
}

class AuditJournalTest : public AuditTest {
 protected:
  // A journal that is no more than its socket.
  int listen() {
    const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path("socket").copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    return socket;
  }
  static std::string received(int socket) {
    std::string bytes(100'000, '\0');
    const ssize_t size = ::recv(socket, bytes.data(), bytes.size(), MSG_DONTWAIT);
    bytes.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return bytes;
  }
};

TEST_F(AuditJournalTest, GetsTheLineUnderAnIdentifierOfItsOwn) {
  const int socket = listen();
  AuditTrail trail({.journal = true}, path("socket"));
  trail.write("{\"a\": \"b\\u000a\"}", {.request_id = "req-1", .user_id = "u"});
  EXPECT_EQ(received(socket),
            "MESSAGE={\"a\": \"b\\u000a\"}\nPRIORITY=6\nSYSLOG_IDENTIFIER=emplace-audit\n"
            "SYSLOG_FACILITY=10\nLOGGER_LEVEL=INFO\nLOGGER_NAME=emplace.audit\nREQUEST_ID=req-1\n"
            "USER_ID=u\n");
  ::close(socket);
}

TEST_F(AuditJournalTest, WhileItIsAwayLinesGoToStderrAndThenToItAgain) {
  configure_log({.file = path("log")});
  AuditTrail trail({.journal = true}, path("socket"));
  testing::internal::CaptureStderr();
  trail.write("one", {});
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "one\n");
  EXPECT_EQ(trail.lost(), 1u);
  const int socket = listen();
  trail.write("two", {});
  EXPECT_THAT(received(socket), testing::StartsWith("MESSAGE=two\n"));
  EXPECT_EQ(trail.lost(), 1u);
  ::close(socket);
  configure_log({});
}

}  // namespace
}  // namespace emplace::telemetry
