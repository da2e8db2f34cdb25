// Client: HTTP/1.1 to the few servers that emplace itself asks, such as Keystone. It has one event
// loop on a thread of its own and keeps connections alive. Any thread may ask.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "http/url.h"

namespace emplace::http {

struct ClientOptions {
  // For TCP and TLS together, and once more for an answer to be complete. Looking up a host's name
  // takes as long as the system's resolver lets it.
  std::chrono::milliseconds time_limit{30'000};
  unsigned connect_retries = 3;                    // after a first try to connect that failed
  std::chrono::milliseconds connect_pause{500};    // before the first retry; doubles, up to 5 s
  std::chrono::milliseconds idle_limit{15'000};    // a connection is not used again after it
  std::size_t connections_max = 16;                // at a time
  std::size_t waiting_max = 1024;                  // requests that wait for one of these
  std::size_t answer_bytes_max = 4 * 1024 * 1024;  // of a body
  bool verify_peer = true;                         // whether a TLS server must prove its name
  std::string ca_file = {};  // PEM, whose signatures count; empty: those of the system
  std::string certificate_file = {}, key_file = {};  // PEM, our own for servers that ask; or none
};

struct ClientRequest {
  std::string method;
  Url url;
  std::vector<std::pair<std::string, std::string>> headers;  // beside Host and Content-Length
  std::string body = {};
};

struct ClientAnswer {
  unsigned status = 0;
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  // Of the first header of this name in any case; empty if there is none.
  std::string_view header(std::string_view name) const;
};

class Client {
 public:
  // The answer of any status. Failures: overloaded if too many wait, unavailable for all else, with
  // words that name the host and the fault but nothing of the request.
  using Done = std::function<void(Result<ClientAnswer>)>;

  // Throws std::runtime_error with a clear sentence if a file can't be used.
  explicit Client(ClientOptions options);
  ~Client();  // as stop()

  // Calls `done` once on the client's thread, where it must not wait. A request may be sent twice:
  // once more if a kept connection proves closed before any byte of an answer has come.
  // Redirections are answers like others.
  void send(ClientRequest request, Done done);
  // Returns when the thread has ended: from then on no `done` is called, whatever still waits.
  void stop();

 private:
  class Core;
  std::unique_ptr<Core> core_;
};

}  // namespace emplace::http
