#include "api/target.h"

#include <gtest/gtest.h>

namespace emplace::api {
namespace {

using Values = std::vector<std::string>;

TEST(Path, MatchesItsRouteAlone) {
  EXPECT_EQ(match_path("/traits", "/traits"), Values{});
  EXPECT_EQ(match_path("/traits/{}", "/traits/CUSTOM_A"), Values{"CUSTOM_A"});
  EXPECT_EQ(match_path("/a/{}/b/{}", "/a/x%20y/b/%41"), (Values{"x y", "A"}));
  for (const auto* other : {"/traits/", "/traits", "/trait/A", "/traits/A/", "/traits/A/b", ""}) {
    EXPECT_FALSE(match_path("/traits/{}", other)) << other;
  }
}

TEST(Query, SeparatesAndDecodes) {
  const QueryParameters expected{{"a", "1 2"}, {"b", ""}, {"c", "="}, {"", "d"}, {"a", "é"}};
  EXPECT_EQ(parse_query("a=1+2&b;c==&&=d;a=%C3%A9"), expected);
  EXPECT_EQ(parse_query("%zz=%4"), (QueryParameters{{"%zz", "%4"}}));
  EXPECT_EQ(parse_query(""), QueryParameters{});
}

TEST(Query, RefusesWhatIsNotUtf8) {
  for (const auto* bad : {"a=%ff", "%ff=a", "a=%C3", "a=%ED%A0%80", "a=%C0%80", "a=%F5%80%80%80"}) {
    ASSERT_FALSE(parse_query(bad)) << bad;
    EXPECT_EQ(parse_query(bad).error().reason, Reason::bad_request);
  }
}

}  // namespace
}  // namespace emplace::api
