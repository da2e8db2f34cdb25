// Coroutines of a connection: Task is awaited by another one, Detached is the outermost. They are
// thinner than asio::awaitable, which takes its operations through a stack and an executor.
#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <utility>

#include <boost/system/error_code.hpp>

namespace emplace::http {

// Starts when awaited. One thread only: that of the connection's event loop.
class [[nodiscard]] Task {
 public:
  struct promise_type {
    std::coroutine_handle<> awaiter;
    std::exception_ptr exception;

    Task get_return_object() {
      return Task(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    struct Resume {
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> done) noexcept {
        return done.promise().awaiter;
      }
      void await_resume() noexcept {}
    };
    Resume final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { exception = std::current_exception(); }
  };

  Task(Task&& other) noexcept : coroutine_(std::exchange(other.coroutine_, nullptr)) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (coroutine_) coroutine_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiter) noexcept {
    coroutine_.promise().awaiter = awaiter;
    return coroutine_;
  }
  void await_resume() {
    if (coroutine_.promise().exception) std::rethrow_exception(coroutine_.promise().exception);
  }

 private:
  explicit Task(std::coroutine_handle<promise_type> coroutine) : coroutine_(coroutine) {}
  std::coroutine_handle<promise_type> coroutine_;
};

// Starts at once and frees itself at its end. Must not throw. Who keeps the handle may destroy it
// while it is suspended.
struct Detached {
  struct promise_type {
    Detached get_return_object() {
      return {std::coroutine_handle<promise_type>::from_promise(*this)};
    }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
  std::coroutine_handle<> handle;
};

struct IoResult {
  boost::system::error_code error;
  std::size_t bytes = 0;
};

// Awaits one operation of Asio. `start` gets the completion handler, which takes an error and, for
// reads and writes, a count; the handler must be called from the event loop, never from `start`.
template <class Start>
class [[nodiscard]] Io {
 public:
  explicit Io(Start start) : start_(std::move(start)) {}
  Io(const Io&) = delete;
  Io& operator=(const Io&) = delete;

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> coroutine) {
    start_([this, coroutine](boost::system::error_code error, std::size_t bytes = 0) {
      result_ = {error, bytes};
      coroutine.resume();
    });
  }
  IoResult await_resume() const noexcept { return result_; }

 private:
  Start start_;
  IoResult result_;
};

}  // namespace emplace::http
