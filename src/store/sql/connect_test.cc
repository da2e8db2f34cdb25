#include "store/sql/connect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace emplace::store {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::vector<std::string> warnings(const std::string& url) {
  return warnings_about(parse_database_url(url).value());
}

TEST(Connect, WarnsOfParametersWithoutEffectAndNotOfTheirValues) {
  for (const auto* url : {"mysql://h/d?nonsense=hush&charset=utf8",
                          "postgresql://h/d?nonsense=hush", "sqlite:///d?nonsense=hush"}) {
    EXPECT_THAT(warnings(url), ElementsAre(AllOf(HasSubstr("nonsense"), Not(HasSubstr("hush")))));
  }
  EXPECT_TRUE(warnings("mysql://h/d?charset=utf8").empty());
  EXPECT_TRUE(warnings("postgresql://h/d?sslmode=require").empty());
}

// Nothing listens on port 1, and nothing has to.
TEST(Connect, ToAServerThatIsAwayIsLostAndDoesNotTellThePassword) {
  for (const auto* url : {"mysql://u:hush@127.0.0.1:1/d", "postgresql://u:hush@127.0.0.1:1/d"}) {
    try {
      connect(parse_database_url(url).value(), {});
      ADD_FAILURE() << url;
    } catch (const SqlError& error) {
      EXPECT_EQ(error.fault, SqlFault::lost) << error.what();
      EXPECT_THAT(error.what(), AllOf(HasSubstr("127.0.0.1:1"), Not(HasSubstr("hush"))));
    }
  }
}

}  // namespace
}  // namespace emplace::store
