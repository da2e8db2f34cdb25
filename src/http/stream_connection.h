// StreamConnection: a Connection over plain TCP or over TLS.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <boost/asio/ssl/stream.hpp>

#include "http/connection.h"
#include "http/parser.h"

namespace emplace::http {

using TlsStream = boost::asio::ssl::stream<Socket>;

template <class Stream>
class StreamConnection final : public Connection {
 public:
  template <class... Arguments>
  StreamConnection(Loop& loop, Admissions::Ticket ticket, Arguments&&... stream)
      : Connection(loop, std::move(ticket), is_tls), stream_(std::forward<Arguments>(stream)...) {}

 private:
  static constexpr bool is_tls = std::is_same_v<Stream, TlsStream>;
  static constexpr std::size_t chunk_window_bytes = 16 * 1024;

  Socket& socket() {
    if constexpr (is_tls) {
      return stream_.next_layer();
    } else {
      return stream_;
    }
  }

  void cancel_reading() override {
    boost::system::error_code ignored;
    socket().cancel(ignored);
  }
  void close_socket() override {
    boost::system::error_code ignored;
    socket().close(ignored);
  }

  auto read(char* to, std::size_t bytes_max) {
    return Io([this, to, bytes_max](auto handler) {
      stream_.async_read_some(boost::asio::buffer(to, bytes_max), std::move(handler));
    });
  }

  Task serve() override;
  Task handshake();
  Task read_body();
  Task read_sized_body();
  Task read_chunked_body();
  Task send_continue();
  // Sends what prepare_answer made: first what the socket takes at once; whether that was all.
  bool send_at_once();
  Task send_rest();
  Task refuse(Refused refused);
  Task finish(bool input_may_follow);

