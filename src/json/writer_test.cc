#include "json/writer.h"

#include <limits>
#include <string>

#include <boost/json/array.hpp>
#include <gtest/gtest.h>

#include "json/reader.h"

namespace emplace::json {
namespace {

template <class T>
std::string written(const T& value) {
  std::string out;
  Writer(out).value(value);
  return out;
}

TEST(Writer, SeparatesAsPythonDoes) {
  std::string out;
  Writer json(out);
  json.begin_object().key("a").value(1).key("b").begin_array().value(2).value("x").null();
  json.begin_object().end_object().begin_array().end_array().value(true).end_array();
  json.key("c").begin_object().key("d").value(false).end_object().key("e").value(1.5).end_object();
  EXPECT_EQ(out, R"({"a": 1, "b": [2, "x", null, {}, [], true], "c": {"d": false}, "e": 1.5})");
}

TEST(Writer, WritesUuidsAsKeysAndValues) {
  const auto uuid = *Uuid::parse("AAAAAAAA-bbbb-4ccc-8ddd-eeeeeeee0123");
  std::string out;
  Writer(out).begin_object().key(uuid).value(uuid).key(uuid).value(1).end_object();
  const std::string text = "\"aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeee0123\"";
  EXPECT_EQ(out, "{" + text + ": " + text + ", " + text + ": 1}");
}

TEST(Writer, PutsRawTextWhereAValueOrMembersStand) {
  std::string out;
  Writer json(out);
  json.begin_object().raw("").raw("\"a\": 1").raw("").key("b").raw("[2]");
  json.raw("\"c\": 3, \"d\": 4").end_object();
  EXPECT_EQ(out, R"({"a": 1, "b": [2], "c": 3, "d": 4})");
}

TEST(Writer, WritesNumbersAsPythonDoes) {
  EXPECT_EQ(written(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(written(std::numeric_limits<std::int64_t>::max()), "9223372036854775807");
  EXPECT_EQ(written(4.0), "4.0");
  EXPECT_EQ(written(-0.0), "-0.0");
  EXPECT_EQ(written(0.1), "0.1");
  EXPECT_EQ(written(100000.0), "100000.0");
  EXPECT_EQ(written(9999999999999998.0), "9999999999999998.0");
  EXPECT_EQ(written(1e16), "1e+16");
  EXPECT_EQ(written(1.5e300), "1.5e+300");
  EXPECT_EQ(written(3.40282e+38), "3.40282e+38");
  EXPECT_EQ(written(0.0001), "0.0001");
  EXPECT_EQ(written(0.00001), "1e-05");
  EXPECT_EQ(written(-1.2345678901234567e-5), "-1.2345678901234568e-05");
  EXPECT_EQ(written(-2.2250738585072014e-308), "-2.2250738585072014e-308");
}

TEST(Writer, WritesNullForWhatIsNotFinite) {
  std::string out;
  Writer(out).begin_array().value(1).value(std::numeric_limits<double>::infinity()).end_array();
  EXPECT_EQ(out, "[1, null]");
}

TEST(Writer, EscapesQuotesBackslashesAndControls) {
  EXPECT_EQ(written(std::string_view("\"\\/\b\f\n\r\t\x01\x1f\x7f")),
            R"("\"\\/\b\f\n\r\t\u0001\u001f)"
            "\x7f\"");
  EXPECT_EQ(written(std::string_view("a\0b", 3)), R"("a\u0000b")");
  EXPECT_EQ(written("é€😀"), "\"é€😀\"");
}

TEST(Writer, WritesNoStringThatDoesNotReadBackTheSame) {
  // Every ASCII character, at every place in strings around the sizes where another path is taken.
  for (const std::size_t size : {1u, 7u, 8u, 9u, 16u, 63u, 64u, 65u, 100u}) {
    for (std::size_t at = 0; at < size; ++at) {
      for (char c = 0; c >= 0 && c < 127; ++c) {
        std::string text(size, 'x');
        text[at] = c;
        std::string out;
        Writer(out).begin_array().value(text).begin_object().key(text).null().end_object();
        const auto read = parse(out + "]");
        ASSERT_TRUE(read) << out;
        ASSERT_EQ(read->at(0).as_string(), text);
        ASSERT_EQ(read->at(1).as_object().begin()->key(), text);
      }
    }
  }
}

}  // namespace
}  // namespace emplace::json
