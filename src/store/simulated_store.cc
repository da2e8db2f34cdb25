#include "store/simulated_store.h"

#include <utility>

namespace emplace::store {

World SimulatedStore::load() {
  const std::lock_guard lock(mutex_);
  if (away_ || random_.below(1000) < chances_.load_fails) throw StoreError("The store is away.");
  to_be_loaded_ = false;
  return world_;
}

void SimulatedStore::commit(const std::vector<Step>& steps) {
  std::function<void()> hook;
  {
    const std::lock_guard lock(mutex_);
    hook = hook_;
    commits_.push_back(steps.size());
  }
  if (hook) hook();
  const std::lock_guard lock(mutex_);
  if (to_be_loaded_) throw std::logic_error("a commit after a failure, without a load between");
  const Fault fault = next_fault();
  to_be_loaded_ = fault != Fault::none;
  away_ = away_ || fault == Fault::away;
  if (fault == Fault::refused || fault == Fault::away) throw StoreError("The disk is full.");
  if (fault != Fault::lost) {
    for (const auto& step : steps)
      world_ = world_.with(*step.changes);
  }
  if (fault != Fault::none) throw StoreError("The answer to COMMIT was lost.", true);
}

void SimulatedStore::idle() {
  const std::lock_guard lock(mutex_);
  ++idle_count_;
}

SimulatedStore::Fault SimulatedStore::next_fault() {
  if (!faults_.empty()) {
    const Fault fault = faults_.front();
    faults_.pop_front();
    return fault;
  }
  auto roll = random_.below(1000);
  for (const auto& [chance, fault] :
       {std::pair(chances_.refused, Fault::refused), std::pair(chances_.lost, Fault::lost),
        std::pair(chances_.answer_lost, Fault::answer_lost)}) {
    if (roll < chance) return fault;
    roll -= chance;
  }
  return Fault::none;
}

void SimulatedStore::fail_next(Fault fault) {
  const std::lock_guard lock(mutex_);
  faults_.push_back(fault);
}

void SimulatedStore::set_chances(Chances chances) {
  const std::lock_guard lock(mutex_);
  chances_ = chances;
}

void SimulatedStore::repair() {
  const std::lock_guard lock(mutex_);
  away_ = false;
}

void SimulatedStore::on_commit(std::function<void()> hook) {
  const std::lock_guard lock(mutex_);
  hook_ = std::move(hook);
}

World SimulatedStore::durable() const {
  const std::lock_guard lock(mutex_);
  return world_;
}

std::vector<std::size_t> SimulatedStore::commits() const {
  const std::lock_guard lock(mutex_);
  return commits_;
}

std::size_t SimulatedStore::idle_count() const {
  const std::lock_guard lock(mutex_);
  return idle_count_;
}

}  // namespace emplace::store
