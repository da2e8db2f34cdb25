// One request and its answer, shared by a connection and by whoever is to answer. So the bytes of
// the request outlive the connection and the server, if the answer is late.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "http/input.h"
#include "http/message.h"

namespace emplace::http {

class Exchange {
 public:
  // Read by whoever answers; written only by the connection, before it asks.
  Request request;
  Input input;         // holds the head, and the body if it fits
  std::string body;    // a body that did not fit
  std::string target;  // one that had to be composed

  using Task = std::function<void()>;

  Exchange() {
    request.run_on_its_thread = [this](Task task) { run_on_its_thread(std::move(task)); };
  }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // The connection asks. `post` runs a task on its thread, and is called only while the answer is
  // awaited; `wake` is posted at most once, unless the answer is given while the asking thread is
  // still in its handler.
  void open(std::function<void(Task)> post, Task wake) {
    const std::lock_guard lock(mutex_);
    state_ = State::awaited;
    asking_ = std::this_thread::get_id();
    post_ = std::move(post);
    wake_ = std::move(wake);
  }
  // Whether the answer came on the asking thread, so that `wake` is not to be waited for. From now
  // on it is called for every answer.
  bool answered_at_once() {
    const std::lock_guard lock(mutex_);
    asking_ = {};
    return state_ == State::answered_at_once;
  }
  // From any thread; only the first one counts.
  void answer(Response response) { settle(std::move(response)); }
  // The same, by one who has no answer.
  void give_up() { settle(std::nullopt); }
  // Later answers are dropped and nobody is woken. Whether an answer was still awaited.
  bool close() {
    const std::lock_guard lock(mutex_);
    const bool awaited = state_ == State::awaited;
    state_ = State::closed;
    return awaited;
  }
  // Nothing if it was given up. Requires: answered.
  std::optional<Response> take_response() {
    const std::lock_guard lock(mutex_);
    state_ = State::closed;
    return std::exchange(response_, std::nullopt);
  }

 private:
  enum class State { closed, awaited, answered_at_once, answered };

  void run_on_its_thread(Task task) {
    {
      const std::lock_guard lock(mutex_);
      if (state_ == State::awaited) return post_(std::move(task));
    }
    task();
  }

  void settle(std::optional<Response> response) {
    const std::lock_guard lock(mutex_);
    if (state_ != State::awaited) return;
    response_ = std::move(response);
    if (asking_ == std::this_thread::get_id()) {
      state_ = State::answered_at_once;
    } else {
      state_ = State::answered;
      post_(wake_);
    }
  }

  std::mutex mutex_;
  State state_ = State::closed;
  std::thread::id asking_;
  std::function<void(Task)> post_;
  Task wake_;
  std::optional<Response> response_;
};

}  // namespace emplace::http
