// Several Ledgers on one shared database, here a simulated one: one order of writes, reads as new
// as all that was acknowledged, and a fate for each batch that could not be stored.
#include <atomic>
#include <future>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "model/world_text.h"
#include "store/ledger.h"

namespace emplace::store {
namespace {

using testing::HasSubstr;

// What all stores below share.
struct Database {
  std::mutex clock_lock;  // held from enter() to commit() or leave()
  std::mutex mutex;       // guards the rest
  World world;
  Tick tick = 0;
  bool away = false;
  unsigned conflicts = 0;          // of 1000 commits
  unsigned conflicts_to_come = 0;  // the next commits
  std::string refused = {};        // a provider's name that is never taken
  Random random{1};
};

class SharedSimulation final : public Store {
 public:
  explicit SharedSimulation(Database& database) : database_(database) {}

  World load() override {
    const std::lock_guard lock(database_.mutex);
    tick_ = database_.tick;
    return database_.world;
  }
  bool shared() const override { return true; }
  void enter() override {
    {
      const std::lock_guard lock(database_.mutex);
      if (database_.away) throw StoreError("The database is away.");
    }
    entered_ = std::unique_lock(database_.clock_lock);
  }
  WorldPtr begin(const WorldPtr& newest) override { return brought_up(newest); }
  void leave() noexcept override {
    if (entered_) entered_.unlock();
  }
  void commit(const std::vector<Step>& steps) override {
    {
      const std::lock_guard lock(database_.mutex);
      if (database_.away) throw StoreError("The database went away.");
      if (database_.random.below(1000) < database_.conflicts || database_.conflicts_to_come > 0) {
        if (database_.conflicts_to_come > 0) --database_.conflicts_to_come;
        throw StoreConflict("Deadlock.");
      }
      const auto& after = *steps.back().after;
      if (!database_.refused.empty() && after.find_provider_by_name(database_.refused)) {
        throw StoreRefusal("Duplicate entry.");
      }
      EXPECT_EQ(steps.front().before->version(), database_.world.version()) << "a lost update";
      database_.world = after;
      tick_ = ++database_.tick;
    }
    leave();
  }
  Tick tick() const override { return tick_; }
  Tick newest_tick() override {
    const std::lock_guard lock(database_.mutex);
    if (database_.away) throw StoreError("The database is away.");
    return database_.tick;
  }
  WorldPtr catch_up(const WorldPtr& newest) override { return brought_up(newest); }

 private:
  WorldPtr brought_up(const WorldPtr& newest) {
    const std::lock_guard lock(database_.mutex);
    if (database_.tick == tick_) return newest;
    tick_ = database_.tick;
    return std::make_shared<const World>(database_.world);
  }

  Database& database_;
  std::unique_lock<std::mutex> entered_;
  std::atomic<Tick> tick_ = 0;
};

class SharedLedgerTest : public testing::Test {
 protected:
  struct Process {
    explicit Process(SharedLedgerTest& test)
        : store(test.database_), ledger(store, test.clock_, test.options()) {}
    SharedSimulation store;
    Ledger ledger;

    Result<WorldPtr> write(std::function<Result<ChangeSet>(const World&, Time)> plan) {
      std::promise<Result<WorldPtr>> promise;
      ledger.submit({.plan = std::move(plan), .done = [&](Result<WorldPtr> result) {
                       promise.set_value(std::move(result));
                     }});
      return promise.get_future().get();
    }
    Result<WorldPtr> create(const std::string& name) {
      return write([name](const World& tip, Time now) -> Result<ChangeSet> {
        if (tip.find_provider_by_name(name)) return fail(Reason::duplicate_name, name);
        return ChangeSet{.at = now, .changes = {CreateProvider{uuid_of(name), name, {}}}};
      });
    }
    Result<WorldPtr> read() {
      std::promise<Result<WorldPtr>> promise;
      ledger.read([&](Result<WorldPtr> world) { promise.set_value(std::move(world)); });
      return promise.get_future().get();
    }
    bool sees(const std::string& name) {
      const auto world = read();
      return world && (*world)->find_provider_by_name(name).has_value();
    }
  };

