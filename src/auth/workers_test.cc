#include "auth/workers.h"

#include <atomic>
#include <future>
#include <memory>

#include <gtest/gtest.h>

namespace emplace::auth {
namespace {

TEST(Workers, DoWhatTheyAreGiven) {
  std::promise<int> first, second;  // live until the workers have ended
  Workers workers(2);
  workers.run([&first] { first.set_value(1); });
  workers.run([&second] { second.set_value(2); });
  EXPECT_EQ(first.get_future().get(), 1);
  EXPECT_EQ(second.get_future().get(), 2);
}

TEST(Workers, DoNotWaitForOneAnother) {
  std::promise<void> release, held, other;
  Workers workers(2);
  workers.run([&] {
    held.set_value();
    release.get_future().wait();
  });
  held.get_future().wait();
  workers.run([&other] { other.set_value(); });
  other.get_future().wait();
  release.set_value();
}

TEST(Workers, EndWhatIsUnderWayAndDropTheRest) {
  std::atomic<int> done = 0;
  std::promise<void> held;
  auto waiting = std::make_shared<int>();
  Workers workers(1);
  workers.run([&, dropped = std::weak_ptr<int>(waiting)] {
    held.set_value();
    while (!dropped.expired())
      std::this_thread::yield();
    ++done;
  });
  held.get_future().wait();
  workers.run([&done, token = std::move(waiting)] { done += 10; });
  workers.stop();
  workers.run([&done] { done += 100; });
  EXPECT_EQ(done, 1);
}

}  // namespace
}  // namespace emplace::auth
