// A store in memory whose failures are injected: one by one, or by chance from a seed. For tests.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <vector>

#include "base/random.h"
#include "store/store.h"

namespace emplace::store {

class SimulatedStore final : public Store {
 public:
  enum class Fault {
    none,
    refused,      // the commit fails, and it is known that nothing happened
    lost,         // the commit fails with an unknown outcome; nothing happened
    answer_lost,  // the commit fails with an unknown outcome; all of it happened
    away          // as `refused`; then loading fails until the next repair()
  };
  // How many of 1000 commits fail in each way, and how many of 1000 loads.
  struct Chances {
    unsigned refused = 0, lost = 0, answer_lost = 0, load_fails = 0;
  };

  explicit SimulatedStore(World world = {}, std::uint64_t seed = 1)
      : random_(seed), world_(world) {}

  World load() override;
  void commit(const std::vector<Step>& steps) override;
  void idle() override;

  // Any thread, from here on.
  void fail_next(Fault fault);
  void set_chances(Chances chances);
  void repair();
  // Called within each commit, before anything happens: may wait, to let commands gather.
  void on_commit(std::function<void()> hook);
  // What is durable.
  World durable() const;
  // The number of steps of each commit that was tried.
  std::vector<std::size_t> commits() const;
  std::size_t idle_count() const;

 private:
  Fault next_fault();

  mutable std::mutex mutex_;
  Random random_;
  World world_;
  std::deque<Fault> faults_;
  Chances chances_;
  bool away_ = false, to_be_loaded_ = true;
  std::function<void()> hook_;
  std::vector<std::size_t> commits_;
  std::size_t idle_count_ = 0;
};

}  // namespace emplace::store
