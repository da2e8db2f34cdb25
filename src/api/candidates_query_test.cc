#include "api/candidates_query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/handler_testing.h"

namespace emplace::api {
namespace {

using candidates::GroupPolicy;
using candidates::Query;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

class CandidatesQuery : public testing::Test {
 protected:
  Result<Query> parse(std::string_view text, int minor = newest.minor) {
    const Request request;
    const Call call{.request = request,
                    .version = {1, minor},
                    .identity = identity_,
                    .world = world_,
                    .settings = settings_,
                    .now = Time{},
                    .rule = "",
                    .path = {},
                    .query_text = text};
    const auto parameters = call.query();
    if (!parameters) return tl::unexpected(parameters.error());
    return parse_candidates_query(call, *parameters);
  }
  std::string refusal(std::string_view text, int minor = newest.minor) {
    const auto query = parse(text, minor);
    return query ? "(no failure)" : query.error().detail;
  }
  Reason reason(std::string_view text, int minor = newest.minor) {
    const auto query = parse(text, minor);
    return query ? Reason::internal : query.error().reason;
  }

  World world_;
  Settings settings_;
  Identity identity_;
};

TEST_F(CandidatesQuery, GroupsStandInTheOrderInWhichTheirSuffixesAppear) {
  const std::string uuid = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa";
  const auto query =
      parse("required_A=HW_X,!HW_Y&resources=VCPU:1,DISK_GB:5&resources_A=VGPU:2&in_tree_A=%20" +
            uuid + "%20&member_of_A=" + uuid + "&member_of_A=!" + uuid +
            "&required_A=in:HW_V,HW_W&resources=VCPU:3&group_policy=isolate&limit=7");
  ASSERT_TRUE(query) << query.error().detail;
  ASSERT_EQ(query->groups.size(), 2u);
  const auto& a = query->groups[0];
  EXPECT_EQ(a.suffix, "_A");
  EXPECT_THAT(a.resources, ElementsAre(Pair("VGPU", 2)));
  EXPECT_THAT(a.traits.any_of, ElementsAre(ElementsAre("HW_X"), ElementsAre("HW_V", "HW_W")));
  EXPECT_THAT(a.traits.none_of, ElementsAre("HW_Y"));
  EXPECT_EQ(a.in_tree, Uuid::parse(uuid));
  EXPECT_EQ(a.aggregates.any_of.size(), 1u);
  EXPECT_THAT(a.aggregates.none_of, ElementsAre(*Uuid::parse(uuid)));
  EXPECT_EQ(query->groups[1].suffix, "");
  EXPECT_THAT(query->groups[1].resources, ElementsAre(Pair("VCPU", 3)));
  EXPECT_EQ(query->group_policy, GroupPolicy::isolate);
  EXPECT_EQ(query->limit, 7);
  EXPECT_TRUE(query->nested);
  EXPECT_FALSE(parse("resources=VCPU:1", 28)->nested);
}

TEST_F(CandidatesQuery, EachParameterIsUnknownBeforeItsMicroversion) {
  const struct {
    std::string query;
    int since;
    std::string name;
  } cases[] = {{"limit=1", 16, "limit"},
               {"required=HW_X", 17, "required"},
               {"member_of=aaaaaaaaaaaa4aaa8aaaaaaaaaaaaaaa", 21, "member_of"},
               {"resources1=VCPU:1", 25, "resources1"},
               {"group_policy=none", 25, "group_policy"},
               {"in_tree=aaaaaaaaaaaa4aaa8aaaaaaaaaaaaaaa", 31, "in_tree"},
               {"resources_A=VCPU:1", 33, "resources_A"},
               {"resources0=VCPU:1", 33, "resources0"},
               {"root_required=HW_X", 35, "root_required"},
               {"same_subtree=1&resources1=VCPU:1", 36, "same_subtree"}};
  for (const auto& [query, since, name] : cases) {
    const auto text = "resources=VCPU:1&" + query;
    EXPECT_EQ(refusal(text, since), "(no failure)") << text;
    const auto refused = refusal(text, since - 1);
    EXPECT_THAT(refused, HasSubstr("Invalid query string parameters")) << text;
    EXPECT_THAT(refused, HasSubstr("'" + name + "'")) << text;
    EXPECT_EQ(reason(text, since - 1), Reason::bad_request) << text;
  }
}

TEST_F(CandidatesQuery, NamesAreRefusedInUpstreamsWords) {
  EXPECT_THAT(refusal("", 10), HasSubstr("'resources' is a required property"));
  EXPECT_THAT(refusal("resources=VCPU:1&foo=1&bar=2&foo=3", 10),
              HasSubstr("Additional properties are not allowed ('bar', 'foo' were unexpected)"));
  EXPECT_THAT(refusal("resources1=VCPU:1&resources=VCPU:1", 24),
              HasSubstr("'resources1' was unexpected"));
  EXPECT_THAT(refusal("resources01=VCPU:1", 25),
              HasSubstr("'resources01' does not match any of the regexes: "
                        "'^member_of([1-9][0-9]*)?$', '^required([1-9][0-9]*)?$', "
                        "'^resources([1-9][0-9]*)?$'"));
  EXPECT_THAT(refusal("foo=1&bar=2"), HasSubstr("'bar', 'foo' do not match any of the regexes: "
                                                "'^in_tree([a-zA-Z0-9_-]{1,64})?$', '^member_of"));
  EXPECT_THAT(refusal("resources_" + std::string(64, 'x') + "=VCPU:1"),
              HasSubstr("does not match any of the regexes"));
  EXPECT_EQ(refusal("resources_" + std::string(63, 'x') + "=VCPU:1"), "(no failure)");
  EXPECT_THAT(refusal("resources%0A=VCPU:1"), HasSubstr("does not match any of the regexes"));
}

TEST_F(CandidatesQuery, TheFirstLimitCountsAndAllMustBeNumbers) {
  EXPECT_EQ(parse("resources=VCPU:1&limit=2&limit=5")->limit, 2);
  EXPECT_EQ(parse("resources=VCPU:1&limit=99999999999999999999")->limit,
            std::numeric_limits<std::int64_t>::max());
  for (const std::string limit : {"0", "", "-1", "abc", "1.5", "1&limit=abc", "abc&limit=1"}) {
    EXPECT_THAT(refusal("resources=VCPU:1&limit=" + limit),
                HasSubstr("does not match '^[1-9][0-9]*$'\n\nFailed validating 'pattern' in "
                          "schema['properties']['limit']"))
        << limit;
  }
}

TEST_F(CandidatesQuery, AGroupPolicyIsNeededForMoreThanOneSuffix) {
  EXPECT_EQ(refusal("resources=VCPU:1&resources1=VCPU:1"), "(no failure)");
  EXPECT_EQ(refusal("resources1=VCPU:1&resources2=VCPU:1"),
            "The \"group_policy\" parameter is required when specifying more than one "
            "\"resources{N}\" parameter.");
  EXPECT_THAT(refusal("resources=VCPU:1&group_policy=bogus"),
              HasSubstr("'bogus' is not one of ['none', 'isolate']"));
  EXPECT_EQ(parse("resources=VCPU:1&group_policy=isolate&group_policy=none")->group_policy,
            GroupPolicy::isolate);
}

TEST_F(CandidatesQuery, BeforeOneThirtySixEachGroupNeedsResources) {
  EXPECT_EQ(refusal("group_policy=isolate", 35),
            "At least one request group (`resources` or `resources{$S}`) is required.");
  EXPECT_THAT(refusal("required=FOO&required1=BAR", 35),
              HasSubstr("Found the following orphaned traits keys: required, required1"));
  EXPECT_THAT(refusal("member_of=aaaaaaaaaaaa4aaa8aaaaaaaaaaaaaaa&resources1=VCPU:1", 35),
              HasSubstr("Found the following orphaned member_of keys: member_of"));
  EXPECT_EQ(refusal("in_tree=aaaaaaaaaaaa4aaa8aaaaaaaaaaaaaaa", 35),
            "All request groups must specify resources.");
  EXPECT_EQ(reason("group_policy=isolate", 35), Reason::bad_request);
}

TEST_F(CandidatesQuery, FromOneThirtySixAGroupWithoutResourcesStandsInASameSubtree) {
  EXPECT_EQ(refusal("resources=VCPU:1&required_A=HW_X&resources_B=VGPU:1&same_subtree=_A,%20_B"
                    "&group_policy=none"),
            "(no failure)");
  EXPECT_EQ(refusal(""), "There must be at least one resources or resources[$S] parameter.");
  EXPECT_EQ(reason(""), Reason::missing_query_value);
  EXPECT_EQ(refusal("resources=VCPU:1&required_A=HW_X"),
            "Resourceless suffixed group request should be specified in `same_subtree` query "
            "param: bad group(s) - ['_A'].");
  EXPECT_EQ(reason("resources=VCPU:1&required_A=HW_X"), Reason::bad_query_value);
  EXPECT_EQ(refusal("resources_A=VCPU:1&same_subtree=_A,_B"),
            "Real suffixes should be specified in `same_subtree`: ['_B'] not found in ['_A'].");
  EXPECT_EQ(refusal("resources_A=VCPU:1&same_subtree=_A,,"),
            "Empty string (unsuffixed group) can not be specified in `same_subtree` ");
  EXPECT_EQ(reason("resources_A=VCPU:1&same_subtree=_A,,"), Reason::bad_query_value);
}

TEST_F(CandidatesQuery, RootRequiredComesOnceAndKnowsNoAnyOf) {
  const auto query = parse("resources=VCPU:1&root_required=HW_X,!HW_Y");
  EXPECT_THAT(query->root_traits.any_of, ElementsAre(ElementsAre("HW_X")));
  EXPECT_THAT(query->root_traits.none_of, ElementsAre("HW_Y"));
  EXPECT_EQ(reason("resources=VCPU:1&root_required=A&root_required=B"),
            Reason::duplicate_query_key);
  EXPECT_EQ(reason("resources=VCPU:1&root_required=A,!A"), Reason::bad_query_value);
  EXPECT_EQ(refusal("resources=VCPU:1&root_required=A,!A"),
            "Conflicting required and forbidden traits found in root_required: A");
  EXPECT_THAT(refusal("resources=VCPU:1&root_required=in:A"),
              HasSubstr("only supported since microversion 1.39"));
}

TEST_F(CandidatesQuery, ATraitIsNotRequiredAndForbiddenAtOnce) {
  EXPECT_EQ(refusal("resources=VCPU:1&required=in:B,A&required=!A,!B"),
            "Conflicting required and forbidden traits found in the following traits keys: "
            "required: (A, B)");
  EXPECT_EQ(refusal("resources=VCPU:1&required=in:B,A&required=!A"), "(no failure)");
}

TEST_F(CandidatesQuery, InTreeIsAUuid) {
  EXPECT_EQ(refusal("resources=VCPU:1&in_tree=life-is-beautiful"),
            "Invalid query string parameters: Expected 'in_tree' parameter to be a format of "
            "uuid. Got: life-is-beautiful");
}

TEST_F(CandidatesQuery, IsLimitedInGroupsAndSuffixes) {
  settings_.query_groups_max = 2;
  settings_.query_values_max = 2;
  EXPECT_EQ(refusal("resources=VCPU:1&resources1=VCPU:1"), "(no failure)");
  EXPECT_THAT(refusal("resources=VCPU:1&resources1=VCPU:1&resources2=VCPU:1"),
              HasSubstr("more than 2 request groups"));
  EXPECT_THAT(refusal("resources=A:1,B:1,C:1"), HasSubstr("more than 2"));
  EXPECT_THAT(refusal("resources1=VCPU:1&same_subtree=1,1&same_subtree=1"),
              HasSubstr("more than 2 suffixes"));
}

}  // namespace
}  // namespace emplace::api
