// Server: HTTP/1.1 over TCP, one event loop a thread. Knows nothing of what the requests mean.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "http/message.h"

namespace emplace::http {

struct ServerOptions {
  std::string host = "127.0.0.1";  // IPv4, IPv6 ("::": both families) or a name (IPv4 first)
  std::uint16_t port = 8778;       // 0: any free one
  unsigned threads = 0;            // 0: one for each core
  std::size_t connections_max = 10'000;
  std::size_t connections_per_address_max = 0;  // 0: no limit
  std::size_t header_bytes_max = 64 * 1024;     // 431 over it (414 if it is the target)
  std::size_t header_count_max = 100;
  // The most bytes that the body of this request may have; 413 over it. Not set: 1 MiB.
  std::function<std::size_t(std::string_view method, std::string_view target)> body_bytes_max = {};
  // From the first byte (or the accept) to the end of the head, and the window in which the speed
  // of a body is judged; 408 over it.
  std::chrono::seconds header_timeout{10};
  std::chrono::seconds idle_timeout{65};
  std::size_t body_bytes_per_second_min = 1024;  // 0: a body may be as slow as it likes
  std::chrono::seconds drain_timeout{5};
  std::string tls_certificate_file = {}, tls_key_file = {};  // PEM; both or none
  // Makes the answer to what the server refuses itself (400, 408, 413, 414, 431, 500 for a handler
  // that threw, 501, 503, 505): a status and a sentence. The connection is closed after it. From
  // any of the server's threads. Not set: the sentence as plain text.
  std::function<Response(unsigned status, std::string_view sentence)> refusal = {};
};

class Server {
 public:
  // Binds and listens; throws std::runtime_error with a clear sentence if that fails.
  Server(ServerOptions options, Handler handler);
  ~Server();

  std::uint16_t port() const;
  // Those that are open now, also ones that are being refused. Any thread.
  std::size_t connections() const;
  // Serves until stop(); returns when all connections have ended or the drain time is over.
  void run();
  // No new connections; what is under way is answered. Any thread, also more than once.
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace emplace::http
