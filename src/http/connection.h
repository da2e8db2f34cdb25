// Connection: one client's requests, one after the other. Owned by its Loop, on whose thread all
// of it runs except Exchange.
#pragma once

#include <array>
#include <chrono>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/buffer.hpp>
#include <tl/expected.hpp>

#include "http/answer.h"
#include "http/exchange.h"
#include "http/head.h"
#include "http/limits.h"
#include "http/loop.h"
#include "http/task.h"

namespace emplace::http {

// What does not depend on the kind of stream: time-outs, and turning bytes into requests.
class Connection {
 public:
  Connection(Loop& loop, Admissions::Ticket ticket, bool secure);
  virtual ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Serves until the end; then the loop is told to erase the connection, maybe at once.
  void start();
  // The loop's clock moved on.
  void sweep(std::uint64_t sweeps);
  // The server stops: ends if no request is under way.
  void drain();
  // The time to drain is over.
  void abort();

  std::list<std::unique_ptr<Connection>>::iterator place;  // in the loop's list

 protected:
  enum class Phase { handshake, fresh, idle, head, body, handling, writing, lingering };

  virtual Task serve() = 0;
  virtual void cancel_reading() = 0;
  virtual void close_socket() = 0;

  void enter(Phase phase, std::chrono::seconds time_allowed);

  // Reads a request from exchange_->input. Whether its head was whole.
  tl::expected<bool, Refused> next_head();
  // After a whole head: whether the body has come with it; if so request.body is set.
  bool take_ready_body();
  // From now on the body must come fast enough, judged in windows as long as header_timeout.
  void start_body();
  void note_body_bytes(std::size_t count) { body_bytes_ += count; }
  // The whole request is there: asks the handler.
  void ask();
  // Composes the answer that the handler gave, or a refusal if it failed.
  void take_answer();
  // Composes head_ and body_to_send_ for response_.
  void prepare_answer();
  void prepare_refusal(Refused refused);
  // Makes ready for the next request on this connection.
  void next_request();

  // Until the answer has come, when it did not come at once.
  struct Answer {
    Connection& connection;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> coroutine) { connection.waiting_ = coroutine; }
    void await_resume() const noexcept {}
  };

  static constexpr std::size_t input_bytes_min = 4096;
  static constexpr std::chrono::seconds write_timeout{30};
  static constexpr std::chrono::seconds linger_timeout{2};

  Loop& loop_;
  const Shared& shared_;
  Admissions::Ticket ticket_;
  const bool secure_;
  Phase phase_ = Phase::fresh;
  bool timed_out_ = false;  // what was read for did not come in time
  bool aborted_ = false;
  std::shared_ptr<Exchange> exchange_;

  // The request at hand.
  Framing framing_;
  bool http_1_1_ = true;
  bool is_head_ = false;
  std::size_t head_size_ = 0;
  std::size_t body_bytes_max_ = 0;
  std::string after_chunks_;  // what came after a chunked body

  // Its answer.
  Response response_;
  bool close_after_ = false;
  std::string head_;
  std::string_view body_to_send_;

 private:
  static Detached serve_and_leave(Connection& connection);
  tl::expected<void, Refused> take_head(std::size_t size);
  void renew_exchange();
  void wake();
  bool body_is_fast_enough();

  HeadScanner scanner_;
  std::uint64_t deadline_ = 0;  // in sweeps; 0: none
  std::uint64_t body_bytes_ = 0;
  std::uint64_t window_body_bytes_ = 0;  // body_bytes_ at the start of the window
  std::coroutine_handle<> root_;         // of the outermost coroutine while it lives
  std::coroutine_handle<> waiting_;
};

}  // namespace emplace::http
