#include "store/time_text.h"

#include <gtest/gtest.h>

#include "store/spelling.h"

namespace emplace::store {
namespace {

TEST(TimeText, IsWhatSqlalchemyWrites) {
  const Time time(std::chrono::seconds(1'700'000'000));
  EXPECT_EQ(TimeText(time).view(), "2023-11-14 22:13:20.000000");
  EXPECT_EQ(parse_time("2023-11-14 22:13:20.000000"), time);
  EXPECT_EQ(parse_time("2023-11-14 22:13:20.999999"), time);
  EXPECT_EQ(parse_time("2023-11-14T22:13:20"), time);
  EXPECT_EQ(parse_time("2024-02-29 00:00:00"), Time(std::chrono::seconds(1709164800)));
}

TEST(TimeText, EveryEngineWritesTimesInAWayThatIsRead) {
  const Time time{std::chrono::seconds(1795383482)};
  for (const auto* text : {"2026-11-22 21:38:02", "2026-11-22 21:38:02.5",
                           "2026-11-22 21:38:02.999999", "2026-11-22T21:38:02"}) {
    EXPECT_EQ(parse_time(text), time) << text;
  }
  EXPECT_EQ(parse_time("0000-00-00 00:00:00"), Time{});
}

TEST(TimeText, TextThatIsNoTimeIsTheBeginningOfTime) {
  for (const auto* text : {"", "yesterday", "2023-02-30 00:00:00", "2023-11-14 xx:13:20.000000"}) {
    EXPECT_EQ(parse_time(text), Time{}) << text;
  }
}

TEST(Spelling, OnlyTheOneWayOfWritingIsCanonical) {
  EXPECT_TRUE(canonical_uuid("aaaaaaaa-0000-4000-8000-000000000000"));
  EXPECT_FALSE(canonical_uuid("Aaaaaaaa-0000-4000-8000-000000000000"));
  EXPECT_FALSE(canonical_uuid("aaaaaaaa000040008000000000000000"));
  EXPECT_EQ(uuid_spelled("{AAAAAAAA-0000-4000-8000-000000000000}"),
            *Uuid::parse("aaaaaaaa-0000-4000-8000-000000000000"));
}

TEST(Spelling, ATextThatIsNoUuidGetsOneOfItsOwn) {
  EXPECT_EQ(uuid_spelled("junk"), derived_uuid("junk"));
  EXPECT_NE(derived_uuid("junk"), derived_uuid("jumk"));
  EXPECT_EQ(derived_uuid("junk").str()[14], '8');
}

}  // namespace
}  // namespace emplace::store
