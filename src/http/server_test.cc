#include "http/server.h"

#include <future>
#include <stdexcept>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "http/testing.h"

namespace emplace::http::testing {
namespace {

TEST_F(ServerTest, HandsTheWholeRequestToTheHandler) {
  auto client = connect();
  client.send("GET /a?b=%20 HTTP/1.1\r\nHost: h\r\nx-Y: 1 2\r\n\r\n");
  const auto answer = client.receive();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "GET /a?b=%20\nHost=h\nx-Y=1 2\n127.0.0.1 plain");
  EXPECT_EQ(answer.header("Date").size(), 29u);
  EXPECT_EQ(answer.header("Connection"), "");
}

TEST_F(ServerTest, AnswersManyRequestsOnOneConnection) {
  auto client = connect();
  for (int i = 0; i < 100; ++i) {
    const auto body = "body " + std::to_string(i);
    client.send(post("/", body));
    EXPECT_EQ(client.receive().body, body);
  }
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  auto client = connect();
  std::string requests;
  for (int i = 0; i < 500; ++i) {
    switch (i % 3) {
      case 0:
        requests += post("/thread", std::to_string(i));
        break;
      case 1:
        requests += post("/", std::to_string(i));
        break;
      default: {
        const auto body = std::to_string(i);
        requests += chunked_head("/") + "1\r\n" + body.substr(0, 1) + "\r\n";
        if (body.size() > 1) {
          requests += std::to_string(body.size() - 1) + "\r\n" + body.substr(1) + "\r\n";
        }
        requests += "0\r\n\r\n";
      }
    }
  }
  client.send(requests);
  for (int i = 0; i < 500; ++i)
    ASSERT_EQ(client.receive().body, std::to_string(i));
}

TEST_F(ServerTest, SkipsEmptyLinesBeforeARequest) {
  auto client = connect();
  client.send("\r\n\r\nGET /1 HTTP/1.1\r\nHost: h\r\n\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.receive().body.substr(0, 6), "GET /1");
  EXPECT_EQ(client.receive().body.substr(0, 6), "GET /2");
}

TEST_F(ServerTest, TakesARequestThatComesByteByByte) {
  auto client = connect();
  for (const char character : post("/", "abc"))
    client.send({&character, 1});
  EXPECT_EQ(client.receive().body, "abc");
  for (const char character : chunked_head("/") + "3\r\nabc\r\n0\r\n\r\n") {
    client.send({&character, 1});
  }
  EXPECT_EQ(client.receive().body, "abc");
}

TEST_F(ServerTest, MovesLargeBodiesBothWays) {
  auto client = connect();
  for (int i = 0; i < 3; ++i) {
    client.send(post("/", megabyte));
    EXPECT_EQ(client.receive().body, megabyte);
    client.get("/megabyte");
    EXPECT_EQ(client.receive().body, megabyte);
    std::string chunks;
    for (std::size_t at = 0; at < megabyte.size(); at += 0x10000) {
      chunks += "10000\r\n" + megabyte.substr(at, 0x10000) + "\r\n";
    }
    client.send(chunked_head("/") + chunks + "0\r\n\r\n");
    EXPECT_EQ(client.receive().body, megabyte);
  }
}

TEST_F(ServerTest, TakesHeadsLargerThanTheFirstBuffer) {
  auto client = connect();
  const std::string value(60'000, 'v');
  for (int i = 0; i < 2; ++i) {
    client.send("GET / HTTP/1.1\r\nHost: h\r\nX: " + value + "\r\n\r\n");
    EXPECT_NE(client.receive().body.find("X=" + value), std::string::npos);
    client.send(post("/", "abc", "X: " + value + "\r\n"));
    EXPECT_EQ(client.receive().body, "abc");
  }
}

TEST_F(ServerTest, AnswersFromAnotherThreadAndLater) {
  auto client = connect();
  for (int i = 0; i < 50; ++i) {
    client.send(post("/thread", std::to_string(i)));
    EXPECT_EQ(client.receive().body, std::to_string(i));
  }
  client.get("/held");
  held_.take()(text("late"));
  EXPECT_EQ(client.receive().body, "late");
}

TEST_F(ServerTest, IgnoresASecondAnswer) {
  auto client = connect();
  client.get("/twice");
  EXPECT_EQ(client.receive().body, "first");
  client.get("/held");
  const auto respond = held_.take();
  respond(text("late"));
  respond(text("too late"));
  EXPECT_EQ(client.receive().body, "late");
  client.get("/held");
  const auto next = held_.take();
  respond(text("an answer to the request before"));
  next(text("next"));
  EXPECT_EQ(client.receive().body, "next");
}

TEST_F(ServerTest, OutlivesClientsThatLeaveWhileTheyWait) {
  for (int i = 0; i < 10; ++i) {
    auto client = connect();
    client.get("/held");
    const auto respond = held_.take();
    client.close();
    respond(text(megabyte));
  }
  auto client = connect();
  client.get("/");
  EXPECT_EQ(client.receive().status, 200);
}

TEST_F(ServerTest, OutlivesClientsThatLeaveInTheMidst) {
  for (const std::string_view bytes : {"", "GET", "GET / HTTP/1.1\r\nHost: h\r\n"}) {
    auto client = connect();
    client.send(bytes);
  }
  {
    auto client = connect();
    client.send(post("/", megabyte).substr(0, 500'000));
  }
  {
    auto client = connect();
    client.get("/megabyte");
  }
  auto client = connect();
  client.get("/");
  EXPECT_EQ(client.receive().status, 200);
}

TEST_F(ServerTest, AnswersAClientThatSendsNoMore) {
  auto client = connect();
  client.get("/a");
  client.shut_down_sending();
  EXPECT_EQ(client.receive().status, 200);
  EXPECT_TRUE(client.closed_by_server());
}

TEST_F(ServerTest, SendsNoBodyWhereNoneBelongs) {
  auto client = connect();
  client.send("HEAD /megabyte HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.receive(true).header("Content-Length"), std::to_string(megabyte.size()));
  client.get("/204");
  EXPECT_EQ(client.receive().header("Content-Length"), "0");
  client.get("/304");
  EXPECT_EQ(client.receive().status, 304);
  client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_NE(client.receive(true).header("Content-Length"), "0");
  client.get("/");
  EXPECT_EQ(client.receive().body.substr(0, 5), "GET /");
}

TEST_F(ServerTest, ClosesWhenTheClientWantsIt) {
  auto client = connect();
  client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(client.receive().header("Connection"), "close");
  EXPECT_TRUE(client.closed_by_server());
}

TEST_F(ServerTest, ServesHttp10) {
  auto client = connect();
  client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(client.receive().header("Connection"), "keep-alive");
  client.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(client.receive().status, 200);
  EXPECT_TRUE(client.closed_by_server());
}

TEST_F(ServerTest, TakesAbsoluteTargetsAndTheirHost) {
  auto client = connect();
  client.send("GET http://other/a?b HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.receive().body.substr(0, 21), "GET /a?b\nHost=other\n1");
  client.send("GET http://other?b HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.receive().body.substr(0, 8), "GET /?b\n");
  client.send("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.receive().body.substr(0, 10), "OPTIONS *\n");
}

TEST_F(ServerTest, OutlivesOptionsThatThrow) {
  options_.body_bytes_max = [](std::string_view, std::string_view target) {
    if (target == "/bad") throw std::runtime_error("a fault");
    return std::size_t{0};
  };
  auto bad = connect();
  bad.get("/bad");
  EXPECT_TRUE(bad.closed_by_server());
  auto good = connect();
  good.get("/");
  EXPECT_EQ(good.receive().status, 200);
}

TEST_F(ServerTest, ServesWithoutRefusalAndBodyLimitGiven) {
  options_.refusal = nullptr;
  options_.body_bytes_max = nullptr;
  auto client = connect();
  client.send(post("/", "abc"));
  EXPECT_EQ(client.receive().body, "abc");
  client.send("nonsense\r\n\r\n");
  EXPECT_EQ(client.receive().status, 400);
}

TEST_F(ServerTest, StopsWhenWhatIsUnderWayIsAnswered) {
  options_.threads = 1;
  auto idle = connect(), busy = connect(), sending = connect();
  idle.get("/");
  EXPECT_EQ(idle.receive().status, 200);
  busy.get("/held");
  const auto respond = held_.take();
  const auto request = post("/", "abc");
  sending.send(request.substr(0, 10));
  idle.get("/");  // the loop has read what `sending` sent when it answers this
  EXPECT_EQ(idle.receive().status, 200);

  server().stop();
  server().stop();
  EXPECT_TRUE(idle.closed_by_server());
  EXPECT_THROW(connect(), std::runtime_error);
  respond(text("late"));
  const auto answer = busy.receive();
  EXPECT_EQ(answer.body, "late");
  EXPECT_EQ(answer.header("Connection"), "close");
  EXPECT_TRUE(busy.closed_by_server());
  sending.send(request.substr(10));
  EXPECT_EQ(sending.receive().body, "abc");
  EXPECT_TRUE(sending.closed_by_server());
  idle.close();
  busy.close();
  sending.close();
  server().join();
}

TEST_F(ServerTest, StopsWithoutAnAnswerWhenTheDrainTimeIsOver) {
  options_.drain_timeout = std::chrono::seconds(1);
  auto client = connect(), unread = connect();
  client.send(post("/held", "abc"));
  const auto respond = held_.take();
  unread.send("GET");
  server().stop();
  EXPECT_TRUE(client.closed_by_server());
  server().join();
  server_.reset();
  respond(text("to nobody"));
}

TEST_F(ServerTest, StopsBeforeItRuns) {
  Server stopped(ServerOptions{.port = 0}, [](const Request&, const Respond&) {});
  stopped.stop();
  stopped.run();
}

TEST(Server, RunsATaskOfAnyThreadOnTheConnectionsOwnAndHereOnceTheAnswerIsGiven) {
  std::promise<bool> same_thread, here_afterwards;
  std::thread elsewhere;
  const Handler handler = [&](const Request& request, const Respond& respond) {
    elsewhere = std::thread([&, respond, asked = std::this_thread::get_id()] {
      std::promise<void> ran;
      request.run_on_its_thread([&] {
        same_thread.set_value(std::this_thread::get_id() == asked);
        respond(text("from its thread"));
        ran.set_value();
      });
      ran.get_future().get();
      bool here = false;
      request.run_on_its_thread([&, caller = std::this_thread::get_id()] {
        here = std::this_thread::get_id() == caller;
      });
      here_afterwards.set_value(here);
    });
  };
  RunningServer server({}, handler);
  auto client = server.connect();
  client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.receive().body, "from its thread");
  EXPECT_TRUE(same_thread.get_future().get());
  EXPECT_TRUE(here_afterwards.get_future().get());
  elsewhere.join();
}

TEST(Server, ListensAgainAtOnceOnThePortOfAStoppedOne) {
  const Handler handler = [](const Request&, const Respond& respond) { respond(text("here")); };
  std::uint16_t port = 0;
  {
    RunningServer server({}, handler);
    port = server.port();
    auto client = server.connect();
    client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(client.receive().status, 200);
    EXPECT_TRUE(client.closed_by_server());  // now the server's side is in TIME_WAIT
  }
  Server again(ServerOptions{.port = port}, handler);
  EXPECT_EQ(again.port(), port);
}

TEST(Server, ListensOnNamesAndBothFamilies) {
  const Handler handler = [](const Request& request, const Respond& respond) {
    respond(text(request.peer_address));
  };
  for (const std::string host : {"localhost", "0.0.0.0", "::", "[::]"}) {
    ServerOptions options;
    options.host = host;
    RunningServer server(options, handler);
    auto client = server.connect();
    client.get("/");
    EXPECT_EQ(client.receive().body, "127.0.0.1") << host;
  }
}

TEST(Server, SaysWhyItCannotStart) {
  const Handler handler = [](const Request&, const Respond&) {};
  Server first(ServerOptions{.port = 0}, handler);
  const auto failure = [&](ServerOptions options) -> std::string {
    try {
      Server server(std::move(options), handler);
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(failure({.port = first.port()}), "Cannot listen on 127.0.0.1 port " +
                                                 std::to_string(first.port()) +
                                                 ": Address already in use.");
  EXPECT_EQ(failure({.host = std::string(300, 'a'), .port = 0}).substr(0, 26),  // too long for DNS
            "Cannot resolve the host aa");
  EXPECT_EQ(failure({.port = 0, .tls_certificate_file = "x"}),
            "TLS needs both a certificate file and a key file.");
  EXPECT_EQ(
      failure({.port = 0, .tls_certificate_file = "/none", .tls_key_file = "/none"}).substr(0, 37),
      "Cannot use the TLS certificate file /");
}

}  // namespace
}  // namespace emplace::http::testing
