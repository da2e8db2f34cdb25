#include "auth/expiring_cache.h"

#include <gtest/gtest.h>

namespace emplace::auth {
namespace {

using std::chrono::seconds;

Moment at(int second) {
  return Moment(seconds(second));
}

TEST(ExpiringCache, GivesAValueUntilItsMoment) {
  ExpiringCache<int> cache(2);
  cache.keep("a", 1, at(10));
  ASSERT_NE(cache.find("a", at(9)), nullptr);
  EXPECT_EQ(*cache.find("a", at(9)), 1);
  EXPECT_EQ(cache.find("a", at(10)), nullptr);
  EXPECT_EQ(cache.size(), 0u);
}

TEST(ExpiringCache, LetsTheOneGoThatWasNotAskedForTheLongest) {
  ExpiringCache<int> cache(2);
  cache.keep("a", 1, at(10));
  cache.keep("b", 2, at(10));
  cache.find("a", at(1));
  cache.keep("c", 3, at(10));
  EXPECT_EQ(cache.size(), 2u);
  EXPECT_NE(cache.find("a", at(1)), nullptr);
  EXPECT_EQ(cache.find("b", at(1)), nullptr);
  EXPECT_NE(cache.find("c", at(1)), nullptr);
}

TEST(ExpiringCache, KeepsTheNewestValueOfAKey) {
  ExpiringCache<int> cache(2);
  cache.keep("a", 1, at(10));
  cache.keep("a", 2, at(20));
  EXPECT_EQ(cache.size(), 1u);
  EXPECT_EQ(*cache.find("a", at(15)), 2);
  cache.drop("a");
  EXPECT_EQ(cache.find("a", at(15)), nullptr);
}

TEST(ExpiringCache, OfNoSizeKeepsNothing) {
  ExpiringCache<int> cache(0);
  cache.keep("a", 1, at(10));
  EXPECT_EQ(cache.find("a", at(1)), nullptr);
}

}  // namespace
}  // namespace emplace::auth
