#include "telemetry/line.h"

#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace emplace::telemetry {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

class LineTest : public testing::Test {
 protected:
  LineTest() {
    ::setenv("TZ", "UTC-2", 1);
    ::tzset();
  }

  static Line line(std::string_view message, const LogContext& context = {}) {
    // 2026-01-31 11:59:58.007 UTC
    const std::chrono::system_clock::time_point time(milliseconds(1'769'860'798'007));
    return {Level::warning, time, "placement.handler", message, context};
  }
  const std::string pid = std::to_string(::getpid());
};

TEST_F(LineTest, TextIsWhatOsloLogWritesForARequest) {
  EXPECT_EQ(text_line(line("hello", {"req-1", "req-2", "user", "project"})),
            "2026-01-31 13:59:58.007 " + pid +
                " WARNING placement.handler [req-1 req-2 user project - - - -] hello");
}

TEST_F(LineTest, AJsonStringHoldsNothingThatEndsALine) {
  std::string out;
  append_json_string(out, "a\"b\\c\n\r\x1b\x7f\xc2\x85\xe2\x80\xa8\xff\xc3\xa9 z");
  EXPECT_EQ(out, R"("a\"b\\c\u000a\u000d\u001b\u007f\u0085\u2028\ufffd)"
                 "\xc3\xa9 z\"");
}

TEST_F(LineTest, MissingValuesAreDashes) {
  EXPECT_THAT(text_line(line("hello", {"", "req-2", "", ""})),
              HasSubstr(" [- req-2 - - - - - -] "));
}

TEST_F(LineTest, WithoutARequestThereIsOneDash) {
  EXPECT_THAT(text_line(line("hello")), HasSubstr(" placement.handler [-] hello"));
}

TEST_F(LineTest, NoMessageCanStartALineOrDriveATerminal) {
  const std::string text = text_line(line("a\nb\rc\td\x1b[31m\x7f\xc2\x9b|\xe2\x80\xa8|\xff|é"));
  EXPECT_THAT(text, HasSubstr("a\\nb\\rc\\td\\x1b[31m\\x7f\\x9b|\\u2028|\\xff|é"));
}

TEST_F(LineTest, NoValueCanLookLikeTheNextField) {
  EXPECT_THAT(text_line(line("m", {"", "req", "me root] \n", "p"})),
              HasSubstr("[- req me\\x20root]\\x20\\n p - - - -] m"));
}

TEST_F(LineTest, OnlyWellFormedUtf8StaysAsItIs) {
  for (const char* bad : {"\xc0\xaf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80",
                          "\xf4\x90\x80\x80", "\x80", "\xe2\x82"}) {
    std::string out;
    append_escaped(out, bad, Spaces::stay);
    EXPECT_THAT(out, testing::StartsWith("\\x")) << out;
  }
  std::string out;
  append_escaped(out, "é€\xf0\x9f\x98\x80", Spaces::stay);
  EXPECT_EQ(out, "é€\xf0\x9f\x98\x80");
}

TEST_F(LineTest, JsonHasTheFieldsOfOsloLog) {
  const std::string json = json_line(line("hello", {"req-1", "req-2", "user", "project"}));
  EXPECT_THAT(json,
              testing::StartsWith("{\"message\":\"hello\",\"asctime\":\"2026-01-31 13:59:58\","
                                  "\"name\":\"placement.handler\",\"msg\":\"hello\","
                                  "\"args\":[],\"levelname\":\"WARNING\",\"levelno\":30,"));
  EXPECT_THAT(json, HasSubstr("\"created\":1769860798.007000,\"msecs\":7,"));
  EXPECT_THAT(json, HasSubstr("\"process\":" + pid + ","));
  EXPECT_THAT(json, HasSubstr("\"context\":{\"user\":\"user\",\"project_id\":\"project\","
                              "\"project\":\"project\",\"request_id\":\"req-2\","
                              "\"global_request_id\":\"req-1\","
                              "\"user_identity\":\"user project - - -\"}"));
  EXPECT_THAT(json, testing::EndsWith(",\"extra\":{}}"));
}

TEST_F(LineTest, JsonWithoutARequestHasAnEmptyContext) {
  EXPECT_THAT(json_line(line("hello")), HasSubstr("\"context\":{},"));
}

TEST_F(LineTest, JsonEscapesWhatJsonAndLinesForbid) {
  const std::string json = json_line(line("\"\\\n\x1b\xff\xc2\x9bé"));
  EXPECT_THAT(json, testing::StartsWith("{\"message\":\"\\\"\\\\\\u000a\\u001b\\ufffd\\u009bé\","));
  EXPECT_THAT(json, Not(HasSubstr("\n")));
}

}  // namespace
}  // namespace emplace::telemetry
