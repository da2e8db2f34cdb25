#include "http/answer.h"

#include <gtest/gtest.h>

namespace emplace::http {
namespace {

std::string head_of(const Response& response,
                    Persistence persistence = Persistence::keep_silently) {
  std::string head = "stale";
  compose_head(head, response, "Date: d\r\n", persistence);
  return head;
}

Response response_of(unsigned status, std::string body) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

TEST(ComposeHead, WritesStatusDateLengthAndHeaders) {
  auto response = response_of(404, "four");
  response.add_header("X", "y");
  EXPECT_EQ(head_of(response),
            "HTTP/1.1 404 Not Found\r\nDate: d\r\nContent-Length: 4\r\nX: y\r\n\r\n");
}

TEST(ComposeHead, SaysWhatBecomesOfTheConnection) {
  const auto response = response_of(200, "");
  const std::string start = "HTTP/1.1 200 OK\r\nDate: d\r\nContent-Length: 0\r\n";
  EXPECT_EQ(head_of(response, Persistence::close), start + "Connection: close\r\n\r\n");
  EXPECT_EQ(head_of(response, Persistence::keep), start + "Connection: keep-alive\r\n\r\n");
}

TEST(ComposeHead, GivesTheLengthOfASharedBody) {
  auto response = response_of(200, "not sent");
  response.shared_body = std::make_shared<const std::string>("ab");
  EXPECT_NE(head_of(response).find("Content-Length: 2\r\n"), std::string::npos);
  EXPECT_EQ(body_to_send(response, false).data(), response.shared_body->data());
}

TEST(ComposeHead, SaysLengthZeroFor204AndNoneFor304) {
  EXPECT_EQ(head_of(response_of(204, "junk")),
            "HTTP/1.1 204 No Content\r\nDate: d\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(head_of(response_of(304, "junk")), "HTTP/1.1 304 Not Modified\r\nDate: d\r\n\r\n");
}

TEST(BodyToSend, IsEmptyFor204And304AndHead) {
  EXPECT_EQ(body_to_send(response_of(200, "b"), false), "b");
  EXPECT_EQ(body_to_send(response_of(200, "b"), true), "");
  EXPECT_EQ(body_to_send(response_of(204, "b"), false), "");
  EXPECT_EQ(body_to_send(response_of(304, "b"), false), "");
}

TEST(DateLine, ChangesWithTheSecond) {
  DateLine date;
  EXPECT_EQ(date.at(784111777), "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
  EXPECT_EQ(date.at(784111778), "Date: Sun, 06 Nov 1994 08:49:38 GMT\r\n");
}

TEST(AddHeader, LetsNoControlCharacterThrough) {
  Response response;
  response.add_header("A", std::string_view("b\r\nC: d\0\x7f", 9));
  EXPECT_EQ(response.header_lines, "A: b  C: d  \r\n");
}

TEST(RequestHeader, TellsAnEmptyHeaderFromNone) {
  Request request;
  request.headers = {{"Empty", ""}, {"X", "1"}, {"x", "2"}};
  EXPECT_TRUE(request.has_header("empty"));
  EXPECT_EQ(request.header("empty"), "");
  EXPECT_EQ(request.header("x"), "1");
  EXPECT_FALSE(request.has_header("y"));
}

}  // namespace
}  // namespace emplace::http
