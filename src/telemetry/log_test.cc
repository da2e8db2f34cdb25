#include "telemetry/log.h"

#include <array>
#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "telemetry/output.h"

namespace emplace::telemetry {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
namespace fs = std::filesystem;

class LogTest : public testing::Test {
 protected:
  LogTest() {
    std::string pattern = (fs::temp_directory_path() / "log-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~LogTest() override {
    configure_log({});
    fs::remove_all(folder_);
  }

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

TEST_F(LogTest, ALineIsInTheFileAtOnce) {
  configure_log({.file = path("log")});
  log_info("one");
  EXPECT_THAT(lines("log"), ElementsAre(EndsWith(" INFO emplace [-] one")));
}

TEST_F(LogTest, OnlyLevelsFromTheConfiguredOneUpAreWritten) {
  configure_log({.level = Level::error, .file = path("log")});
  EXPECT_FALSE(log_enabled(Level::warning));
  EXPECT_TRUE(log_enabled(Level::critical));
  log_warning("no");
  log_error("yes");
  EXPECT_THAT(lines("log"), ElementsAre(EndsWith("yes")));
}

TEST_F(LogTest, AppendsToWhatIsThere) {
  std::ofstream(path("log")) << "before\n";
  configure_log({.file = path("log")});
  log_info("after");
  EXPECT_THAT(lines("log"), ElementsAre("before", EndsWith("after")));
}

TEST_F(LogTest, ConfiguringAgainReopensAFileThatWasRotatedAway) {
  configure_log({.file = path("log")});
  log_info("one");
  fs::rename(path("log"), path("log.1"));
  log_info("two");
  configure_log({.file = path("log")});
  log_info("three");
  EXPECT_THAT(lines("log.1"), ElementsAre(EndsWith("one"), EndsWith("two")));
  EXPECT_THAT(lines("log"), ElementsAre(EndsWith("three")));
}

TEST_F(LogTest, AFileThatCannotBeOpenedIsAnErrorAndTheOldLogStays) {
  configure_log({.file = path("log")});
  fs::create_directory(path("folder"));
  EXPECT_THROW(configure_log({.file = path("folder")}), std::runtime_error);
  log_info("still here");
  EXPECT_THAT(lines("log"), ElementsAre(EndsWith("still here")));
}

TEST_F(LogTest, JsonLinesCarryTheRequest) {
  configure_log({.json = true, .file = path("log")});
  log(Level::info, "placement", "x", {"", "req-1", "u", "p"});
  EXPECT_THAT(lines("log"), ElementsAre(HasSubstr("\"request_id\":\"req-1\"")));
}

TEST_F(LogTest, WithoutAFileLinesGoToStderr) {
  testing::internal::CaptureStderr();
  configure_log({});
  log_info("hello");
  EXPECT_THAT(testing::internal::GetCapturedStderr(), EndsWith(" INFO emplace [-] hello\n"));
}

TEST_F(LogTest, AFullDiskSendsLinesToStderrAndThrowsNothing) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "there is no /dev/full here";
  configure_log({.file = "/dev/full"});
  testing::internal::CaptureStderr();
  log_info("lost?");
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("lost?\n"));
}

TEST_F(LogTest, SyslogFacilitiesGoByTheNamesOfOsloLog) {
  EXPECT_NO_THROW(configure_log({.use_syslog = true, .syslog_facility = "LOG_LOCAL3"}));
  EXPECT_NO_THROW(configure_log({.use_syslog = true, .syslog_facility = "local3"}));
  EXPECT_THROW(configure_log({.use_syslog = true, .syslog_facility = "LOG_NONE"}),
               std::runtime_error);
}

TEST_F(LogTest, ManyThreadsMayLogWhileTheLogIsReopened) {
  configure_log({.file = path("log")});
  constexpr int thread_count = 4, line_count = 500;
  std::vector<std::thread> threads;
  for (int i = 0; i < thread_count; ++i) {
    threads.emplace_back([] {
      for (int n = 0; n < line_count; ++n)
        log_info("a line that is whole");
    });
  }
  for (int i = 0; i < 50; ++i)
    configure_log({.file = path("log")});
  for (std::thread& thread : threads)
    thread.join();
  const auto all = lines("log");
  EXPECT_EQ(all.size(), std::size_t{thread_count * line_count});
  EXPECT_THAT(all, testing::Each(EndsWith(" INFO emplace [-] a line that is whole")));
}

// A journal that is no more than its socket.
class JournalTest : public LogTest {
 protected:
  JournalTest() : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path("socket").c_str(), sizeof(address.sun_path) - 1);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  }
  ~JournalTest() override { ::close(socket_); }

  std::string received() const {
    std::string bytes(300'000, '\0');
    const ssize_t size = ::recv(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT);
    bytes.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return bytes;
  }
  // The file that came with an empty datagram; -1: none.
  int received_file() const {
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr message{};
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    if (::recvmsg(socket_, &message, MSG_DONTWAIT) != 0) return -1;
    const cmsghdr* const header = CMSG_FIRSTHDR(&message);
    if (header == nullptr || header->cmsg_type != SCM_RIGHTS) return -1;
    int file = -1;
    std::memcpy(&file, CMSG_DATA(header), sizeof file);
    return file;
  }
  static Line line(std::string_view message) {
    return {Level::error,
            std::chrono::system_clock::now(),
            "emplace",
            message,
            {"", "req-1", "u\nPRIORITY=0", "p"}};
  }

  int socket_;
};

