// The bytes of HTTP as values: what a handler gets and what it gives back. Knows no placement.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace emplace::http {

// One request, whole; valid for as long as the handler's answer is awaited.
struct Request {
  std::string_view method;
  std::string_view target;  // as sent: path and query, not decoded
  std::string_view body;
  std::vector<std::pair<std::string_view, std::string_view>> headers;  // in order, as sent
  std::string peer_address;
  bool secure = false;  // came over TLS
  // Runs a task on the connection's own thread, soon; here and now if the connection is gone or
  // nobody awaits the answer any more. Any thread. The task must not throw and must not wait.
  std::function<void(std::function<void()> task)> run_on_its_thread = {};
  // The value of the first header of this name (any case); empty view with null data if none came.
  std::string_view header(std::string_view name) const;
  bool has_header(std::string_view name) const { return header(name).data() != nullptr; }
};

// One answer. The server adds Content-Length, Connection and Date; 204 and 304 get no body.
struct Response {
  unsigned status = 200;
  std::string header_lines;  // whole lines, each ended by CR LF; use add_header
  std::string body;
  std::shared_ptr<const std::string> shared_body;  // sent instead of `body` if set, not copied

  // Appends a header. Control characters in the value (so also line breaks) become spaces.
  void add_header(std::string_view name, std::string_view value);
};

// Gives the answer to one request: once, from any thread, at once or later. Later ones are ignored;
// if all copies go without an answer, the client gets a refusal with status 500.
using Respond = std::function<void(Response)>;
// Called on a connection's thread. Must not throw and must not wait.
using Handler = std::function<void(const Request&, Respond)>;

}  // namespace emplace::http
