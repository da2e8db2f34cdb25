// For tests: a server that runs on its own thread, a client that sends any bytes whatever, and a
// fixture with a handler that can do all that a handler may.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/head.h"
#include "http/server.h"

namespace emplace::http::testing {

struct Answer {
  int status = 0;
  std::string head;
  std::string body;

  std::string header(std::string_view name) const {
    for (std::size_t at = head.find("\r\n"); at != std::string::npos; at = head.find("\r\n", at)) {
      at += 2;
      const auto line = std::string_view(head).substr(at, head.find("\r\n", at) - at);
      const auto colon = line.find(": ");
      if (colon == std::string_view::npos) continue;
      if (equals_ignoring_case(line.substr(0, colon), name)) {
        return std::string(line.substr(colon + 2));
      }
    }
    return "";
  }
};

// Throws if the server does not do what is waited for in ten seconds.
class Client {
 public:
  explicit Client(std::uint16_t port, const char* own_address = "127.0.0.1") {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto own = address(own_address, 0);
    const auto server = address("127.0.0.1", port);
    if (::bind(socket_, reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0 ||
        ::connect(socket_, reinterpret_cast<const sockaddr*>(&server), sizeof server) != 0) {
      ::close(socket_);
      throw std::runtime_error("cannot connect");
    }
  }
  Client(Client&& other) noexcept
      : socket_(std::exchange(other.socket_, -1)), received_(std::move(other.received_)) {}
  Client& operator=(Client&&) = delete;
  ~Client() { close(); }

  int socket() const { return socket_; }
  void close() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }
  // Says that no more will be sent; answers can still come.
  void shut_down_sending() { ::shutdown(socket_, SHUT_WR); }

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) throw std::runtime_error("cannot send");
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  void get(std::string_view target) {
    send("GET " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n\r\n");
  }

  // The next answer; its body is as long as Content-Length says, except to HEAD.
  Answer receive(bool to_head_request = false) {
    Answer answer;
    std::size_t end;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos)
      more();
    answer.head = take(end + 4);
    answer.status = std::atoi(answer.head.substr(9, 3).c_str());
    if (to_head_request || answer.status == 100) return answer;
    const auto length = static_cast<std::size_t>(
        std::strtoull(answer.header("Content-Length").c_str(), nullptr, 10));
    while (received_.size() < length)
      more();
    answer.body = take(length);
    return answer;
  }
  // Whether the server has closed the connection and sent nothing more. Waits for either.
  bool closed_by_server() {
    if (!received_.empty()) return false;
    char byte;
    await();
    return ::recv(socket_, &byte, 1, 0) <= 0;
  }

 private:
  static sockaddr_in address(const char* text, std::uint16_t port) {
    sockaddr_in result{};
    result.sin_family = AF_INET;
    result.sin_port = htons(port);
    ::inet_pton(AF_INET, text, &result.sin_addr);
    return result;
  }
  void await() {
    pollfd waiting{.fd = socket_, .events = POLLIN, .revents = 0};
    if (::poll(&waiting, 1, 10'000) != 1) throw std::runtime_error("the server says nothing");
  }
  void more() {
    char bytes[16384];
    await();
    const auto count = ::recv(socket_, bytes, sizeof bytes, 0);
    if (count <= 0) throw std::runtime_error("the server closed in the midst: " + received_);
    received_.append(bytes, static_cast<std::size_t>(count));
  }
  std::string take(std::size_t count) {
    auto result = received_.substr(0, count);
    received_.erase(0, count);
    return result;
  }

  int socket_;
  std::string received_;
};

class RunningServer {
 public:
  RunningServer(ServerOptions options, Handler handler)
      : server_(with_free_port(std::move(options)), std::move(handler)),
        thread_([this] { server_.run(); }) {}
  ~RunningServer() { server_.stop(); }

  std::uint16_t port() const { return server_.port(); }
  Client connect(const char* own_address = "127.0.0.1") { return Client(port(), own_address); }
  void stop() { server_.stop(); }
  void join() { thread_.join(); }

 private:
  static ServerOptions with_free_port(ServerOptions options) {
    options.port = 0;
    return options;
  }

  Server server_;
  std::jthread thread_;
};

// Keeps what is to be answered later, and lets a test wait for it.
class Held {
 public:
  void add(Respond respond) {
    const std::lock_guard lock(mutex_);
    held_.push_back(std::move(respond));
    changed_.notify_all();
  }
  Respond take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !held_.empty(); });
    auto respond = std::move(held_.back());
    held_.pop_back();
    return respond;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Respond> held_;
};

inline Response text(std::string body, unsigned status = 200) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

inline const std::string megabyte(1024 * 1024, 'm');

class ServerTest : public ::testing::Test {
 protected:
  ServerTest() {
    options_.threads = 2;
    options_.body_bytes_max = [](std::string_view, std::string_view target) {
      return target == "/small" ? std::size_t{10} : std::size_t{2 * 1024 * 1024};
    };
    options_.refusal = [](unsigned status, std::string_view sentence) {
      return text("refused: " + std::string(sentence), status);
    };
  }

  // Started by the first use, so that a test can set options before.
  RunningServer& server() {
    if (!server_) {
      server_.emplace(options_, [this](const Request& request, Respond respond) {
        handle(request, std::move(respond));
      });
    }
    return *server_;
  }
  Client connect() { return server().connect(); }

  // The answer to these bytes, after which the connection must be closed.
  Answer refused(std::string_view bytes) {
    auto client = connect();
    client.send(bytes);
    auto answer = client.receive();
    EXPECT_EQ(answer.header("Connection"), "close") << bytes;
    EXPECT_EQ(answer.body.substr(0, 9), "refused: ") << bytes;
    EXPECT_TRUE(client.closed_by_server()) << bytes;
    return answer;
  }

  void handle(const Request& request, Respond respond) {
    const auto& target = request.target;
    if (target == "/dropped") return;
    if (target == "/held") return held_.add(std::move(respond));
    if (target == "/thread") {
      std::thread([respond, body = std::string(request.body)] { respond(text(body)); }).detach();
      return;
    }
    if (target == "/twice") respond(text("first"));
    if (target == "/throws") throw std::runtime_error("a fault");
    if (target == "/answers_and_throws") {
      respond(text("answered"));
      throw std::runtime_error("a fault");
    }
    if (target == "/204") return respond(text("junk", 204));
    if (target == "/304") return respond(text("junk", 304));
    if (target == "/megabyte") {
      Response response;
      response.shared_body = std::make_shared<const std::string>(megabyte);
      return respond(std::move(response));
    }
    if (request.has_header("Echo-Body")) return respond(text(std::string(request.body)));
    std::string body = std::string(request.method) + " " + std::string(target) + "\n";
    for (const auto& [name, value] : request.headers) {
      body.append(name).append("=").append(value).append("\n");
    }
    body += request.peer_address + (request.secure ? " secure" : " plain");
    respond(text(std::move(body)));
  }

  ServerOptions options_;
  Held held_;
  std::optional<RunningServer> server_;
};

inline std::string post(std::string_view target, std::string_view body,
                        std::string_view extra = "") {
  return "POST " + std::string(target) + " HTTP/1.1\r\nHost: h\r\nEcho-Body: 1\r\n" +
         std::string(extra) + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

inline std::string chunked_head(std::string_view target) {
  return "POST " + std::string(target) +
         " HTTP/1.1\r\nHost: h\r\nEcho-Body: 1\r\nTransfer-Encoding: chunked\r\n\r\n";
}

}  // namespace emplace::http::testing
