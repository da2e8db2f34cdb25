#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "http/server.h"
#include "http/testing.h"

namespace emplace::http::testing {
namespace {

using RefusalTest = ServerTest;

TEST_F(RefusalTest, SaysContinueOnlyToABodyThatItWants) {
  auto client = connect();
  const auto request = post("/", "abc", "Expect: 100-continue\r\n");
  client.send(request.substr(0, request.size() - 3));
  EXPECT_EQ(client.receive().status, 100);
  client.send("abc");
  EXPECT_EQ(client.receive().body, "abc");
  client.send(request);  // who does not wait needs no leave
  EXPECT_EQ(client.receive().body, "abc");
  EXPECT_EQ(refused("POST /small HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
                    "Content-Length: 11\r\n\r\n")
                .status,
            413);
}

TEST_F(RefusalTest, RefusesMalformedHeads) {
  for (const std::string_view head : {
           "nonsense\r\n\r\n",
           "GET / HTTP/1.1\r\nHost : h\r\n\r\n",
           "GET / HTTP/1.1\nHost: h\n\n",
           "GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: h\r\nX: a\x01\r\n\r\n",
           "GET /\x7f HTTP/1.1\r\nHost: h\r\n\r\n",
           "GET / HTTP/1.1\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n",
           "GET a HTTP/1.1\r\nHost: h\r\n\r\n",
           "CONNECT h:80 HTTP/1.1\r\nHost: h\r\n\r\n",
           "GET /a%2Fb HTTP/1.1\r\nHost: h\r\n\r\n",
           "GET /a%00 HTTP/1.1\r\nHost: h\r\n\r\n",
           "GET /a/../b HTTP/1.1\r\nHost: h\r\n\r\n",
           "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
           "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
           "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
           "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
       }) {
    EXPECT_EQ(refused(head).status, 400) << head;
  }
  EXPECT_EQ(refused("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n").status, 501);
  EXPECT_EQ(refused("GET / HTTP/2.0\r\nHost: h\r\n\r\n").status, 505);
}

TEST_F(RefusalTest, RefusesHeadsOverTheLimits) {
  options_.header_bytes_max = 10'000;
  options_.header_count_max = 5;
  EXPECT_EQ(refused("GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\n\r\n").status, 414);
  EXPECT_EQ(refused("GET / HTTP/1.1\r\nX: " + std::string(20'000, 'a') + "\r\n\r\n").status, 431);
  std::string headers;
  for (int i = 0; i < 6; ++i)
    headers += "X: 1\r\n";
  EXPECT_EQ(refused("GET / HTTP/1.1\r\n" + headers + "\r\n").status, 431);
}

TEST_F(RefusalTest, RefusesBodiesOverTheLimitAsSoonAsItIsKnown) {
  const std::string start = "POST /small HTTP/1.1\r\nHost: h\r\n";
  EXPECT_EQ(refused(start + "Content-Length: 11\r\n\r\n").status, 413);
  EXPECT_EQ(refused(start + "Content-Length: 999999999999999999\r\n\r\n").status, 413);
  EXPECT_EQ(refused(chunked_head("/small") + "5\r\nabcde\r\n6\r\n").status, 413);
  auto client = connect();
  client.send(post("/small", "0123456789"));
  EXPECT_EQ(client.receive().body, "0123456789");
}

TEST_F(RefusalTest, DeliversARefusalToAClientThatIsStillSending) {
  auto client = connect();
  client.send("POST /small HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n");
  client.send(std::string(1'000'000, 'x'));
  EXPECT_EQ(client.receive().status, 413);
}

TEST_F(RefusalTest, RefusesMalformedChunks) {
  EXPECT_EQ(refused(chunked_head("/") + "x\r\n").status, 400);
  EXPECT_EQ(refused(chunked_head("/") + "1;" + std::string(20'000, 'x')).status, 400);
  EXPECT_EQ(refused(chunked_head("/") + "0\r\nX: " + std::string(20'000, 'x')).status, 400);
}

TEST_F(RefusalTest, AnswersForAHandlerThatForgets) {
  EXPECT_EQ(refused("GET /dropped HTTP/1.1\r\nHost: h\r\n\r\n").status, 500);
  auto client = connect();
  client.get("/held");
  held_.take();  // and drops it
  EXPECT_EQ(client.receive().status, 500);
}

TEST_F(RefusalTest, AnswersForAHandlerThatThrows) {
  EXPECT_EQ(refused("GET /throws HTTP/1.1\r\nHost: h\r\n\r\n").status, 500);
  auto client = connect();
  client.get("/answers_and_throws");
  EXPECT_EQ(client.receive().body, "answered");
  EXPECT_TRUE(client.closed_by_server());
}

TEST_F(RefusalTest, RefusesSlowHeadsAndBodiesAndClosesIdleConnections) {
  options_.header_timeout = std::chrono::seconds(1);
  options_.idle_timeout = std::chrono::seconds(1);
  options_.body_bytes_per_second_min = 100;
  auto silent = connect(), head = connect(), body = connect(), chunks = connect();
  auto between = connect();
  head.send("GET / HTTP/1.1\r\n");
  body.send(post("/", megabyte).substr(0, 150));
  chunks.send(chunked_head("/") + "5\r\nab");
  between.get("/");
  EXPECT_EQ(between.receive().status, 200);
  EXPECT_EQ(silent.receive().status, 408);
  EXPECT_EQ(head.receive().status, 408);
  EXPECT_EQ(body.receive().status, 408);
  EXPECT_EQ(chunks.receive().status, 408);
  EXPECT_TRUE(head.closed_by_server());
  EXPECT_TRUE(body.closed_by_server());
  EXPECT_TRUE(between.closed_by_server());
}

TEST_F(RefusalTest, WaitsForAHandlerLongerThanForAClient) {
  options_.header_timeout = std::chrono::seconds(1);
  options_.idle_timeout = std::chrono::seconds(1);
  auto waiting = connect(), idle = connect();
  waiting.get("/held");
  const auto respond = held_.take();
  idle.get("/");
  EXPECT_EQ(idle.receive().status, 200);
  EXPECT_TRUE(idle.closed_by_server());  // so that the time-outs are over
  respond(text("late"));
  EXPECT_EQ(waiting.receive().body, "late");
}

TEST_F(RefusalTest, RefusesConnectionsOverTheLimitAndTakesNewOnesAfter) {
  options_.connections_max = 2;
  auto first = connect();
  {
    auto second = connect();
    second.get("/");
    EXPECT_EQ(second.receive().status, 200);
    auto third = connect();
    EXPECT_EQ(third.receive().status, 503);
    EXPECT_TRUE(third.closed_by_server());
  }
  // The server hears of the closed ones in its own time.
  int status = 503;
  for (int i = 0; i < 1000 && status == 503; ++i) {
    auto next = connect();
    next.get("/");
    status = next.receive().status;
  }
  EXPECT_EQ(status, 200);
  first.get("/");
  EXPECT_EQ(first.receive().status, 200);
}

TEST_F(RefusalTest, RefusesConnectionsOverTheLimitOfAnAddress) {
  options_.connections_per_address_max = 1;
  auto first = connect();
  auto second = connect();
  EXPECT_EQ(second.receive().status, 503);
  auto other = server().connect("127.0.0.2");
  other.get("/");
  EXPECT_EQ(other.receive().body, "GET /\nHost=h\n127.0.0.2 plain");
  first.get("/");
  EXPECT_EQ(first.receive().status, 200);
}

}  // namespace
}  // namespace emplace::http::testing