  Stream stream_;
  bool failed_ = false;             // the stream is of no more use
  std::optional<Refused> refused_;  // by one of the tasks above
  std::string_view unsent_head_, unsent_body_;
};

template <class Stream>
Task StreamConnection<Stream>::serve() {
  if constexpr (is_tls) {
    enter(Phase::handshake, shared_.options.header_timeout);
    co_await handshake();
    if (failed_) co_return;
  }
  if (ticket_.admission() != Admission::serve) {
    co_await refuse({503, "The server has too many connections."});
    co_return;
  }
  enter(Phase::fresh, shared_.options.header_timeout);
  do {
    auto head = next_head();
    while (head && !*head) {
      auto& input = exchange_->input;
      input.make_room(input_bytes_min);
      const IoResult result = co_await read(input.free_begin(), input.free_size());
      if (timed_out_ && phase_ != Phase::idle) {
        head = tl::unexpected(Refused{408, "The request did not come in time."});
      } else if (timed_out_ || result.error) {
        co_return;
      } else {
        input.added(result.bytes);
        head = next_head();
      }
    }
    if (!head) refused_ = head.error();
    if (!refused_ && !take_ready_body()) co_await read_body();
    if (failed_) co_return;
    if (refused_) {
      co_await refuse(*refused_);
      co_return;
    }

    ask();
    if (!exchange_->answered_at_once()) co_await Answer{*this};
    if (aborted_) co_return;
    take_answer();
    if (!send_at_once()) co_await send_rest();
    if (failed_) co_return;
    if (!close_after_) next_request();
  } while (!close_after_);
  co_await finish(loop_.draining() || framing_.keep_alive);
}

template <class Stream>
Task StreamConnection<Stream>::handshake() {
  if constexpr (is_tls) {
    const IoResult result = co_await Io([this](auto handler) {
      stream_.async_handshake(boost::asio::ssl::stream_base::server, std::move(handler));
    });
    failed_ = static_cast<bool>(result.error);
  }
  co_return;
}

template <class Stream>
Task StreamConnection<Stream>::read_body() {
  if (framing_.expects_continue && exchange_->input.size() == head_size_) {
    co_await send_continue();
    if (failed_) co_return;
  }
  start_body();
  if (framing_.chunked) {
    co_await read_chunked_body();
  } else {
    co_await read_sized_body();
  }
  if (timed_out_) {
    failed_ = false;
    refused_ = Refused{408, "The body of the request comes too slowly."};
  }
}

template <class Stream>
Task StreamConnection<Stream>::read_sized_body() {
  auto& input = exchange_->input;
  const auto size = static_cast<std::size_t>(*framing_.content_length);
  const auto missing = size - (input.size() - head_size_);
  if (missing <= input.free_size()) {
    while (!take_ready_body()) {
      const IoResult result = co_await read(input.free_begin(), input.free_size());
      failed_ = static_cast<bool>(result.error);
      if (failed_ || timed_out_) co_return;
      input.added(result.bytes);
      note_body_bytes(result.bytes);
    }
    co_return;
  }
  // Memory is taken as the bytes come: an announced length alone costs nothing.
  auto& body = exchange_->body;
  body.assign(input.bytes().substr(head_size_));
  input.keep_only(head_size_);
  while (body.size() < size) {
    const auto have = body.size();
    body.resize(std::min(size, std::max(input_bytes_min, have * 2)));
    std::size_t filled = have;
    while (filled < body.size()) {
      const IoResult result = co_await read(body.data() + filled, body.size() - filled);
      failed_ = static_cast<bool>(result.error);
      if (failed_ || timed_out_) co_return;
      filled += result.bytes;
      note_body_bytes(result.bytes);
    }
  }
  exchange_->request.body = body;
}

template <class Stream>
Task StreamConnection<Stream>::read_chunked_body() {
  ChunkedBody chunks(body_bytes_max_);
  Input window;
  window.append(exchange_->input.bytes().substr(head_size_));
  exchange_->input.keep_only(head_size_);
  for (;;) {
    const auto used = chunks.feed(window.bytes(), exchange_->body);
    if (!used) {
      refused_ = used.error();
      co_return;
    }
    window.consume(*used);
    if (chunks.done()) break;
    if (window.size() >= chunk_window_bytes) {
      refused_ = Refused{400, "A chunk's first line or the trailers are too long."};
      co_return;
    }
    window.make_room(chunk_window_bytes);
    const IoResult result = co_await read(window.free_begin(), window.free_size());
    failed_ = static_cast<bool>(result.error);
    if (failed_ || timed_out_) co_return;
    window.added(result.bytes);
    note_body_bytes(result.bytes);
  }
  after_chunks_ = window.bytes();
  exchange_->request.body = exchange_->body;
}

template <class Stream>
Task StreamConnection<Stream>::send_continue() {
  unsent_head_ = "HTTP/1.1 100 Continue\r\n\r\n";
  unsent_body_ = {};
  co_await send_rest();
}

template <class Stream>
bool StreamConnection<Stream>::send_at_once() {
  unsent_head_ = head_;
  unsent_body_ = body_to_send_;
  if constexpr (is_tls) {
    // One record for both, if it is not large.
    if (body_to_send_.size() <= 4096) {
      head_.append(body_to_send_);
      unsent_head_ = head_;
      unsent_body_ = {};
    }
    return false;
  } else {
    const std::array<boost::asio::const_buffer, 2> buffers{boost::asio::buffer(unsent_head_),
                                                           boost::asio::buffer(unsent_body_)};
    boost::system::error_code error;
    const auto sent = stream_.write_some(buffers, error);
    failed_ = error && error != boost::asio::error::would_block;
    const auto head_sent = std::min(sent, unsent_head_.size());
    unsent_head_.remove_prefix(head_sent);
    unsent_body_.remove_prefix(sent - head_sent);
    return failed_ || (unsent_head_.empty() && unsent_body_.empty());
  }
}

template <class Stream>
Task StreamConnection<Stream>::send_rest() {
  while (!failed_ && !(unsent_head_.empty() && unsent_body_.empty())) {
    enter(Phase::writing, write_timeout);
    auto& unsent = unsent_head_.empty() ? unsent_body_ : unsent_head_;
    const IoResult result = co_await Io([this, &unsent](auto handler) {
      stream_.async_write_some(boost::asio::buffer(unsent), std::move(handler));
    });
    failed_ = static_cast<bool>(result.error);
    unsent.remove_prefix(result.bytes);
  }
}

template <class Stream>
Task StreamConnection<Stream>::refuse(Refused refused) {
  prepare_refusal(refused);
  if (!send_at_once()) co_await send_rest();
  if (!failed_) co_await finish(true);
}

// Ends the connection so that the client gets the answer: to close a socket that holds bytes which
// were not read resets it, and what the client did not read yet is lost.
template <class Stream>
Task StreamConnection<Stream>::finish(bool input_may_follow) {
  enter(Phase::lingering, linger_timeout);
  if constexpr (is_tls) {
    co_await Io([this](auto handler) { stream_.async_shutdown(std::move(handler)); });
  }
  boost::system::error_code ignored;
  socket().shutdown(Socket::shutdown_send, ignored);
  if (!input_may_follow) co_return;
  std::array<char, 4096> discarded;
  for (IoResult result; !result.error;) {
    result = co_await Io([this, &discarded](auto handler) {
      socket().async_read_some(boost::asio::buffer(discarded), std::move(handler));
    });
  }
}

}  // namespace emplace::http
