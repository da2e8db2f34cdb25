#include "http/together.h"

#include <utility>
#include <vector>

namespace emplace::http {
namespace {

struct Held {
  bool holding = false;
  std::vector<std::function<void()>> wakes;
};
thread_local Held held;

}  // namespace

AnswersTogether::AnswersTogether() {
  held.holding = true;
}

AnswersTogether::~AnswersTogether() {
  held.holding = false;
  for (const auto& wake : held.wakes)
    wake();
  held.wakes.clear();
}

void AnswersTogether::wake(std::function<void()> wake) {
  if (held.holding) {
    held.wakes.push_back(std::move(wake));
  } else {
    wake();
  }
}

}  // namespace emplace::http
