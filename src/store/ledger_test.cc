#include "store/ledger.h"

#include <atomic>
#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/world_text.h"
#include "store/outcome.h"
#include "store/simulated_store.h"
#include "store/testing.h"

namespace emplace::store {
namespace {

using Fault = SimulatedStore::Fault;
using testing::ElementsAre;
using testing::HasSubstr;

class FixedClock final : public Clock {
 public:
  Time now() const override { return Time(std::chrono::seconds(seconds)); }
  std::atomic<std::int64_t> seconds = 1'700'000'000;
};

// A door that commits wait at while it is shut; so commands gather behind a batch.
class Door {
 public:
  void pass() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  void wait_until_someone_waits() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_ > 0; });
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int waiting_ = 0;
  bool open_ = false;
};

class LedgerTest : public testing::Test {
 protected:
  void start(LedgerOptions options = {}) {
    options.report = [this](const std::string& sentence) {
      const std::lock_guard lock(mutex_);
      reports_ += sentence + "\n";
    };
    ledger_.emplace(store_, clock_, std::move(options));
  }

  std::future<Result<WorldPtr>> submit(std::function<Result<ChangeSet>(const World&, Time)> plan) {
    auto promise = std::make_shared<std::promise<Result<WorldPtr>>>();
    auto future = promise->get_future();
    ledger_->submit({.plan = std::move(plan), .done = [this, promise](Result<WorldPtr> result) {
                       {
                         const std::lock_guard lock(mutex_);
                         ++answers_;
                       }
                       promise->set_value(std::move(result));
                     }});
    return future;
  }

  // Creates a provider; fails if there is one of that name.
  std::future<Result<WorldPtr>> create(std::string name) {
    return submit([name](const World& tip, Time now) -> Result<ChangeSet> {
      if (tip.find_provider_by_name(name)) return fail(Reason::duplicate_name, name);
      return ChangeSet{.at = now, .changes = {CreateProvider{uuid_of(name), name, {}}}};
    });
  }

  int answers() const {
    const std::lock_guard lock(mutex_);
    return answers_;
  }
  std::string reports() const {
    const std::lock_guard lock(mutex_);
    return reports_;
  }

  mutable std::mutex mutex_;
  std::string reports_;
  int answers_ = 0;
  SimulatedStore store_;
  FixedClock clock_;
  std::optional<Ledger> ledger_;  // last: it ends before what it uses
};

bool holds(const WorldPtr& world, std::string_view name) {
  return world->find_provider_by_name(name).has_value();
}

Reason reason_of(std::future<Result<WorldPtr>> future) {
  const auto result = future.get();
  return result ? Reason::internal : result.error().reason;
}

TEST_F(LedgerTest, AnswersWithTheWorldRightAfterTheCommand) {
  start();
  const auto first = create("a").get();
  ASSERT_TRUE(first);
  EXPECT_TRUE(holds(*first, "a"));
  EXPECT_EQ((*ledger_->world()->find_provider_by_name("a"))->updated_at, clock_.now());
  EXPECT_TRUE(holds(std::make_shared<const World>(store_.durable()), "a"));
}

TEST_F(LedgerTest, TimesDoNotRunBackwardsWithTheClock) {
  start();
  const Time loaded = clock_.now();
  EXPECT_EQ(ledger_->world()->times().taken, loaded);
  clock_.seconds += 100;
  const Time first = clock_.now();
  ASSERT_TRUE(create("a").get());
  clock_.seconds -= 500;
  ASSERT_TRUE(create("b").get());
  EXPECT_EQ((*ledger_->world()->find_provider_by_name("b"))->updated_at, first);
  EXPECT_EQ(ledger_->world()->times().changed, first);
  clock_.seconds += 1000;
  ASSERT_TRUE(create("c").get());
  EXPECT_EQ((*ledger_->world()->find_provider_by_name("c"))->updated_at, clock_.now());
}

TEST_F(LedgerTest, WhatGathersDuringACommitIsOneBatchInOrder) {
  Door door;
  store_.on_commit([&] { door.pass(); });
  start();
  auto first = create("first");
  door.wait_until_someone_waits();
  auto a = create("a"), b = create("b"), again = create("a");
  door.open();
  ASSERT_TRUE(first.get());
  const auto after_a = a.get(), after_b = b.get();
  ASSERT_TRUE(after_a);
  ASSERT_TRUE(after_b);
  EXPECT_FALSE(holds(*after_a, "b"));
  EXPECT_TRUE(holds(*after_b, "a"));
  EXPECT_EQ(reason_of(std::move(again)), Reason::duplicate_name);
  EXPECT_THAT(store_.commits(), ElementsAre(1u, 2u));
}

