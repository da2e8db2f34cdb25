#include "json/schema.h"

#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace emplace::json {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// The refusal of a value, empty if it is valid.
std::string refusal(const std::string& schema, const std::string& value) {
  const auto checked = Schema(schema).check(parse(value, {.items_per_list = 0}).value());
  if (checked) return {};
  EXPECT_EQ(checked.error().reason, Reason::bad_request);
  return checked.error().detail;
}

// Its first line, without what all begin with.
std::string message(const std::string& schema, const std::string& value) {
  const std::string detail = refusal(schema, value), opening = "JSON does not validate: ";
  if (detail.empty()) return {};
  EXPECT_THAT(detail, StartsWith(opening));
  return detail.substr(opening.size(), detail.find('\n') - opening.size());
}

TEST(Schema, SaysWhatIsWrongInPythonJsonschemasWords) {
  struct Case {
    const char *schema, *value, *message;
  };
  for (const auto& each : {
           Case{R"({"required": ["x"]})", "{}", "'x' is a required property"},
           Case{R"({"additionalProperties": false})", R"({"b": 1, "a": 1})",
                "Additional properties are not allowed ('a', 'b' were unexpected)"},
           Case{R"({"properties": {"a": {}}, "additionalProperties": false})",
                R"({"b": 1, "a": 1})",
                "Additional properties are not allowed ('b' was unexpected)"},
           Case{R"({"patternProperties": {"^[A-Z]+$": {}}, "additionalProperties": false})",
                R"({"b": 1, "A": 1})", "'b' does not match any of the regexes: '^[A-Z]+$'"},
           Case{R"({"patternProperties": {"^B": {}, "^A": {}}, "additionalProperties": false})",
                R"({"d": 1, "c": 1})", "'c', 'd' do not match any of the regexes: '^A', '^B'"},
           Case{R"({"type": "integer"})", R"("abc")", "'abc' is not of type 'integer'"},
           Case{R"({"type": ["integer", "null"]})", "true",
                "True is not of type 'integer', 'null'"},
           Case{R"({"minimum": 0})", "-1", "-1 is less than the minimum of 0"},
           Case{R"({"maximum": 2.5})", "3.0", "3.0 is greater than the maximum of 2.5"},
           Case{R"({"minLength": 1})", R"("")", "'' is too short"},
           Case{R"({"maxLength": 1})", R"("ab")", "'ab' is too long"},
           Case{R"({"minItems": 1})", "[]", "[] is too short"},
           Case{R"({"maxItems": 1})", "[1, 2]", "[1, 2] is too long"},
           Case{R"({"minProperties": 1})", "{}", "{} does not have enough properties"},
           Case{R"({"maxProperties": 0})", R"({"a": null})", "{'a': None} has too many properties"},
           Case{R"({"uniqueItems": true})", "[1, 1.0]", "[1, 1.0] has non-unique elements"},
           Case{R"({"pattern": "^x$"})", R"("x\n")", "'x\\n' does not match '^x$'"},
           Case{R"({"format": "uuid"})", R"("x")", "'x' is not a 'uuid'"},
           Case{R"({"enum": ["a", 1]})", R"("b")", "'b' is not one of ['a', 1]"},
           Case{R"({"anyOf": [{"type": "string"}, {"type": "null"}]})", "5",
                "5 is not valid under any of the given schemas"},
       }) {
    EXPECT_EQ(message(each.schema, each.value), each.message) << each.schema;
  }
}

TEST(Schema, SaysWhereTheErrorIs) {
  const std::string schema = R"({"properties": {"a": {"patternProperties": {"^x": {"items":
      {"anyOf": [{"type": "string", "format": "uuid"}, {"type": "null"}]}}}}}})";
  EXPECT_EQ(refusal(schema, R"({"a": {"xy": [null, "junk"]}})"),
            "JSON does not validate: 'junk' is not a 'uuid'\n\n"
            "Failed validating 'format' in "
            "schema['properties']['a']['patternProperties']['^x']['items']['anyOf'][0]\n\n"
            "On instance['a']['xy'][1]");
}

TEST(Schema, ReportsTheShallowestErrorAndOfThoseTheFirst) {
  const std::string schema = R"({"properties": {"a": {"type": "string"}},
      "required": ["b", "c"], "additionalProperties": false})";
  EXPECT_EQ(message(schema, R"({"a": 1, "d": 2})"), "'b' is a required property");
  EXPECT_EQ(message(schema, R"({"a": 1, "b": 2, "c": 3})"),
            "Additional properties are not allowed ('b', 'c' were unexpected)");
  EXPECT_EQ(message(R"({"properties": {"a": {"type": "string"}}})", R"({"a": 1})"),
            "1 is not of type 'string'");
}

