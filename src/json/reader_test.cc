#include "json/reader.h"

#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

namespace emplace::json {
namespace {

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

std::string array_of(std::size_t items) {
  std::string text = "[0";
  for (std::size_t i = 1; i < items; ++i)
    text += ",0";
  return text + "]";
}

std::string object_of(std::size_t members) {
  std::string text = "{";
  for (std::size_t i = 0; i < members; ++i) {
    text += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":[]";
  }
  return text + "}";
}

TEST(Reader, ReadsEveryKindOfValueAndKeepsOrder) {
  const auto value = parse(" {\"z\": [1, -2.5, \"\\u00e9\\n\", true, null], \"a\": {}} \n");
  ASSERT_TRUE(value);
  EXPECT_EQ(boost::json::serialize(*value), "{\"z\":[1,-2.5E0,\"é\\n\",true,null],\"a\":{}}");
}

TEST(Reader, TellsOneFromOnePointZero) {
  EXPECT_TRUE(parse("1")->is_int64());
  EXPECT_TRUE(parse("1.0")->is_double());
  EXPECT_TRUE(parse("1e0")->is_double());
}

TEST(Reader, GivesTheWidestNumbersTheirKind) {
  EXPECT_EQ(parse("-9223372036854775808")->as_int64(), INT64_MIN);
  EXPECT_EQ(parse("18446744073709551615")->as_uint64(), UINT64_MAX);
  EXPECT_EQ(parse("18446744073709551616")->as_double(), 18446744073709551616.0);
  EXPECT_EQ(parse("-9223372036854775809")->as_double(), -9223372036854775808.0);
}

TEST(Reader, ReadsDoublesToTheLastDigit) {
  for (const double number :
       {0.1, 0.3, 1.1, 16.7, 3.40282e+38, 123456.789, 5e-324, 1.7976931348623157e308}) {
    for (const std::string room : {"", "                                        "}) {
      char text[40];
      snprintf(text, sizeof text, "%.17g", number);
      EXPECT_EQ(parse(text + room)->as_double(), number) << text;
    }
  }
  EXPECT_EQ(parse("[0.3]")->as_array()[0].as_double(), 0.3);
  EXPECT_EQ(parse("-0.3")->as_double(), -0.3);
  EXPECT_EQ(parse("1e-400")->as_double(), 0.0);
}

TEST(Reader, RefusesWhatIsNotJsonAndEchoesNothing) {
  for (const std::string text : {"",
                                 " ",
                                 "{",
                                 "{\"secret\": }",
                                 "[1,]",
                                 "{'secret': 1}",
                                 "secret",
                                 "NaN",
                                 "Infinity",
                                 "-Infinity",
                                 "[NaN]",
                                 "01",
                                 "+1",
                                 ".5",
                                 "1.",
                                 "0x10",
                                 "1 2",
                                 "{} secret",
                                 "// x\n1",
                                 "\xef\xbb\xbf{}",
                                 "\"\x01\"",
                                 "\"secret",
                                 "\"\\x41\"",
                                 "tru",
                                 "1e400",
                                 "-1e400",
                                 "1e99999999999"}) {
    const auto value = parse(text);
    ASSERT_FALSE(value) << text;
    EXPECT_EQ(value.error().reason, Reason::bad_request);
    EXPECT_EQ(value.error().detail.rfind("Malformed JSON: ", 0), 0u) << value.error().detail;
    EXPECT_EQ(value.error().detail.find("secret"), std::string::npos) << value.error().detail;
  }
}

TEST(Reader, RefusesHalfASurrogatePair) {
  for (const auto* text :
       {R"("\ud800")", R"("\udc00")", R"("\ud800\ud800")", R"("\ud800x")", R"({"\udfff": 1})"}) {
    EXPECT_FALSE(parse(text)) << text;
  }
  EXPECT_EQ(parse(R"("\ud83d\ude00")")->as_string(), "\xf0\x9f\x98\x80");
}

TEST(Reader, RefusesInvalidUtf8) {
  for (const auto* text : {"\"\xff\"", "\"\xc3\"", "\"\xc0\x80\"", "\"\xed\xa0\x80\"",
                           "\"\xf4\x90\x80\x80\"", "{\"\x80\": 1}"}) {
    EXPECT_FALSE(parse(text)) << text;
  }
}

TEST(Reader, RefusesAKeyTwiceAtAnyDepthAndInAnySpelling) {
  EXPECT_FALSE(parse(R"({"a": 1, "a": 1})"));
  EXPECT_FALSE(parse(R"([{"b": {"a": 1, "c": 2, "\u0061": {"x": 1}}}])"));
  EXPECT_TRUE(parse(R"({"a": {"a": 1}, "b": {"a": 1}})"));
  const auto many = object_of(100);
  EXPECT_TRUE(parse(many));
  EXPECT_FALSE(parse(many.substr(0, many.size() - 1) + ",\"7\":{}}"));
}

TEST(Reader, LimitsDepth) {
  EXPECT_TRUE(parse(nested(32)));
  EXPECT_FALSE(parse(nested(33)));
  EXPECT_FALSE(parse(nested(100000)));
  EXPECT_TRUE(parse(nested(3), {.depth = 3}));
  EXPECT_FALSE(parse(nested(4), {.depth = 3}));
}

TEST(Reader, LimitsTheItemsOfEachListByItself) {
  const Limits three{.items_per_list = 3};
  EXPECT_TRUE(parse(array_of(3), three));
  EXPECT_FALSE(parse(array_of(4), three));
  EXPECT_TRUE(parse(object_of(3), three));
  EXPECT_FALSE(parse(object_of(4), three));
  EXPECT_TRUE(parse("[[1,2,3],[1,2,3],{\"a\":1,\"b\":2,\"c\":3}]", three));
  EXPECT_FALSE(parse("[[1,2,3],[1,2,3,4]]", three));
  EXPECT_FALSE(parse("[[1,2,3],2,3,4]", three));
  EXPECT_TRUE(parse(array_of(5000), {.items_per_list = 0}));
}

TEST(Reader, ReadsTextsLargerThanItsScratchSpace) {
  const std::string large(100000, 'x');
  EXPECT_EQ(parse("[\"" + large + "\"]")->as_array()[0].as_string(), large);
}

}  // namespace
}  // namespace emplace::json
