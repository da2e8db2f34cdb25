#include "http/parser.h"

#include <string>

#include <gtest/gtest.h>

namespace emplace::http {
namespace {

unsigned refusal(std::string_view head) {
  Headers headers;
  const auto parsed = parse_head(head, headers);
  return parsed ? 0 : parsed.error().status;
}

TEST(ParseHead, GivesTheRequestLineAndTheHeadersInOrder) {
  Headers headers{{"stale", "stale"}};
  const auto line =
      parse_head("PATCH /a?b=\xc3\xa9 HTTP/1.1\r\nB:  2 x \r\na:1\r\nB:\r\n\r\n", headers);
  ASSERT_TRUE(line);
  EXPECT_EQ(line->method, "PATCH");
  EXPECT_EQ(line->target, "/a?b=\xc3\xa9");
  EXPECT_TRUE(line->http_1_1);
  EXPECT_EQ(headers, (Headers{{"B", "2 x"}, {"a", "1"}, {"B", ""}}));
  EXPECT_NE(headers[2].second.data(), nullptr);
}

TEST(ParseHead, TakesMethodsThatNobodyKnows) {
  Headers headers;
  EXPECT_EQ(parse_head("BREW / HTTP/1.0\r\n\r\n", headers).value().method, "BREW");
  EXPECT_FALSE(parse_head("BREW / HTTP/1.0\r\n\r\n", headers).value().http_1_1);
}

TEST(ParseHead, RefusesMalformedRequestLines) {
  for (const std::string_view line :
       {"GET /", "GET  / HTTP/1.1", "GET / HTTP/1.1 ", " GET / HTTP/1.1", "GET / http/1.1",
        "GET /HTTP/1.1", "G@T / HTTP/1.1", "GET / HTTP/11", "GET / HTTP/1.x", "GET"}) {
    EXPECT_EQ(refusal(std::string(line) + "\r\nHost: h\r\n\r\n"), 400u) << line;
  }
}

TEST(ParseHead, RefusesOtherVersions) {
  for (const std::string_view version : {"HTTP/2.0", "HTTP/0.9", "HTTP/1.2", "HTTP/3.0"}) {
    EXPECT_EQ(refusal("GET / " + std::string(version) + "\r\n\r\n"), 505u) << version;
  }
}

TEST(ParseHead, DoesNotTakeASpaceInTheTargetForAnotherVersion) {
  EXPECT_EQ(refusal("GET /a b HTTP/1.1\r\n\r\n"), 400u);
  EXPECT_EQ(refusal("GET /a HTTP/2.0 HTTP/1.1\r\n\r\n"), 400u);
}

TEST(ParseHead, RefusesMalformedHeaderLines) {
  for (const std::string_view line : {"Host : h", "Host", ": h", "Ho st: h", "Ho\"st: h"}) {
    EXPECT_EQ(refusal("GET / HTTP/1.1\r\n" + std::string(line) + "\r\n\r\n"), 400u) << line;
  }
}

TEST(ParseHead, RefusesLengthsThatContradict) {
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"), 400u);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"),
            400u);
}

TEST(ChunkedBody, IsTheSameWhereverTheBytesAreCut) {
  const std::string sent = "3;a=\"b\"\r\nabc\r\nA\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n";
  for (std::size_t cut = 0; cut <= sent.size(); ++cut) {
    ChunkedBody chunks(100);
    std::string body;
    const auto first = chunks.feed(std::string_view(sent).substr(0, cut), body);
    ASSERT_TRUE(first) << cut;
    const auto rest = chunks.feed(std::string_view(sent).substr(*first), body);
    ASSERT_TRUE(rest) << cut;
    EXPECT_EQ(*first + *rest, sent.size()) << cut;
    EXPECT_TRUE(chunks.done()) << cut;
    EXPECT_EQ(body, "abc0123456789") << cut;
  }
}

TEST(ChunkedBody, MayHoldLinesThatBeginWithASpace) {
  const std::string sent = "4\r\na\r\n \r\n3\r\n\r\n\t\r\n0\r\n\r\n";
  for (std::size_t cut = 0; cut <= sent.size(); ++cut) {
    ChunkedBody chunks(10);
    std::string body;
    const auto first = chunks.feed(std::string_view(sent).substr(0, cut), body);
    ASSERT_TRUE(first) << cut;
    ASSERT_TRUE(chunks.feed(std::string_view(sent).substr(*first), body)) << cut;
    EXPECT_EQ(body, "a\r\n \r\n\t") << cut;
  }
}

TEST(ChunkedBody, LeavesTheNextRequestAlone) {
  ChunkedBody chunks(100);
  std::string body;
  EXPECT_EQ(chunks.feed("1\r\nx\r\n0\r\n\r\nGET /", body).value(), 11u);
  EXPECT_TRUE(chunks.done());
  EXPECT_EQ(body, "x");
}

unsigned chunk_refusal(std::string_view bytes) {
  ChunkedBody chunks(10);
  std::string body;
  const auto fed = chunks.feed(bytes, body);
  return fed ? 0 : fed.error().status;
}

TEST(ChunkedBody, RefusesASizeOverTheLimitBeforeItsBytesCome) {
  EXPECT_EQ(chunk_refusal("b\r\n"), 413u);
  EXPECT_EQ(chunk_refusal("5\r\nabcde\r\n6\r\n"), 413u);
  EXPECT_EQ(chunk_refusal("ffffffffffffffff\r\n"), 413u);
  EXPECT_EQ(chunk_refusal("a\r\n0123456789\r\n0\r\n\r\n"), 0u);
}

TEST(ChunkedBody, RefusesMalformedChunks) {
  for (const std::string_view bytes :
       {"x\r\n", "\r\n\r\n", "-1\r\n", "1 \r\n", "1\r\nab\r\n0\r\n\r\n", "1;a=\"\n\"\r\nx\r\n",
        "1\nx\r\n0\r\n\r\n", "11111111111111111\r\n", "0\r\nBad Trailer: x\r\n\r\n",
        "0\r\nContent-Length: 1\r\n\r\n", "0\r\nX: y\r\n z", "0\r\nX: y\r\n\tz\r\nA: b"}) {
    EXPECT_EQ(chunk_refusal(std::string(bytes) + "\r\n\r\n"), 400u) << bytes;
  }
}

}  // namespace
}  // namespace emplace::http
