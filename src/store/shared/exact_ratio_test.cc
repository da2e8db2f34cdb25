#include "store/shared/exact_ratio.h"

#include <utility>

#include <gtest/gtest.h>

namespace emplace::store {
namespace {

// What a MariaDB server has shown of each.
TEST(ExactRatio, AFloatColumnReadsAsSixDigits) {
  const std::pair<double, const char*> texts[] = {{0, "0"},
                                                  {-0.0, "0"},
                                                  {1e-50, "0"},
                                                  {-1e-50, "0"},
                                                  {16, "16"},
                                                  {1.1, "1.1"},
                                                  {-1.5, "-1.5"},
                                                  {1.0 / 3, "0.333333"},
                                                  {0.00001, "0.00001"},
                                                  {1234567, "1234570"},
                                                  {1000005, "1000000"},
                                                  {1000015, "1000020"},
                                                  {16777217, "16777200"},
                                                  {1e14, "100000000000000"},
                                                  {1e15, "1e15"},
                                                  {1e-15, "0.000000000000001"},
                                                  {1e-16, "1e-16"},
                                                  {1.5e-45, "1.4013e-45"},
                                                  {1e-40, "9.99995e-41"},
                                                  {3.40282e38, "3.40282e38"},
                                                  {-1e308, "-3.40282e38"}};
  for (const auto& [ratio, text] : texts)
    EXPECT_EQ(float_column_text(ratio), text);
}

TEST(ExactRatio, AFloatColumnKeepsWhatSixDigitsCanSay) {
  for (const double ratio : {0.0, 1.0, 16.0, 1.1, 0.333333, 123456.0, 3.40282e38, 1e-16})
    EXPECT_TRUE(float_column_keeps(ratio)) << ratio;
  for (const double ratio : {1.0 / 3, 1.1000001, 1234567.0, 1e-40, 1e-50})
    EXPECT_FALSE(float_column_keeps(ratio)) << ratio;
}

}  // namespace
}  // namespace emplace::store
