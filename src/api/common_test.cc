#include "api/common.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/python_int.h"
#include "json/schema.h"
#include "model/world_text.h"

namespace emplace::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

struct CallAt {
  explicit CallAt(int minor)
      : call{.request = request,
             .version = {1, minor},
             .identity = identity,
             .world = world,
             .settings = settings,
             .now = {},
             .rule = "",
             .random = 0,
             .path = {},
             .query_text = ""} {}
  Request request;
  Identity identity;
  World world = parse_world("cn1");
  Settings settings;
  Call call;
};

std::string resources_error(std::string_view text) {
  const auto parsed = parse_resources(text);
  return parsed ? "(none)" : parsed.error().detail;
}

std::string required_error(int minor, std::string_view text) {
  const CallAt at(minor);
  const auto parsed = parse_required(at.call, {text}, "required");
  return parsed ? "(none)" : parsed.error().detail;
}

std::string member_of_error(int minor, std::vector<std::string_view> texts) {
  const CallAt at(minor);
  const auto parsed = parse_member_of(at.call, texts, "member_of1");
  return parsed ? "(none)" : parsed.error().detail;
}

TEST(PythonInt, TakesWhatPythonTakes) {
  for (const auto text : {"10", "1_0", "+10", " 10\t", "010", "\u0661\u0660", "\u00a010"}) {
    EXPECT_EQ(std::get<std::int64_t>(parse_python_int(text)), 10) << text;
  }
  EXPECT_EQ(std::get<std::int64_t>(parse_python_int("-5")), -5);
}

TEST(PythonInt, RefusesWhatPythonRefuses) {
  for (const auto text :
       {"", " ", "+", "1__0", "_1", "1_", "1.0", "0x10", "+ 1", "1 0", "\u00b2"}) {
    EXPECT_TRUE(std::holds_alternative<NotANumber>(parse_python_int(text))) << text;
  }
}

TEST(PythonInt, KnowsTheEndsOf64Bits) {
  EXPECT_EQ(std::get<std::int64_t>(parse_python_int("9223372036854775807")), INT64_MAX);
  EXPECT_EQ(std::get<std::int64_t>(parse_python_int("-9223372036854775808")), INT64_MIN);
  EXPECT_FALSE(std::get<BeyondInt64>(parse_python_int("9223372036854775808")).negative);
  EXPECT_FALSE(std::get<BeyondInt64>(parse_python_int(std::string(400, '9'))).negative);
  EXPECT_TRUE(std::get<BeyondInt64>(parse_python_int("-9223372036854775809")).negative);
}

TEST(ParseResources, KeepsTheOrderAndTheLastAmountOfAClass) {
  EXPECT_THAT(parse_resources("VCPU:1,DISK_GB:1_0,VCPU:+2").value(),
              ElementsAre(Pair("VCPU", 2), Pair("DISK_GB", 10)));
}

TEST(ParseResources, RefusesInUpstreamsWords) {
  const std::string badly =
      "Badly formed resources parameter. Expected resources query string parameter in form: "
      "?resources=VCPU:2,MEMORY_MB:1024. Got: ";
  EXPECT_EQ(resources_error(" "), badly + "empty string.");
  EXPECT_EQ(resources_error("VCPU"), badly + "VCPU.");
  EXPECT_EQ(resources_error("VCPU:1:2"), badly + "VCPU:1:2.");
  EXPECT_EQ(resources_error("VCPU:1,"), badly + ".");
  EXPECT_EQ(resources_error("VCPU:x"),
            "Requested resource VCPU expected positive integer amount. Got: x.");
  EXPECT_EQ(resources_error("VCPU:0"), "Requested resource VCPU requires amount >= 1. Got: 0.");
  EXPECT_EQ(resources_error("VCPU:-1_0"),
            "Requested resource VCPU requires amount >= 1. Got: -10.");
}

TEST(ParseResources, RefusesAmountsBeyond64Bits) {
  EXPECT_THAT(resources_error("VCPU:9223372036854775808"),
              HasSubstr("requires amount <= 9223372036854775807"));
  EXPECT_THAT(resources_error("VCPU:-99999999999999999999"), HasSubstr("requires amount >= 1"));
}

TEST(ParseResources, RefusesMoreThanTheLimit) {
  EXPECT_TRUE(parse_resources("A:1,B:1", 2).has_value());
  EXPECT_EQ(parse_resources("A:1,B:1,C:1", 2).error().detail,
            "Invalid query string parameters: more than 2 values in one parameter.");
}

TEST(ParseResources, DoesNotEchoLongTextsInFull) {
  EXPECT_LT(resources_error("VCPU:" + std::string(5000, 'x')).size(), 400u);
}

TEST(ParseRequired, TakesOnlyTheLastValueBefore1_39AndAllFromThen) {
  const std::vector<std::string_view> values{"A", "B,!C", "in:D,E,D"};
  const auto old = parse_required(CallAt(38).call, {"A", "B,!C"}, "required").value();
  EXPECT_THAT(old.any_of, ElementsAre(ElementsAre("B")));
  const auto all = parse_required(CallAt(39).call, values, "required").value();
  EXPECT_THAT(all.any_of, ElementsAre(ElementsAre("A"), ElementsAre("B"), ElementsAre("D", "E")));
  EXPECT_THAT(all.none_of, ElementsAre("C"));
}

TEST(ParseRequired, StripsSpacesAndSurplusExclamationMarks) {
  const auto filter = parse_required(CallAt(22).call, {" A , !!!B "}, "required").value();
  EXPECT_THAT(filter.any_of, ElementsAre(ElementsAre("A")));
  EXPECT_THAT(filter.none_of, ElementsAre("B"));
}

