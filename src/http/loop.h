// Loop: one event loop with the connections that it serves, on one thread.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string_view>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/time.h"
#include "http/answer.h"
#include "http/limits.h"

namespace emplace::http {

class Connection;

// Sockets bound to io_context's own executor spare the type erasure of any_io_executor.
using Executor = boost::asio::io_context::executor_type;
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;

// A file descriptor, closed if nobody takes it.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor();
  int get() const { return number_; }
  int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

// A socket that was accepted, on its way to its loop.
struct Arrival {
  Descriptor descriptor;
  bool ip_v6;
  Admissions::Ticket ticket;
};

class Loop {
 public:
  // `tls` is null for plain TCP. Both outlive the loop.
  Loop(Shared& shared, boost::asio::ssl::context* tls);
  ~Loop();

  // Until drain() was called and the last connection has ended.
  void run();
  // From any thread.
  void adopt(Arrival arrival);
  void drain();

  // The rest only on the loop's thread.
  boost::asio::io_context& context() { return context_; }
  Shared& shared() { return shared_; }
  bool draining() const { return draining_; }
  // Time-outs count sweeps, not time, so that a loop that was held up does not blame its clients.
  std::uint64_t deadline_after(std::chrono::seconds duration) const;
  // By the clock that the times in answers come from: time() may lag behind it by a tick, and then
  // a Last-Modified could be later than Date.
  std::string_view date_line() {
    return date_line_.at(SystemClock().now().time_since_epoch().count());
  }
  void erase(Connection& connection);

 private:
  static constexpr std::chrono::milliseconds sweep_interval{500};

  void start_serving(Arrival arrival);
  void schedule_sweep();
  void sweep();
  void start_drain();
  void finish_if_drained();

  Shared& shared_;
  boost::asio::ssl::context* tls_;
  boost::asio::io_context context_;
  boost::asio::executor_work_guard<Executor> work_;
  boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                    boost::asio::wait_traits<std::chrono::steady_clock>, Executor>
      sweep_timer_;
  DateLine date_line_;
  std::uint64_t sweeps_ = 0;
  std::uint64_t drain_deadline_ = 0;
  bool draining_ = false;
  std::list<std::unique_ptr<Connection>> connections_;
};

}  // namespace emplace::http
