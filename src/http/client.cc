#include "http/client.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <stdexcept>
#include <thread>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include "base/text.h"

namespace emplace::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;
using tcp = asio::ip::tcp;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;
using Message = beast::http::request<beast::http::string_body>;
using Moment = std::chrono::steady_clock::time_point;

constexpr std::chrono::milliseconds connect_pause_max{5000};

// The completion token of an operation that is awaited and tells its error in a variable.
auto into(error_code& error) {
  return asio::redirect_error(asio::use_awaitable, error);
}

asio::ssl::context make_tls(const ClientOptions& options) {
  asio::ssl::context tls(asio::ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(tls.native_handle(), TLS1_2_VERSION);
  tls.set_verify_mode(options.verify_peer ? asio::ssl::verify_peer : asio::ssl::verify_none);
  error_code error;
  const auto check = [&error](const std::string& what, const std::string& file) {
    if (!error) return;
    throw std::runtime_error("Cannot use the " + what + " file " + file + ": " + error.message() +
                             ".");
  };
  if (options.ca_file.empty()) {
    tls.set_default_verify_paths(error);  // if there are none, nothing can be verified
  } else {
    tls.load_verify_file(options.ca_file, error);
    check("CA", options.ca_file);
  }
  if (options.certificate_file.empty()) return tls;
  const auto& key = options.key_file.empty() ? options.certificate_file : options.key_file;
  error = {};
  tls.use_certificate_chain_file(options.certificate_file, error);
  check("client certificate", options.certificate_file);
  tls.use_private_key_file(key, asio::ssl::context::pem, error);
  check("client key", key);
  return tls;
}

// One connection, plain or over TLS.
struct Link {
  Url peer;
  std::optional<beast::tcp_stream> plain;
  std::optional<TlsStream> tls;
  beast::flat_buffer buffer = {};
  Moment idle_since = {};

  beast::tcp_stream& lowest() { return tls ? tls->next_layer() : *plain; }
};
using LinkPtr = std::unique_ptr<Link>;

// How one request on one connection ended.
struct Exchanged {
  error_code error;
  bool began = false;  // something of an answer has come
  bool keep_alive = false;
  ClientAnswer answer = {};
};

template <class Stream>
asio::awaitable<Exchanged> exchange(Stream& stream, beast::flat_buffer& buffer,
                                    const Message& message, std::size_t body_bytes_max) {
  Exchanged result;
  co_await beast::http::async_write(stream, message, into(result.error));
  if (result.error) co_return result;
  beast::http::response_parser<beast::http::string_body> parser;
  parser.header_limit(64 * 1024);
  parser.body_limit(body_bytes_max);
  co_await beast::http::async_read(stream, buffer, parser, into(result.error));
  result.began = parser.got_some();
  if (result.error) co_return result;
  auto& response = parser.get();
  result.answer.status = response.result_int();
  for (const auto& field : response) {
    result.answer.headers.emplace_back(field.name_string(), field.value());
  }
  result.answer.body = std::move(response.body());
  result.keep_alive = response.keep_alive();
  co_return result;
}

Message message_of(const ClientRequest& request) {
  Message message;
  message.version(11);
  message.method_string(request.method);
  message.target(request.url.target);
  message.set(beast::http::field::host, request.url.authority());
  message.set(beast::http::field::user_agent, "emplace");
  for (const auto& [name, value] : request.headers)
    message.set(name, value);
  message.body() = request.body;
  message.prepare_payload();
  return message;
}

Failure trouble(const Url& url, const error_code& error) {
  return {Reason::unavailable, url.authority() + ": " + error.message()};
}

}  // namespace

std::string_view ClientAnswer::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (same_ignoring_case(key, name)) return value;
  }
  return {};
}

// All but start() and stop() on its thread alone.
class Client::Core {
 public:
  explicit Core(ClientOptions options)
      : options_(std::move(options)),
        tls_(make_tls(options_)),
        work_(context_.get_executor()),
        thread_([this] { context_.run(); }) {}
  ~Core() { stop(); }

  void start(ClientRequest request, Done done) {
    asio::post(context_, [this, request = std::move(request), done = std::move(done)]() mutable {
      admit({std::move(request), std::move(done)});
    });
  }

  void stop() {
    context_.stop();
    if (thread_.joinable()) thread_.join();
  }

 private:
  struct Errand {
    ClientRequest request;
    Done done;
  };

  void admit(Errand errand) {
    if (under_way_ < options_.connections_max) {
      ++under_way_;
      asio::co_spawn(context_, serve(std::move(errand)), asio::detached);
    } else if (waiting_.size() < options_.waiting_max) {
      waiting_.push_back(std::move(errand));
    } else {
      errand.done(fail(Reason::overloaded, "too many requests wait for a connection"));
    }
  }