TEST_F(LedgerTest, NothingIsAnsweredOrSeenBeforeItIsDurable) {
  Door door;
  store_.on_commit([&] { door.pass(); });
  start();
  auto a = create("a");
  door.wait_until_someone_waits();
  EXPECT_EQ(answers(), 0);
  EXPECT_FALSE(holds(ledger_->world(), "a"));
  door.open();
  ASSERT_TRUE(a.get());
  EXPECT_TRUE(holds(ledger_->world(), "a"));
}

TEST_F(LedgerTest, ABatchIsBounded) {
  Door door;
  store_.on_commit([&] { door.pass(); });
  start({.batch_max = 2});
  std::vector<std::future<Result<WorldPtr>>> all;
  all.push_back(create("first"));
  door.wait_until_someone_waits();
  for (const auto* name : {"a", "b", "c", "d", "e"})
    all.push_back(create(name));
  door.open();
  for (auto& each : all)
    EXPECT_TRUE(each.get());
  EXPECT_THAT(store_.commits(), ElementsAre(1u, 2u, 2u, 1u));
}

TEST_F(LedgerTest, AFullQueueRefusesAtOnce) {
  Door door;
  store_.on_commit([&] { door.pass(); });
  start({.queue_max = 1});
  auto first = create("first");
  door.wait_until_someone_waits();
  auto waits = create("waits"), refused = create("refused");
  EXPECT_EQ(reason_of(std::move(refused)), Reason::overloaded);
  door.open();
  EXPECT_TRUE(first.get());
  EXPECT_TRUE(waits.get());
}

TEST_F(LedgerTest, WhatChangesNothingNeedsNoCommit) {
  start();
  const auto result = submit([](const World&, Time) { return Result<ChangeSet>(ChangeSet{}); });
  EXPECT_EQ(reason_of(submit([](const World&, Time) -> Result<ChangeSet> {
              return fail(Reason::conflict, "no room");
            })),
            Reason::conflict);
  EXPECT_THAT(store_.commits(), ElementsAre());
}

TEST_F(LedgerTest, APlanThatThrowsFailsAlone) {
  start();
  EXPECT_EQ(reason_of(submit([](const World&, Time) -> Result<ChangeSet> {
              throw std::runtime_error("a bug");
            })),
            Reason::internal);
  EXPECT_THAT(reports(), HasSubstr("a bug"));
  EXPECT_TRUE(create("a").get());
}

TEST_F(LedgerTest, ARefusedBatchIsUnavailableAndLeavesNothing) {
  start();
  store_.fail_next(Fault::refused);
  EXPECT_EQ(reason_of(create("a")), Reason::unavailable);
  EXPECT_THAT(reports(), HasSubstr("The disk is full."));
  const auto b = create("b").get();
  ASSERT_TRUE(b);
  EXPECT_FALSE(holds(*b, "a"));
  EXPECT_TRUE(ledger_->healthy());
}

TEST_F(LedgerTest, AFailureThatRestsOnLostChangesIsNotToldAsATruth) {
  Door door;
  store_.on_commit([&] { door.pass(); });
  start();
  auto first = create("first");
  door.wait_until_someone_waits();
  auto known = create("first"), a = create("a"), again = create("a");
  store_.fail_next(Fault::none);
  store_.fail_next(Fault::refused);
  door.open();
  EXPECT_TRUE(first.get());
  EXPECT_EQ(reason_of(std::move(known)), Reason::duplicate_name);
  EXPECT_EQ(reason_of(std::move(a)), Reason::unavailable);
  EXPECT_EQ(reason_of(std::move(again)), Reason::unavailable);
}

TEST_F(LedgerTest, AfterALostAnswerTheTruthIsReadBack) {
  start();
  store_.fail_next(Fault::answer_lost);
  const auto a = create("a").get();
  ASSERT_TRUE(a);
  EXPECT_TRUE(holds(*a, "a"));
  EXPECT_TRUE(holds(ledger_->world(), "a"));
  store_.fail_next(Fault::lost);
  EXPECT_EQ(reason_of(create("b")), Reason::unavailable);
  EXPECT_FALSE(holds(ledger_->world(), "b"));
}

