#include "http/connection.h"

#include <utility>

#include <boost/asio/post.hpp>

#include "http/parser.h"

namespace emplace::http {

Connection::Connection(Loop& loop, Admissions::Ticket ticket, bool secure)
    : loop_(loop),
      shared_(loop.shared()),
      ticket_(std::move(ticket)),
      secure_(secure),
      scanner_(shared_.options.header_bytes_max, shared_.options.header_count_max) {
  renew_exchange();
}

Connection::~Connection() {
  exchange_->close();
  if (root_) root_.destroy();
}

Detached Connection::serve_and_leave(Connection& connection) {
  // The handle is known before anything can end the connection, and with it this frame.
  struct KeepHandle {
    std::coroutine_handle<>& handle;
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> coroutine) const noexcept {
      handle = coroutine;
      return false;
    }
    void await_resume() const noexcept {}
  };
  co_await KeepHandle{connection.root_};
  try {
    co_await connection.serve();
  } catch (...) {
    // Memory ran out, or an option threw: this connection ends, the others go on.
  }
  connection.root_ = nullptr;
  connection.loop_.erase(connection);
}

void Connection::start() {
  serve_and_leave(*this);
}

void Connection::enter(Phase phase, std::chrono::seconds time_allowed) {
  phase_ = phase;
  deadline_ = loop_.deadline_after(time_allowed);
}

void Connection::sweep(std::uint64_t sweeps) {
  if (deadline_ == 0 || sweeps < deadline_) return;
  deadline_ = 0;
  switch (phase_) {
    case Phase::handshake:
    case Phase::writing:
    case Phase::lingering:
      close_socket();
      break;
    case Phase::body:
      if (body_is_fast_enough()) break;
      [[fallthrough]];
    case Phase::fresh:
    case Phase::idle:
    case Phase::head:
      timed_out_ = true;
      cancel_reading();
      break;
    case Phase::handling:
      break;
  }
}

// Judges the window that ends now; if it was well, starts the next one.
bool Connection::body_is_fast_enough() {
  const auto window = shared_.options.header_timeout;
  const auto wanted =
      shared_.options.body_bytes_per_second_min * static_cast<std::uint64_t>(window.count());
  const auto came = body_bytes_ - std::exchange(window_body_bytes_, body_bytes_);
  if (came < wanted) return false;
  enter(Phase::body, window);
  return true;
}

void Connection::drain() {
  if (phase_ == Phase::idle || phase_ == Phase::fresh) close_socket();
}

void Connection::abort() {
  aborted_ = true;
  close_socket();
  // If the answer has come already, its own wake is on the way.
  if (waiting_ && exchange_->close()) {
    boost::asio::post(loop_.context(), [this] { wake(); });
  }
}

void Connection::wake() {
  std::exchange(waiting_, nullptr).resume();
}

tl::expected<bool, Refused> Connection::next_head() {
  auto& input = exchange_->input;
  for (;;) {
    const auto size = scanner_.scan(input.bytes());
    if (!size) return tl::unexpected(size.error());
    if (*size == 0) {
      if (!input.empty() && phase_ != Phase::head) {
        enter(Phase::head, shared_.options.header_timeout);
      }
      return false;
    }
    if (*size > 2) {
      const auto taken = take_head(*size);
      if (!taken) return tl::unexpected(taken.error());
      return true;
    }
    std::size_t empty_lines = 2;
    while (input.bytes().substr(empty_lines, 2) == "\r\n")
      empty_lines += 2;
    input.consume(empty_lines);
    scanner_.reset();
  }
}

