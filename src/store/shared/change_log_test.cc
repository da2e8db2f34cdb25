#include "store/shared/change_log.h"

#include <memory>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "store/sql/kept_rows.h"

namespace emplace::store {
namespace {

// What a server answers to missed_since(): the clock, and rows of the log.
std::vector<SqlResult> answers(const std::string& clock,
                               const std::vector<std::pair<std::string, std::string>>& log) {
  std::vector<SqlResult> results(3);
  results[0].data = std::make_unique<KeptRows>(std::vector<KeptRows::Row>{{clock}});
  // results[1] is that of a statement without rows, as PostgreSQL has one between.
  std::vector<KeptRows::Row> rows;
  for (const auto& [tick, touched] : log)
    rows.push_back({tick, touched});
  results[2].data = std::make_unique<KeptRows>(std::move(rows));
  return results;
}

TEST(ChangeLog, TellsWhatWasTouchedSince) {
  const auto missed = read_missed(answers("7", {{"6", "P1 Cabc"}, {"7", "P2"}}), 5);
  EXPECT_EQ(missed.tick, 7);
  EXPECT_FALSE(missed.incomplete);
  EXPECT_EQ(missed.touched.text(), "P1 P2 Cabc");
}

TEST(ChangeLog, TellsNothingIfNothingHappened) {
  const auto missed = read_missed(answers("5", {}), 5);
  EXPECT_EQ(missed.tick, 5);
  EXPECT_FALSE(missed.incomplete);
  EXPECT_TRUE(missed.touched.empty());
}

TEST(ChangeLog, LeavesOutWhatIsKnownByNowAndWhatComesAfterTheClock) {
  const auto missed = read_missed(answers("7", {{"6", "P1"}, {"7", "P2"}, {"8", "P3"}}), 6);
  EXPECT_FALSE(missed.incomplete);
  EXPECT_EQ(missed.touched.text(), "P2");
}

TEST(ChangeLog, KnowsWhenItDoesNotTellAll) {
  EXPECT_TRUE(read_missed(answers("8", {{"7", "P1"}, {"8", "P2"}}), 5).incomplete) << "pruned";
  EXPECT_TRUE(read_missed(answers("8", {{"6", "P1"}, {"8", "P2"}}), 5).incomplete) << "a gap";
  EXPECT_TRUE(read_missed(answers("8", {{"6", "P1"}, {"7", "P2"}}), 5).incomplete) << "an end";
  EXPECT_TRUE(read_missed(answers("6", {{"6", "P1 ?"}}), 5).incomplete) << "an unknown word";
  EXPECT_TRUE(read_missed(answers("6", {{"6", "*"}}), 5).incomplete) << "everything";
  EXPECT_TRUE(read_missed(answers("4", {}), 5).incomplete) << "set back";
}

TEST(ChangeLog, NeedsAClock) {
  std::vector<SqlResult> results(2);
  results[0].data = std::make_unique<KeptRows>(std::vector<KeptRows::Row>{});
  results[1].data = std::make_unique<KeptRows>(std::vector<KeptRows::Row>{});
  EXPECT_THROW(read_missed(results, 0), StoreError);
}

}  // namespace
}  // namespace emplace::store
