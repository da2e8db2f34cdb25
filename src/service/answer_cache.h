// Answers of one World, kept until there is a newer one. Any thread.
#pragma once

#include <mutex>
#include <string>
#include <unordered_map>

#include "api/dispatch.h"
#include "store/ledger.h"

namespace emplace::service {

// All the answers that are kept belong to one World; a newer World empties the store.
class Answers {
 public:
  std::shared_ptr<const api::Response> find(const World& world, std::string_view key);
  void keep(const store::WorldPtr& world, std::string key,
            std::shared_ptr<const api::Response> response);

 private:
  static constexpr std::size_t bytes_max = 64 << 20, answers_max = 1024;

  std::mutex mutex_;
  store::WorldPtr world_;
  std::unordered_map<std::string, std::shared_ptr<const api::Response>> answers_;
  std::size_t bytes_ = 0;
};

// The answers as a request on this World sees them.
class AnswersOfWorld final : public api::AnswerCache {
 public:
  AnswersOfWorld(Answers& answers, const store::WorldPtr& world)
      : answers_(answers), world_(world) {}
  std::shared_ptr<const api::Response> find(std::string_view key) override {
    return answers_.find(*world_, key);
  }
  void keep(std::string key, std::shared_ptr<const api::Response> response) override {
    answers_.keep(world_, std::move(key), std::move(response));
  }

 private:
  Answers& answers_;
  const store::WorldPtr& world_;
};

}  // namespace emplace::service
