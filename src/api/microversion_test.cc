#include "api/microversion.h"

#include <gtest/gtest.h>

namespace emplace::api {
namespace {

Result<Microversion> parse(std::string_view value) {
  return parse_microversion({value});
}

TEST(Microversion, IsTheOldestWhereNoneIsAsked) {
  EXPECT_EQ(parse_microversion({}), oldest);
  for (const auto* other :
       {"", "compute 2.1", "1.10", "placement", "placement,", "placements 1.5"}) {
    EXPECT_EQ(parse(other), oldest) << other;
  }
}

TEST(Microversion, TheLastForPlacementCounts) {
  EXPECT_EQ(parse("placement 1.7"), (Microversion{1, 7}));
  EXPECT_EQ(parse("Placement  1.15 "), (Microversion{1, 15}));
  EXPECT_EQ(parse("placement 1.1, compute 2.1, placement 1.2"), (Microversion{1, 2}));
  EXPECT_EQ(parse_microversion({"placement 1.3", "placement latest"}), newest);
}

TEST(Microversion, WhatIsNoVersionIsABadRequest) {
  for (const auto* bad : {"placement 1.x", "placement Latest", "placement 1.2.3", "placement 1",
                          "placement 1.07", "placement +1.7", "placement 1 .3", "placement 1.",
                          "placement .1", "placement 1.99999999999999999999"}) {
    ASSERT_FALSE(parse(bad)) << bad;
    EXPECT_EQ(parse(bad).error().reason, Reason::bad_request) << bad;
    EXPECT_NE(parse(bad).error().detail.find("invalid version string: "), std::string::npos);
  }
}

TEST(Microversion, AVersionThatThereIsNotIsNotSupported) {
  for (const auto* bad : {"placement 1.40", "placement 0.9", "placement 2.0", "placement -1.0"}) {
    ASSERT_FALSE(parse(bad)) << bad;
    EXPECT_EQ(parse(bad).error().reason, Reason::version_not_supported) << bad;
  }
  EXPECT_EQ(parse("placement 1.40").error().detail,
            "Invalid microversion: Unacceptable version header: 1.40");
}

}  // namespace
}  // namespace emplace::api