  LedgerOptions options() {
    LedgerOptions options;
    options.retry_interval = std::chrono::milliseconds(20);
    options.conflicts_max = std::chrono::milliseconds(300);
    options.report = [this](const std::string& sentence) {
      const std::lock_guard lock(mutex_);
      reports_ += sentence + "\n";
    };
    return options;
  }
  void set_away(bool away) {
    const std::lock_guard lock(database_.mutex);
    database_.away = away;
  }

  std::mutex mutex_;
  std::string reports_;
  SystemClock clock_;
  Database database_;
};

TEST_F(SharedLedgerTest, WhatOneProcessAcknowledgedTheOtherShowsAndPlansOn) {
  Process first(*this), second(*this);
  ASSERT_TRUE(first.create("cn1"));
  EXPECT_TRUE(second.sees("cn1"));
  const auto again = second.create("cn1");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().reason, Reason::duplicate_name);
  ASSERT_TRUE(second.create("cn2"));
  EXPECT_TRUE(first.sees("cn2"));
}

TEST_F(SharedLedgerTest, ManyProcessesCountTogetherWithoutALostUpdate) {
  constexpr int processes = 3, threads = 3, rounds = 60;
  database_.world = parse_world("cn1 VCPU=8");
  database_.conflicts = 100;
  std::vector<std::unique_ptr<Process>> all;
  for (int i = 0; i < processes; ++i)
    all.push_back(std::make_unique<Process>(*this));
  const auto cn1 = uuid_of("cn1");
  const auto generation = [cn1](const World& world) {
    return (*world.find_provider(cn1))->generation;
  };
  const auto start = generation(database_.world);
  std::vector<std::thread> writers;
  for (auto& process : all) {
    for (int i = 0; i < threads; ++i) {
      writers.emplace_back([&process, &generation, cn1] {
        for (int round = 0; round < rounds; ++round) {
          const auto done = process->write([&](const World& tip, Time now) -> Result<ChangeSet> {
            const auto now_at = generation(tip);
            return ChangeSet{.at = now, .changes = {SetGeneration{cn1, now_at, now_at + 1}}};
          });
          ASSERT_TRUE(done);
          const auto read = process->read();
          ASSERT_TRUE(read);
          EXPECT_GE(generation(**read), generation(**done)) << "a read older than an answer";
        }
      });
    }
  }
  for (auto& writer : writers)
    writer.join();
  EXPECT_EQ(generation(database_.world), start + processes * threads * rounds);
  for (auto& process : all)
    EXPECT_EQ(generation(**process->read()), start + processes * threads * rounds);
}

TEST_F(SharedLedgerTest, ConflictsThatGoOnForTooLongAreUnavailableAndNothingIsStored) {
  Process process(*this);
  database_.conflicts_to_come = 1'000'000;
  const auto result = process.create("cn1");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().reason, Reason::unavailable);
  {
    const std::lock_guard lock(database_.mutex);
    database_.conflicts_to_come = 0;
  }
  EXPECT_FALSE(process.sees("cn1"));
  EXPECT_TRUE(process.create("cn1"));
}

TEST_F(SharedLedgerTest, WhatTheDatabaseRefusesFailsAlone) {
  Process process(*this);
  database_.refused = "cn2";
  std::vector<std::future<Result<WorldPtr>>> results;
  for (const auto* name : {"cn1", "cn2", "cn3"}) {
    results.push_back(
        std::async(std::launch::async, [&process, name] { return process.create(name); }));
  }
  EXPECT_TRUE(results[0].get());
  const auto refused = results[1].get();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, Reason::conflict);
  EXPECT_THAT(refused.error().detail, HasSubstr("does not take this"));
  EXPECT_TRUE(results[2].get());
  EXPECT_FALSE(process.sees("cn2"));
}

TEST_F(SharedLedgerTest, WhileTheDatabaseIsAwayAllIsUnavailableAndThenItComesBackByItself) {
  Process process(*this);
  ASSERT_TRUE(process.create("cn1"));
  set_away(true);
  const auto write = process.create("cn2");
  ASSERT_FALSE(write);
  EXPECT_EQ(write.error().reason, Reason::unavailable);
  const auto read = process.read();
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().reason, Reason::unavailable);
  EXPECT_FALSE(process.ledger.healthy());
  set_away(false);
  while (!process.ledger.healthy())
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_TRUE(process.sees("cn1"));
  EXPECT_TRUE(process.create("cn2"));
}

}  // namespace
}  // namespace emplace::store