TEST_F(JournalTest, GetsTheLineAndWhatBelongsToItAsFields) {
  const Output output({.use_journal = true, .syslog_facility = "LOG_DAEMON"}, path("socket"));
  EXPECT_EQ(output.warning(), "");
  output.write(line("hello\nworld"));
  const std::string got = received();
  EXPECT_THAT(got, testing::StartsWith("MESSAGE="));
  EXPECT_THAT(got, HasSubstr("] hello\\nworld\nPRIORITY=3\nSYSLOG_IDENTIFIER=emplace\n"
                             "SYSLOG_FACILITY=3\nLOGGER_LEVEL=ERROR\nLOGGER_NAME=emplace\n"
                             "REQUEST_ID=req-1\nUSER_ID=u\\nPRIORITY=0\nPROJECT_ID=p\n"));
}

TEST_F(JournalTest, GetsAnOverlongLineAsASealedFile) {
  const Output output({.use_journal = true}, path("socket"));
  const std::string message(2'000'000, 'x');
  output.write(line(message));
  const int file = received_file();
  ASSERT_GE(file, 0);
  EXPECT_EQ(::fcntl(file, F_GET_SEALS), F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
  std::string bytes(message.size() + 1000, '\0');
  bytes.resize(static_cast<std::size_t>(::pread(file, bytes.data(), bytes.size(), 0)));
  ::close(file);
  EXPECT_THAT(bytes, HasSubstr(message + "\nPRIORITY=3\n"));
}

TEST_F(JournalTest, FoundAbsentAtTheStartLeavesStderrAndAWarning) {
  const Output output({.use_journal = true}, path("absent"));
  EXPECT_THAT(output.warning(), HasSubstr("The log goes to stderr instead."));
  testing::internal::CaptureStderr();
  output.write(line("hello"));
  EXPECT_THAT(testing::internal::GetCapturedStderr(), EndsWith("hello\n"));
}

TEST_F(JournalTest, GoneLaterSendsLinesToStderrUntilItIsBack) {
  const Output output({.use_journal = true}, path("socket"));
  fs::rename(path("socket"), path("away"));
  testing::internal::CaptureStderr();
  output.write(line("one"));
  EXPECT_THAT(testing::internal::GetCapturedStderr(), EndsWith("one\n"));
  fs::rename(path("away"), path("socket"));
  output.write(line("two"));
  EXPECT_THAT(received(), HasSubstr("two\nPRIORITY"));
}

}  // namespace
}  // namespace emplace::telemetry
