#include "base/time.h"

#include <gtest/gtest.h>

namespace emplace {
namespace {

using std::chrono::seconds;

TEST(HttpDate, IsThatOfRfc9110) {
  EXPECT_EQ(http_date(Time(seconds(784111777))), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(http_date(Time(seconds(0))), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(http_date(Time(seconds(1709210096))), "Thu, 29 Feb 2024 12:34:56 GMT");
}

}  // namespace
}  // namespace emplace
