// The shared store on a real server, where its session and others' meet.
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "store/administration.h"
#include "store/server_testing.h"
#include "store/shared/change_log.h"
#include "store/shared/shared_store.h"

namespace emplace::store {
namespace {

class SharedStoreTest : public testing::Test {
 protected:
  SharedStoreTest() {
    administer(test_database(), {})->sync({});
    shell_ = connect_to_test_database();
    store_ = open_shared({.url = test_database()});
    world_ = std::make_shared<const World>(store_->load());
  }
  ~SharedStoreTest() override { shell_->run_one({"DELETE FROM resource_providers"}); }

  void create_host(const std::string& name) {
    shell_->run_one({"INSERT INTO resource_providers (uuid, name, generation) VALUES (?, ?, 0)",
                     {"e4c41a2e-5b06-4d13-8bcb-ea9d5c1b2f65", name}});
  }

  std::unique_ptr<SqlConnection> shell_;
  std::unique_ptr<Store> store_;
  WorldPtr world_;
};

TEST_F(SharedStoreTest, WhatWasLoadedForABatchThatThenFailsIsLoadedAgain) {
  create_host("cn1");
  // To the store a gap, so that it loads all anew.
  shell_->run_one({"DELETE FROM emplace_changes"});
  store_->enter();
  // Somebody else is next in the line, and keeps the clock for longer than the store waits.
  std::promise<void> enough;
  const auto other = connect_to_test_database({.autocommit = false});
  auto keeps = std::async(std::launch::async, [&] {
    other->run(begin_writing(other->engine()));
    other->run_one(lock_clock(other->engine()));
    enough.get_future().wait();
    other->run_one({"ROLLBACK"});
  });
  std::this_thread::sleep_for(std::chrono::seconds(1));
  EXPECT_THROW(store_->begin(world_), StoreConflict);
  store_->leave();
  enough.set_value();
  keeps.get();

  store_->enter();
  const auto begun = store_->begin(world_);
  EXPECT_TRUE(begun->find_provider_by_name("cn1"));
  store_->leave();
}

}  // namespace
}  // namespace emplace::store
