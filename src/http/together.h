// AnswersTogether: who answers many requests at once wakes their connections at the end, all at
// once. Otherwise each answer costs a switch of threads, which is most of what a short one costs.
#pragma once

#include <functional>

namespace emplace::http {

// While one lives, answers given on its thread are sent only at its end. One at a time on a thread.
class AnswersTogether {
 public:
  AnswersTogether();
  ~AnswersTogether();
  AnswersTogether(const AnswersTogether&) = delete;
  AnswersTogether& operator=(const AnswersTogether&) = delete;

  // Calls `wake` now, or at the end of the one that lives on this thread.
  static void wake(std::function<void()> wake);
};

}  // namespace emplace::http
