#include "service/answer_cache.h"

namespace emplace::service {

std::shared_ptr<const api::Response> Answers::find(const World& world, std::string_view key) {
  const std::lock_guard lock(mutex_);
  if (world_.get() != &world) return nullptr;
  const auto found = answers_.find(std::string(key));
  return found == answers_.end() ? nullptr : found->second;
}

void Answers::keep(const store::WorldPtr& world, std::string key,
                   std::shared_ptr<const api::Response> response) {
  // What falls out of the cache is destroyed after the lock is released.
  store::WorldPtr old_world;
  decltype(answers_) old_answers;
  const std::lock_guard lock(mutex_);
  const std::size_t size = key.size() + response->shared_body->size();
  if (world_ != world || bytes_ + size > bytes_max || answers_.size() >= answers_max) {
    old_world = std::exchange(world_, world);
    old_answers.swap(answers_);
    bytes_ = 0;
  }
  if (size > bytes_max) return;
  if (answers_.emplace(std::move(key), std::move(response)).second) bytes_ += size;
}

}  // namespace emplace::service