TEST(ParseRequired, RefusesInUpstreamsWords) {
  const std::string bad = "Invalid query string parameters: ";
  const std::string form = "Expected 'required' parameter value of the form: ";
  EXPECT_EQ(required_error(21, "A,"),
            bad + form + "HW_CPU_X86_VMX,CUSTOM_MAGIC. Got an empty trait in: A,");
  EXPECT_EQ(required_error(22, "!"),
            bad + form + "HW_CPU_X86_VMX,!CUSTOM_MAGIC. Got an empty trait in: !");
  EXPECT_EQ(required_error(21, "!A"), bad + form + "HW_CPU_X86_VMX,CUSTOM_MAGIC. Got: !A");
  EXPECT_EQ(required_error(38, "in:A"),
            bad +
                "The format 'in:HW_CPU_X86_VMX,CUSTOM_MAGIC' only supported since microversion "
                "1.39. Got: in:A");
  EXPECT_EQ(required_error(39, "in:A,"),
            bad + form + "in:HW_CPU_X86_VMX,CUSTOM_MAGIC. Got an empty trait in: in:A,");
  EXPECT_EQ(required_error(39, "in:A,!B"),
            bad +
                "The format 'in:HW_CPU_X86_VMX,CUSTOM_MAGIC' does not support forbidden traits. "
                "Got: in:A,!B");
}

TEST(ParseMemberOf, TakesSpellingsOfOneUuidAsOne) {
  const auto filter =
      parse_member_of(CallAt(39).call,
                      {"in:aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa,AAAAAAAAAAAA4AAA8AAAAAAAAAAAAAAA",
                       "!bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"},
                      "member_of")
          .value();
  EXPECT_THAT(filter.any_of,
              ElementsAre(ElementsAre(*Uuid::parse("aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"))));
  EXPECT_THAT(filter.none_of, ElementsAre(*Uuid::parse("bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb")));
}

TEST(ParseMemberOf, RefusesInUpstreamsWords) {
  const std::string_view a = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa";
  EXPECT_EQ(member_of_error(23, {a, a}), "Multiple member_of1 parameters are not supported");
  EXPECT_EQ(member_of_error(24, {a, a}), "(none)");
  EXPECT_EQ(member_of_error(31, {"!aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"}),
            "Forbidden member_of1 parameters are not supported in the specified microversion");
  EXPECT_EQ(
      member_of_error(39, {"a,b"}),
      "Multiple values for 'member_of' must be prefixed with the 'in:' or '!in:' keyword using "
      "the valid microversion. Got: a,b");
  EXPECT_EQ(member_of_error(39, {"in:x"}),
            "Invalid query string parameters: Expected 'member_of' parameter to contain valid "
            "UUID(s). Got: x");
  EXPECT_THAT(member_of_error(39, {""}), HasSubstr("contain valid UUID(s). Got: "));
}

TEST(Limits, HoldForAllValuesOfAParameterTogether) {
  CallAt at(39);
  at.settings.query_values_max = 2;
  EXPECT_TRUE(parse_required(at.call, {"A", "B"}, "required").has_value());
  EXPECT_EQ(parse_required(at.call, {"A", "B", "C"}, "required").error().detail,
            "Invalid query string parameters: more than 2 traits in required.");
  const std::string_view a = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa";
  EXPECT_EQ(parse_member_of(at.call, {a, a, a}, "member_of").error().detail,
            "Invalid query string parameters: more than 2 aggregates in member_of.");
}

TEST(CheckQuery, TellsOfTheLastValueInTheSchemasWords) {
  const json::Schema schema(R"({"type": "object", "properties": {
      "uuid": {"type": "string", "format": "uuid"}}, "additionalProperties": false})");
  EXPECT_THAT(check_query({{"spam", "eggs"}}, schema).error().detail,
              HasSubstr("Invalid query string parameters: Additional properties are not allowed "
                        "('spam' was unexpected)"));
  EXPECT_THAT(check_query({{"uuid", "x"}}, schema).error().detail,
              HasSubstr("'x' is not a 'uuid'"));
  EXPECT_TRUE(check_query({{"uuid", "x"}, {"uuid", uuid_of("cn1").str()}}, schema).has_value());
}

TEST(Generations, AreReadFromAnyNumber) {
  const auto read = [](std::string_view text) { return generation_in(json::parse(text).value()); };
  EXPECT_EQ(read("5"), 5);
  EXPECT_EQ(read("5.0"), 5);
  EXPECT_EQ(read("18446744073709551615"), -1);
  EXPECT_EQ(read("1e300"), -1);
  EXPECT_EQ(read("-1e300"), -1);
}

TEST(Printable, MeansNoControlCharacters) {
  EXPECT_TRUE(is_printable("compute 1 \u00e4\u20ac"));
  for (const auto text : {"a\nb", "\x7f", "\u0085", "tab\t"})
    EXPECT_FALSE(is_printable(text));
  EXPECT_FALSE(is_printable(std::string_view("\0", 1)));
}

TEST(ProviderOfPath, FindsAnySpellingAndTellsWhatThereIsNot) {
  CallAt at(39);
  auto spelled = uuid_of("cn1").str();
  std::transform(spelled.begin(), spelled.end(), spelled.begin(), ::toupper);
  EXPECT_EQ((*provider_of_path(at.call, "{" + spelled + "}"))->name, "cn1");
  const auto none = provider_of_path(at.call, "non_existed");
  EXPECT_EQ(none.error().detail, "No resource provider with uuid non_existed found");
  EXPECT_EQ(none.error().reason, Reason::no_such_resource);
}

}  // namespace
}  // namespace emplace::api
