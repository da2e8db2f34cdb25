#include "http/server.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <sys/socket.h>

#include "http/limits.h"
#include "http/loop.h"

namespace emplace::http {

namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using boost::system::error_code;

std::unique_ptr<asio::ssl::context> make_tls(const ServerOptions& options) {
  const auto& certificate = options.tls_certificate_file;
  const auto& key = options.tls_key_file;
  if (certificate.empty() && key.empty()) return nullptr;
  if (certificate.empty() || key.empty()) {
    throw std::runtime_error("TLS needs both a certificate file and a key file.");
  }
  auto tls = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
  tls->set_options(asio::ssl::context::default_workarounds | SSL_OP_NO_RENEGOTIATION |
                   SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_min_proto_version(tls->native_handle(), TLS1_2_VERSION);
  SSL_CTX_set_mode(tls->native_handle(), SSL_MODE_RELEASE_BUFFERS);
  error_code error;
  tls->use_certificate_chain_file(certificate, error);
  if (error) {
    throw std::runtime_error("Cannot use the TLS certificate file " + certificate + ": " +
                             error.message() + ".");
  }
  tls->use_private_key_file(key, asio::ssl::context::pem, error);
  if (error) {
    throw std::runtime_error("Cannot use the TLS key file " + key + ": " + error.message() + ".");
  }
  return tls;
}

// The addresses of a host, those of IPv4 first: "localhost" then means what most clients try.
std::vector<tcp::endpoint> resolve(asio::io_context& context, const ServerOptions& options) {
  std::string host = options.host;
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  error_code error;
  tcp::resolver resolver(context);
  const auto found =
      resolver.resolve(host, std::to_string(options.port),
                       tcp::resolver::passive | tcp::resolver::numeric_service, error);
  if (error) {
    throw std::runtime_error("Cannot resolve the host " + options.host + ": " + error.message() +
                             ".");
  }
  std::vector<tcp::endpoint> endpoints;
  for (const auto& entry : found)
    endpoints.push_back(entry.endpoint());
  std::stable_partition(endpoints.begin(), endpoints.end(),
                        [](const tcp::endpoint& endpoint) { return endpoint.address().is_v4(); });
  return endpoints;
}

error_code listen_at(tcp::acceptor& acceptor, const tcp::endpoint& endpoint) {
  error_code error;
  acceptor.close(error);
  acceptor.open(endpoint.protocol(), error);
  if (error) return error;
  acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && endpoint.address().is_v6()) {
    acceptor.set_option(asio::ip::v6_only(false), error);  // "::" means every address
  }
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (!error) acceptor.non_blocking(true, error);
  return error;
}

std::string address_text(const sockaddr_storage& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
  } else {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
  }
  // An IPv4 client of a socket for both families is known by its IPv4 address.
  const std::string_view result(text);
  constexpr std::string_view mapped = "::ffff:";
  const bool is_mapped =
      result.substr(0, mapped.size()) == mapped && result.find('.') != std::string_view::npos;
  return std::string(is_mapped ? result.substr(mapped.size()) : result);
}

}  // namespace

struct Server::State {
  State(ServerOptions options, Handler handler)
      : shared(std::move(options), std::move(handler)), tls(make_tls(shared.options)) {
    const auto wanted = shared.options.threads;
    const auto count = std::max(1u, wanted > 0 ? wanted : std::thread::hardware_concurrency());
    for (unsigned i = 0; i < count; ++i)
      loops.push_back(std::make_unique<Loop>(shared, tls.get()));
    acceptor.emplace(loops.front()->context());
    pause.emplace(loops.front()->context());
    listen();
  }

  void listen() {
    error_code error;
    for (const auto& endpoint : resolve(loops.front()->context(), shared.options)) {
      error = listen_at(*acceptor, endpoint);
      if (!error) {
        port = acceptor->local_endpoint().port();
        return;
      }
    }
    throw std::runtime_error("Cannot listen on " + shared.options.host + " port " +
                             std::to_string(shared.options.port) + ": " + error.message() + ".");
  }

  void wait_for_clients() {
    acceptor->async_wait(tcp::acceptor::wait_read, [this](error_code error) {
      if (!error) accept_some();
    });
  }

  // Deals the clients that wait out to the loops in turn.
  void accept_some() {
    constexpr int accepted_at_once_max = 64;  // so that requests get their turn as well
    for (int i = 0; i < accepted_at_once_max; ++i) {
      sockaddr_storage address{};
      socklen_t size = sizeof address;
      Descriptor descriptor(::accept4(acceptor->native_handle(),
                                      reinterpret_cast<sockaddr*>(&address), &size,
                                      SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (descriptor.get() < 0) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
          return wait_for_resources();
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK) break;
        continue;  // that client is gone
      }
      Admissions::Ticket ticket(shared.admissions, address_text(address));
      if (ticket.admission() == Admission::drop) continue;
      auto& loop = *loops[next_loop++ % loops.size()];
      loop.adopt({std::move(descriptor), address.ss_family == AF_INET6, std::move(ticket)});
    }
    wait_for_clients();
  }

  // Until descriptors are free again, waiting clients stay in the listen queue.
  void wait_for_resources() {
    pause->expires_after(std::chrono::milliseconds(100));
    pause->async_wait([this](error_code error) {
      if (!error && acceptor->is_open()) wait_for_clients();
    });
  }

  void stop_accepting() {
    error_code ignored;
    acceptor->close(ignored);
    pause->cancel();
  }

  Shared shared;
  std::unique_ptr<asio::ssl::context> tls;
  std::vector<std::unique_ptr<Loop>> loops;
  // Both belong to the first loop.
  std::optional<tcp::acceptor> acceptor;
  std::optional<asio::steady_timer> pause;
  std::size_t next_loop = 0;
  std::uint16_t port = 0;
  std::atomic<bool> stopping{false};
};

Server::Server(ServerOptions options, Handler handler)
    : state_(std::make_unique<State>(std::move(options), std::move(handler))) {}

Server::~Server() = default;

std::uint16_t Server::port() const {
  return state_->port;
}

std::size_t Server::connections() const {
  return state_->shared.admissions.count();
}

void Server::run() {
  std::vector<std::jthread> threads;
  try {
    for (std::size_t i = 1; i < state_->loops.size(); ++i) {
      threads.emplace_back([loop = state_->loops[i].get()] { loop->run(); });
    }
    state_->wait_for_clients();
  } catch (...) {
    stop();
    throw;
  }
  state_->loops.front()->run();
}

void Server::stop() {
  if (state_->stopping.exchange(true)) return;
  asio::post(state_->loops.front()->context(), [state = state_.get()] { state->stop_accepting(); });
  for (const auto& loop : state_->loops)
    loop->drain();
}

}  // namespace emplace::http