TEST(Schema, ReportsAnErrorOfTypeBeforeOthersAtItsDepth) {
  EXPECT_EQ(message(R"({"properties": {"a": {"type": "integer", "minimum": 1},
                                       "b": {"type": "string"}}})",
                    R"({"a": 0, "b": 0})"),
            "0 is not of type 'string'");
}

TEST(Schema, AWholeNumberIsAnIntegerAndABooleanIsNone) {
  const std::string integer = R"({"type": "integer", "maximum": 2147483647})";
  for (const auto* value : {"1", "1.0", "1e3", "-0.0"})
    EXPECT_EQ(refusal(integer, value), "");
  for (const auto* value :
       {"1.5", "true", "null", "\"1\"", "2147483648", "99999999999999999999999"}) {
    EXPECT_NE(refusal(integer, value), "") << value;
  }
  EXPECT_EQ(refusal(R"({"type": "integer", "minimum": 1})", "99999999999999999999999"), "");
}

TEST(Schema, ComparesLargeNumbersExactly) {
  EXPECT_EQ(refusal(R"({"maximum": 9007199254740993})", "9007199254740993"), "");
  EXPECT_NE(refusal(R"({"maximum": 9007199254740992})", "9007199254740993"), "");
  EXPECT_NE(refusal(R"({"maximum": 18446744073709551614})", "18446744073709551615"), "");
}

TEST(Schema, CountsCodePoints) {
  EXPECT_EQ(refusal(R"({"maxLength": 2, "minLength": 2})", R"("é😀")"), "");
  EXPECT_NE(refusal(R"({"minLength": 2})", R"("😀")"), "");
}

TEST(Schema, ComparesElementsAsJsonDoes) {
  const std::string unique = R"({"uniqueItems": true})";
  EXPECT_EQ(refusal(unique, R"([1, true, "1", [1], {"a": 1}, null])"), "");
  EXPECT_NE(refusal(unique, R"([{"a": 1, "b": [2]}, 5, {"b": [2.0], "a": 1}])"), "");
  EXPECT_NE(refusal(unique, R"(["a", 1, "b", "a"])"), "");
  EXPECT_EQ(refusal(R"({"uniqueItems": false})", "[1, 1]"), "");
}

TEST(Schema, EchoesLittleOfALongValue) {
  const std::string secret(50000, 's');
  for (const auto& value : {'"' + secret + '"', "[\"" + secret + "\", 1]",
                            "{\"" + secret + "\": 1}", "[[[\"" + secret + "\"]]]"}) {
    const auto detail = refusal(R"({"type": "null"})", value);
    EXPECT_NE(detail, "");
    EXPECT_LE(detail.size(), 320u);
  }
  std::string many = "{";
  for (int i = 0; i < 1000; ++i)
    many += "\"k" + std::to_string(i) + "\": 1, ";
  const auto detail = refusal(R"({"additionalProperties": false})", many + "\"x\": 1}");
  EXPECT_LE(detail.size(), 420u);
  EXPECT_THAT(detail, HasSubstr("Failed validating 'additionalProperties' in schema"));
}

TEST(Schema, RefusesAtMostAKilobyteAndCutsNoCharacter) {
  std::string schema = R"({"type": "null"})", value = "1";
  for (int i = 0; i < 25; ++i) {
    schema = R"({"additionalProperties": )" + schema + "}";
    value = "{\"" + std::string(40, 'k') + "é\": " + value + "}";
  }
  const auto detail = refusal(schema, value);
  EXPECT_LE(detail.size(), 1024u);
  EXPECT_GE(detail.size(), 1000u);
  EXPECT_TRUE(parse('"' + detail.substr(detail.rfind('\'')) + '"'));
}

TEST(Schema, IgnoresNoKeyword) {
  for (const auto* schema :
       {R"({"minimun": 1})", R"({"$ref": "#/$defs/a"})", R"({"format": "date"})",
        R"({"type": "int"})", R"({"items": [{}]})",
        R"({"properties": {"a": {"exclusiveMinimum": 1}}})", R"({"": 1})", R"({"minLength": -1})",
        R"({"required": "a"})", R"({"pattern": "a|b"})", "[]", "{"}) {
    EXPECT_THROW(Schema{schema}, std::logic_error) << schema;
  }
  EXPECT_NO_THROW(Schema(R"({"$schema": "x", "title": "t", "description": "d", "$defs": {}})"));
}

}  // namespace
}  // namespace emplace::json