TEST_F(LedgerTest, WhatMayOrMayNotBeStoredIsToldAsSuch) {
  start({.retry_interval = std::chrono::hours(1)});
  store_.fail_next(Fault::answer_lost);
  store_.set_chances({.load_fails = 1000});
  EXPECT_EQ(reason_of(create("a")), Reason::perhaps_done);
  EXPECT_EQ(reason_of(create("b")), Reason::unavailable);
}

TEST_F(LedgerTest, TellsWhatTheStoreSaidWhenItFailedLast) {
  start();
  EXPECT_EQ(ledger_->last_fault(), "");
  store_.fail_next(Fault::refused);
  EXPECT_EQ(reason_of(create("a")), Reason::unavailable);
  EXPECT_EQ(ledger_->last_fault(), "The disk is full.");
}

TEST_F(LedgerTest, ReportsEachBatchThatHadSomethingToStore) {
  std::mutex mutex;
  std::vector<std::pair<std::size_t, bool>> reports;
  start({.observe = [&](const CommitReport& report) {
    const std::lock_guard lock(mutex);
    reports.emplace_back(report.writes, report.stored);
  }});
  ASSERT_TRUE(create("a").get());
  EXPECT_EQ(reason_of(create("a")), Reason::duplicate_name);
  store_.fail_next(Fault::refused);
  EXPECT_EQ(reason_of(create("b")), Reason::unavailable);
  const std::lock_guard lock(mutex);
  EXPECT_THAT(reports, ElementsAre(std::pair(1u, true), std::pair(1u, false)));
}

TEST_F(LedgerTest, WhileTheStoreIsAwayCommandsAreRefusedAndReadsGoOn) {
  start({.retry_interval = std::chrono::hours(1)});
  ASSERT_TRUE(create("a").get());
  store_.fail_next(Fault::away);
  EXPECT_EQ(reason_of(create("b")), Reason::unavailable);
  EXPECT_EQ(reason_of(create("c")), Reason::unavailable);
  EXPECT_FALSE(ledger_->healthy());
  EXPECT_TRUE(holds(ledger_->world(), "a"));
  EXPECT_THAT(store_.commits(), ElementsAre(1u, 1u));
}

TEST_F(LedgerTest, AStoreThatComesBackIsUsedAgain) {
  start({.retry_interval = std::chrono::milliseconds(0)});
  store_.fail_next(Fault::away);
  EXPECT_EQ(reason_of(create("a")), Reason::unavailable);
  store_.repair();
  EXPECT_TRUE(create("b").get());
  EXPECT_TRUE(ledger_->healthy());
}

TEST_F(LedgerTest, FinishesWhatWaitsBeforeItEnds) {
  Door door;
  store_.on_commit([&] { door.pass(); });
  start();
  auto first = create("first");
  door.wait_until_someone_waits();
  auto last = create("last");
  std::thread ending([this] { ledger_.reset(); });
  door.open();
  ending.join();
  EXPECT_TRUE(first.get());
  EXPECT_TRUE(last.get());
}

TEST(Outcome, IsJudgedByWhatWorldsSay) {
  const World before = parse_world("cn1 VCPU=8");
  const World other_ids = parse_world("cn1 MEMORY_MB=1 VCPU=8");
  const ChangeSet changes{.changes = {SetGeneration{uuid_of("cn1"), 0, 1}}};
  const World after = before.with(changes);
  EXPECT_EQ(judge_outcome({&changes}, before, after, after), Outcome::committed);
  EXPECT_EQ(judge_outcome({&changes}, before, after, parse_world("cn1 VCPU=8")), Outcome::absent);
  EXPECT_EQ(judge_outcome({&changes}, before, after, other_ids), Outcome::unclear);
  const ChangeSet more{.changes = {CreateTrait{"CUSTOM_A"}, CreateClass{"CUSTOM_B"}}};
  EXPECT_EQ(judge_outcome({&more}, before, before.with(more), before), Outcome::absent);
  EXPECT_EQ(judge_outcome({&changes, &more}, before, after.with(more), after), Outcome::unclear);
  const ChangeSet given{.changes = {SetOwner{uuid_of("cn1"), CreatedBy{"p", "u"}}}};
  EXPECT_EQ(judge_outcome({&given}, before, before.with(given), before), Outcome::absent);
  EXPECT_EQ(
      judge_outcome({&given}, before, before.with(given), parse_world("cn1 VCPU=8 owner:p/u")),
      Outcome::committed);
  EXPECT_EQ(
      judge_outcome({&given}, before, before.with(given), parse_world("cn1 VCPU=8 owner:p/v")),
      Outcome::unclear);
}

}  // namespace
}  // namespace emplace::store
