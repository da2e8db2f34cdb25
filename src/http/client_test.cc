#include "http/client.h"

#include <atomic>
#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/self_signed.h"
#include "http/testing.h"

namespace emplace::http::testing {
namespace {

using ::testing::HasSubstr;

// A second server, on the port of the first.
class NextServer {
 public:
  explicit NextServer(const ServerOptions& options)
      : server_(options, [](const Request&, Respond respond) { respond(text("the next")); }),
        thread_([this] { server_.run(); }) {}
  ~NextServer() { server_.stop(); }

 private:
  http::Server server_;
  std::jthread thread_;
};

class ClientTest : public ServerTest {
 protected:
  ClientTest() {
    client_options_.connect_retries = 0;
    options_.drain_timeout = std::chrono::seconds(0);
  }

  http::Client& client() {
    if (!client_) client_.emplace(client_options_);
    return *client_;
  }
  std::string url(const std::string& target) {
    return "http://127.0.0.1:" + std::to_string(server().port()) + target;
  }
  std::future<Result<ClientAnswer>> send(ClientRequest request) {
    auto promise = std::make_shared<std::promise<Result<ClientAnswer>>>();
    client().send(std::move(request), [promise](Result<ClientAnswer> answer) {
      promise->set_value(std::move(answer));
    });
    return promise->get_future();
  }
  std::future<Result<ClientAnswer>> get(const std::string& target) {
    return send({.method = "GET", .url = *parse_url(url(target)), .headers = {}});
  }

  // From then on the port is free, and options_ name it.
  void stop_server() {
    options_.port = server().port();
    server().stop();
    server().join();
  }

  ClientOptions client_options_;

 private:
  std::optional<http::Client> client_;
};

TEST_F(ClientTest, SendsMethodTargetHeadersAndBody) {
  const auto asked = get("/a?b=c").get();
  ASSERT_TRUE(asked) << asked.error().detail;
  EXPECT_EQ(asked->status, 200u);
  EXPECT_THAT(asked->body, HasSubstr("GET /a?b=c\n"));
  EXPECT_THAT(asked->body, HasSubstr("Host=127.0.0.1:"));
  const auto posted = send({.method = "POST",
                            .url = *parse_url(url("/a")),
                            .headers = {{"Echo-Body", "1"}},
                            .body = "what was sent"})
                          .get();
  ASSERT_TRUE(posted);
  EXPECT_EQ(posted->body, "what was sent");
  EXPECT_EQ(posted->header("content-LENGTH"), "13");
  EXPECT_EQ(posted->header("absent"), "");
}

TEST_F(ClientTest, TakesAnswersOfAnyStatusAndWithoutABody) {
  const auto answer = get("/204").get();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 204u);
  EXPECT_EQ(answer->body, "");
}

TEST_F(ClientTest, KeepsItsConnection) {
  options_.connections_max = 1;
  for (int i = 0; i < 3; ++i) {
    const auto answer = get("/").get();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200u) << "a second connection would be refused";
  }
}

TEST_F(ClientTest, ConnectsAnewWhenAKeptConnectionProvesClosed) {
  ASSERT_TRUE(get("/").get());
  stop_server();  // which closes the connection that was kept
  const NextServer next(options_);
  const auto answer = get("/").get();
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(answer->body, "the next");
}

TEST_F(ClientTest, SaysWhoCannotBeReached) {
  stop_server();
  const auto answer = get("/secret").get();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().reason, Reason::unavailable);
  EXPECT_THAT(answer.error().detail, HasSubstr("127.0.0.1:"));
  EXPECT_THAT(answer.error().detail, ::testing::Not(HasSubstr("secret")));
}

TEST_F(ClientTest, TriesToConnectAgain) {
  client_options_.connect_retries = 12;
  client_options_.connect_pause = std::chrono::milliseconds(1);
  stop_server();
  auto answer = get("/");
  const NextServer next(options_);
  EXPECT_TRUE(answer.get());
}

TEST_F(ClientTest, LetsABoundedNumberWait) {
  client_options_.connections_max = 1;
  client_options_.waiting_max = 1;
  auto first = get("/held");
  const auto respond = held_.take();
  auto second = get("/"), third = get("/");
  const auto refused = third.get();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, Reason::overloaded);
  respond(text("late"));
  EXPECT_EQ(first.get()->body, "late");
  EXPECT_TRUE(second.get());
}

TEST_F(ClientTest, GivesUpAnAnswerThatIsTooLongOrTooLate) {
  client_options_.answer_bytes_max = 1000;
  client_options_.time_limit = std::chrono::milliseconds(50);
  EXPECT_FALSE(get("/megabyte").get());
  const auto late = get("/held").get();
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().reason, Reason::unavailable);
}

TEST_F(ClientTest, CallsNobodyAfterStop) {
  std::atomic<int> called = 0;
  client().send({.method = "GET", .url = *parse_url(url("/held")), .headers = {}},
                [&called](const Result<ClientAnswer>&) { ++called; });
  const auto respond = held_.take();
  client().stop();
  respond(text("late"));
  client().send({.method = "GET", .url = *parse_url(url("/")), .headers = {}},
                [&called](const Result<ClientAnswer>&) { ++called; });
  EXPECT_EQ(called, 0);
}

class TlsClientTest : public ClientTest {
 protected:
  TlsClientTest() {
    options_.tls_certificate_file = certificate_.certificate_file();
    options_.tls_key_file = certificate_.key_file();
  }
  Result<ClientAnswer> get_from(const std::string& host) {
    return send({.method = "GET",
                 .url = *parse_url("https://" + host + ":" + std::to_string(server().port())),
                 .headers = {}})
        .get();
  }
  SelfSigned certificate_;
};

TEST_F(TlsClientTest, TrustsWhomTheCaFileVouchesFor) {
  client_options_.ca_file = certificate_.certificate_file();
  const auto answer = get_from("localhost");
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_THAT(answer->body, HasSubstr("secure"));
}

TEST_F(TlsClientTest, WantsTheNameOfTheHostInTheCertificate) {
  client_options_.ca_file = certificate_.certificate_file();
  EXPECT_FALSE(get_from("127.0.0.1"));
}

TEST_F(TlsClientTest, TrustsNobodyElse) {
  EXPECT_FALSE(get_from("localhost"));
}

TEST_F(TlsClientTest, TrustsAnyoneIfToldSo) {
  client_options_.verify_peer = false;
  EXPECT_TRUE(get_from("127.0.0.1"));
}

TEST_F(TlsClientTest, NamesTheFileThatItCannotUse) {
  client_options_.ca_file = "/nowhere/ca.pem";
  try {
    client();
    FAIL() << "made a client";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("CA file /nowhere/ca.pem"));
  }
}

}  // namespace
}  // namespace emplace::http::testing
