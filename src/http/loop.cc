#include "http/loop.h"

#include <utility>

#include <boost/asio/post.hpp>
#include <unistd.h>

#include "http/stream_connection.h"

namespace emplace::http {

namespace asio = boost::asio;

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

// The hint: only posting comes from other threads, so that sockets and timers need no locks.
Loop::Loop(Shared& shared, asio::ssl::context* tls)
    : shared_(shared),
      tls_(tls),
      context_(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO),
      work_(context_.get_executor()),
      sweep_timer_(context_.get_executor()) {}

Loop::~Loop() = default;

void Loop::run() {
  schedule_sweep();
  for (;;) {
    try {
      context_.run();
      return;
    } catch (...) {
      // What could not be done for want of memory is lost; the loop is not.
    }
  }
}

void Loop::adopt(Arrival arrival) {
  asio::post(context_,
             [this, arrival = std::move(arrival)]() mutable { start_serving(std::move(arrival)); });
}

void Loop::drain() {
  asio::post(context_, [this] { start_drain(); });
}

void Loop::start_serving(Arrival arrival) {
  if (draining_) return;
  const auto protocol = arrival.ip_v6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4();
  Socket socket(context_.get_executor());
  boost::system::error_code error;
  socket.assign(protocol, arrival.descriptor.get(), error);
  if (error) return;
  arrival.descriptor.release();
  socket.non_blocking(true, error);
  socket.set_option(asio::ip::tcp::no_delay(true), error);
  if (error) return;  // the client is gone already

  std::unique_ptr<Connection> connection;
  if (tls_) {
    connection = std::make_unique<StreamConnection<TlsStream>>(*this, std::move(arrival.ticket),
                                                               std::move(socket), *tls_);
  } else {
    connection = std::make_unique<StreamConnection<Socket>>(*this, std::move(arrival.ticket),
                                                            std::move(socket));
  }
  auto& started = *connection;
  connections_.push_front(std::move(connection));
  started.place = connections_.begin();
  started.start();
}

void Loop::erase(Connection& connection) {
  connections_.erase(connection.place);
  finish_if_drained();
}

std::uint64_t Loop::deadline_after(std::chrono::seconds duration) const {
  // One more, for the part of an interval that has passed already.
  return sweeps_ + static_cast<std::uint64_t>(duration / sweep_interval) + 1;
}

void Loop::schedule_sweep() {
  sweep_timer_.expires_after(sweep_interval);
  sweep_timer_.async_wait([this](boost::system::error_code error) {
    if (!error) sweep();
  });
}

void Loop::sweep() {
  ++sweeps_;
  for (const auto& connection : connections_)
    connection->sweep(sweeps_);
  if (draining_ && sweeps_ >= drain_deadline_) {
    for (const auto& connection : connections_)
      connection->abort();
  }
  schedule_sweep();
  finish_if_drained();
}

void Loop::start_drain() {
  if (draining_) return;
  draining_ = true;
  drain_deadline_ = deadline_after(shared_.options.drain_timeout);
  for (const auto& connection : connections_)
    connection->drain();
  finish_if_drained();
}

void Loop::finish_if_drained() {
  if (!draining_ || !connections_.empty()) return;
  work_.reset();
  sweep_timer_.cancel();
}

}  // namespace emplace::http
