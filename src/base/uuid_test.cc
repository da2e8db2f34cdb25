#include "base/uuid.h"

#include <gtest/gtest.h>

namespace emplace {
namespace {

constexpr auto canonical = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeee0123";

TEST(Uuid, TakesEverySpellingThatPythonTakes) {
  for (const auto* spelling :
       {canonical, "AAAAAAAA-BBBB-4CCC-8DDD-EEEEEEEE0123", "aaaaaaaabbbb4ccc8dddeeeeeeee0123",
        "{aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeee0123}",
        "urn:uuid:aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeee0123"}) {
    ASSERT_TRUE(Uuid::parse(spelling)) << spelling;
    EXPECT_EQ(Uuid::parse(spelling)->str(), canonical) << spelling;
  }
}

TEST(Uuid, RefusesWhatIsNone) {
  for (const auto* text :
       {"", "junk", "------------------------------------", "{}", "{",
        "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeee012", "gaaaaaaa-bbbb-4ccc-8ddd-eeeeeeee0123",
        "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeee0123\n"}) {
    EXPECT_FALSE(Uuid::parse(text)) << text;
  }
}

TEST(Uuid, DashedMeansDashed) {
  EXPECT_TRUE(Uuid::parse_dashed(canonical));
  EXPECT_TRUE(Uuid::parse_dashed("AAAAAAAA-BBBB-4CCC-8DDD-EEEEEEEE0123"));
  EXPECT_FALSE(Uuid::parse_dashed("aaaaaaaabbbb4ccc8dddeeeeeeee0123"));
  EXPECT_FALSE(Uuid::parse_dashed("{aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeee0123}"));
}

}  // namespace
}  // namespace emplace