tl::expected<void, Refused> Connection::take_head(std::size_t size) {
  auto& request = exchange_->request;
  head_size_ = size;
  const auto line = parse_head(exchange_->input.bytes().substr(0, size), request.headers);
  if (!line) return tl::unexpected(line.error());
  http_1_1_ = line->http_1_1;
  is_head_ = line->method == "HEAD";
  const auto target = check_target(line->target);
  if (!target) return tl::unexpected(target.error());
  const auto framing = check_headers(line->http_1_1, request.headers);
  if (!framing) return tl::unexpected(framing.error());
  framing_ = *framing;

  request.method = line->method;
  request.target = target->path_and_query;
  if (target->slash_missing) {
    exchange_->target.assign(1, '/').append(target->path_and_query);
    request.target = exchange_->target;
  }
  if (!target->authority.empty()) {  // which replaces Host (RFC 9112, 3.2.2)
    for (auto& [name, value] : request.headers) {
      if (equals_ignoring_case(name, "host")) value = target->authority;
    }
  }
  body_bytes_max_ = shared_.options.body_bytes_max(request.method, request.target);
  if (framing_.content_length.value_or(0) > body_bytes_max_) {
    return tl::unexpected(Refused{413, "The body of the request is too large."});
  }
  return {};
}

bool Connection::take_ready_body() {
  if (framing_.chunked) return false;
  const auto size = static_cast<std::size_t>(framing_.content_length.value_or(0));
  const auto bytes = exchange_->input.bytes();
  if (bytes.size() - head_size_ < size) return false;
  exchange_->request.body = bytes.substr(head_size_, size);
  return true;
}

void Connection::start_body() {
  window_body_bytes_ = body_bytes_;
  enter(Phase::body, shared_.options.header_timeout);
}

void Connection::ask() {
  phase_ = Phase::handling;
  deadline_ = 0;
  exchange_->open(
      [this](Exchange::Task task) { boost::asio::post(loop_.context(), std::move(task)); },
      [this] { wake(); });
  // Gives up when the last copy of Respond is gone: else the client would wait for ever.
  struct Asked {
    explicit Asked(std::shared_ptr<Exchange> the_exchange) : exchange(std::move(the_exchange)) {}
    Asked(const Asked&) = delete;
    Asked& operator=(const Asked&) = delete;
    std::shared_ptr<Exchange> exchange;
    ~Asked() { exchange->give_up(); }
  };
  try {
    shared_.handler(exchange_->request,
                    [asked = std::make_shared<Asked>(exchange_)](Response response) {
                      asked->exchange->answer(std::move(response));
                    });
  } catch (...) {
    close_after_ = true;
    exchange_->give_up();
  }
}

void Connection::take_answer() {
  if (auto answer = exchange_->take_response()) {
    response_ = std::move(*answer);
    prepare_answer();
  } else {
    prepare_refusal({500, "The server failed to handle the request."});
  }
}

void Connection::prepare_answer() {
  if (!framing_.keep_alive || loop_.draining()) close_after_ = true;
  const auto persistence = close_after_ ? Persistence::close
                           : http_1_1_  ? Persistence::keep_silently
                                        : Persistence::keep;
  compose_head(head_, response_, loop_.date_line(), persistence);
  body_to_send_ = http::body_to_send(response_, is_head_);
}

void Connection::prepare_refusal(Refused refused) {
  close_after_ = true;
  response_ = shared_.refuse(refused.status, refused.sentence);
  prepare_answer();
}

void Connection::next_request() {
  response_ = {};
  body_to_send_ = {};
  auto& input = exchange_->input;
  const bool body_in_input = exchange_->body.empty() && !framing_.chunked;
  input.consume(head_size_ + (body_in_input ? exchange_->request.body.size() : 0));
  input.append(after_chunks_);
  after_chunks_.clear();
  // Whoever kept a copy of Respond may still look at the request.
  if (exchange_.use_count() > 1) renew_exchange();
  exchange_->body.clear();
  if (exchange_->body.capacity() > 16 * input_bytes_min) exchange_->body.shrink_to_fit();
  if (exchange_->input.empty()) exchange_->input.shrink(4 * input_bytes_min);
  exchange_->request.body = {};
  scanner_.reset();
  framing_ = {};
  http_1_1_ = true;
  is_head_ = false;
  enter(Phase::idle, shared_.options.idle_timeout);
}

void Connection::renew_exchange() {
  auto renewed = std::make_shared<Exchange>();
  renewed->request.peer_address = ticket_.address();
  renewed->request.secure = secure_;
  if (exchange_) renewed->input.append(exchange_->input.bytes());
  exchange_ = std::move(renewed);
}

}  // namespace emplace::http
