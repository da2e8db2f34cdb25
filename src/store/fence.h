// Fence: what reads on a shared database pass, so that they see all that any process had
// acknowledged before they came. One question to the database serves all who wait.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "store/store.h"

namespace emplace::store {

class Fence {
 public:
  // Called with a World as new as the call of pass(), or unavailable. On the Fence's thread, which
  // it must not keep.
  using Reader = std::function<void(Result<WorldPtr>)>;
  struct Options {
    // Gets the newest World, or throws StoreError. On the Fence's thread.
    std::function<WorldPtr()> catch_up;
    std::function<void(const std::string&)> report = {};  // a sentence for the log
    // How often to catch up when nobody reads, so that the next one who does need not wait long.
    std::chrono::milliseconds idle_interval{1000};
  };

  explicit Fence(Options options);
  // Who still waits is answered first.
  ~Fence();
  Fence(const Fence&) = delete;
  Fence& operator=(const Fence&) = delete;

  // Any thread.
  void pass(Reader reader);
  // Whether the database answered last time. Any thread.
  bool healthy() const;

 private:
  void run();
  Result<WorldPtr> ask();

  const Options options_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Reader> waiting_;
  bool healthy_ = true;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace emplace::store