  // One of the connections' worth of work: this errand, then those that wait.
  asio::awaitable<void> serve(Errand errand) {
    for (;;) {
      auto result = co_await perform(errand.request);
      errand.done(std::move(result));
      if (waiting_.empty()) break;
      errand = std::move(waiting_.front());
      waiting_.pop_front();
    }
    --under_way_;
  }

  asio::awaitable<Result<ClientAnswer>> perform(const ClientRequest& request) {
    const Message message = message_of(request);
    auto link = take_idle(request.url);
    const bool kept = link != nullptr;
    if (!kept) {
      auto made = co_await connect(request.url);
      if (!made) co_return tl::unexpected(made.error());
      link = std::move(*made);
    }
    auto done = co_await talk(*link, message);
    if (done.error && kept && !done.began && done.error != beast::error::timeout) {
      auto made = co_await connect(request.url);
      if (!made) co_return tl::unexpected(made.error());
      link = std::move(*made);
      done = co_await talk(*link, message);
    }
    if (done.error) co_return tl::unexpected(trouble(request.url, done.error));
    if (done.keep_alive) keep(std::move(link));
    co_return std::move(done.answer);
  }

  asio::awaitable<Exchanged> talk(Link& link, const Message& message) {
    link.lowest().expires_after(options_.time_limit);
    if (link.tls) {
      co_return co_await exchange(*link.tls, link.buffer, message, options_.answer_bytes_max);
    }
    co_return co_await exchange(*link.plain, link.buffer, message, options_.answer_bytes_max);
  }

  asio::awaitable<Result<LinkPtr>> connect(const Url& url) {
    auto pause = options_.connect_pause;
    for (unsigned retries = 0;; ++retries) {
      error_code error;
      auto link = co_await connect_once(url, error);
      if (!error) co_return link;
      if (retries == options_.connect_retries) co_return tl::unexpected(trouble(url, error));
      asio::steady_timer timer(context_, pause);
      co_await timer.async_wait(into(error));
      pause = std::min(pause * 2, connect_pause_max);
    }
  }

  asio::awaitable<LinkPtr> connect_once(const Url& url, error_code& error) {
    tcp::resolver resolver(context_);
    const auto found = co_await resolver.async_resolve(url.host, url.port, into(error));
    if (error) co_return nullptr;
    auto link = std::make_unique<Link>(Link{url, std::nullopt, std::nullopt});
    if (url.tls) {
      link->tls.emplace(beast::tcp_stream(context_), tls_);
    } else {
      link->plain.emplace(context_);
    }
    link->lowest().expires_after(options_.time_limit);
    co_await link->lowest().async_connect(found, into(error));
    if (error) co_return nullptr;
    error_code ignored;
    link->lowest().socket().set_option(tcp::no_delay(true), ignored);
    if (url.tls) co_await shake_hands(*link->tls, url.host, error);
    co_return link;
  }

  asio::awaitable<void> shake_hands(TlsStream& stream, const std::string& host, error_code& error) {
    error_code no_address;
    asio::ip::make_address(host, no_address);
    if (no_address) SSL_set_tlsext_host_name(stream.native_handle(), host.c_str());
    if (options_.verify_peer) {
      stream.set_verify_callback(asio::ssl::host_name_verification(host));
    }
    co_await stream.async_handshake(asio::ssl::stream_base::client, into(error));
  }

  // The connection used last, as it is the likeliest to live. Those idle for too long are closed.
  LinkPtr take_idle(const Url& url) {
    const auto oldest = std::chrono::steady_clock::now() - options_.idle_limit;
    std::erase_if(idle_, [&](const LinkPtr& link) { return link->idle_since < oldest; });
    const auto found = std::find_if(idle_.rbegin(), idle_.rend(), [&](const LinkPtr& link) {
      return link->peer.same_origin(url);
    });
    if (found == idle_.rend()) return nullptr;
    auto link = std::move(*found);
    idle_.erase(std::next(found).base());
    return link;
  }

  void keep(LinkPtr link) {
    link->lowest().expires_never();
    link->idle_since = std::chrono::steady_clock::now();
    if (idle_.size() == options_.connections_max) idle_.erase(idle_.begin());
    idle_.push_back(std::move(link));
  }

  const ClientOptions options_;
  asio::ssl::context tls_;
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::vector<LinkPtr> idle_;  // sockets end before their context
  std::deque<Errand> waiting_;
  std::size_t under_way_ = 0;
  std::jthread thread_;
};

Client::Client(ClientOptions options) : core_(std::make_unique<Core>(std::move(options))) {}

Client::~Client() = default;

void Client::send(ClientRequest request, Done done) {
  core_->start(std::move(request), std::move(done));
}

void Client::stop() {
  core_->stop();
}

}  // namespace emplace::http
