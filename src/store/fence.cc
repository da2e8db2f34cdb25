#include "store/fence.h"

#include <exception>
#include <utility>

namespace emplace::store {

Fence::Fence(Options options) : options_(std::move(options)) {
  thread_ = std::thread([this] { run(); });
}

Fence::~Fence() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Fence::pass(Reader reader) {
  const std::lock_guard lock(mutex_);
  waiting_.push_back(std::move(reader));
  if (waiting_.size() == 1) wake_.notify_one();
}

bool Fence::healthy() const {
  const std::lock_guard lock(mutex_);
  return healthy_;
}

void Fence::run() {
  std::vector<Reader> readers;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, options_.idle_interval,
                     [this] { return !waiting_.empty() || stopping_; });
      if (stopping_ && waiting_.empty()) return;
      readers.swap(waiting_);
    }
    // Whoever comes from now on waits for the next question: this one may be too old for them.
    const auto world = ask();
    for (const auto& reader : readers) {
      try {
        reader(world);
      } catch (const std::exception& error) {
        if (options_.report)
          options_.report(std::string("Answering a read failed: ") + error.what());
      }
    }
    readers.clear();
  }
}

Result<WorldPtr> Fence::ask() {
  std::string fault;
  WorldPtr world;
  try {
    world = options_.catch_up();
  } catch (const std::exception& error) {
    fault = error.what();
  }
  const bool well = world != nullptr;
  bool was_well = false;
  {
    const std::lock_guard lock(mutex_);
    was_well = std::exchange(healthy_, well);
  }
  if (well != was_well && options_.report) {
    options_.report(well ? "The database answers reads again."
                         : "The database does not answer reads: " + fault);
  }
  if (well) return world;
  return fail(Reason::unavailable, "The database is not available; try again.");
}

}  // namespace emplace::store
