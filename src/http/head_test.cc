#include "http/head.h"

#include <string>

#include <gtest/gtest.h>

namespace emplace::http {
namespace {

tl::expected<std::size_t, Refused> scan(std::string_view bytes, std::size_t bytes_max = 1000,
                                        std::size_t headers_max = 10) {
  HeadScanner scanner(bytes_max, headers_max);
  return scanner.scan(bytes);
}

unsigned refusal(std::string_view bytes) {
  const auto scanned = scan(bytes);
  return scanned ? 0 : scanned.error().status;
}

TEST(HeadScanner, FindsTheEndOfTheHeadAndNothingBehindIt) {
  const std::string head = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  EXPECT_EQ(scan(head).value(), head.size());
  EXPECT_EQ(scan(head + "\x01\n body").value(), head.size());
}

TEST(HeadScanner, FindsTheSameEndWhereverTheBytesAreCut) {
  const std::string head = "POST /a HTTP/1.1\r\nHost: h\r\nA-Long-Name:\twith a\ttab\r\n\r\n";
  for (std::size_t cut = 0; cut < head.size(); ++cut) {
    HeadScanner scanner(1000, 10);
    EXPECT_EQ(scanner.scan(std::string_view(head).substr(0, cut)).value(), 0u) << cut;
    EXPECT_EQ(scanner.scan(head).value(), head.size()) << cut;
  }
}

TEST(HeadScanner, TellsAnEmptyLineBeforeTheRequestLine) {
  EXPECT_EQ(scan("\r\nGET / HTTP/1.1\r\n").value(), 2u);
}

TEST(HeadScanner, RefusesBareLineFeedsAndCarriageReturns) {
  EXPECT_EQ(refusal("GET / HTTP/1.1\nHost: h\r\n\r\n"), 400u);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: h\n\r\n"), 400u);
  EXPECT_EQ(refusal("GET / HTTP/1.1\rHost: h\r\n\r\n"), 400u);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: h\r\r\n\r\n"), 400u);
}

TEST(HeadScanner, RefusesEveryControlCharacterAtEveryPlace) {
  for (int character = 0; character < 0x100; ++character) {
    const bool control = (character < 0x20 && character != '\t') || character == 0x7f;
    for (std::size_t place = 0; place < 9; ++place) {
      std::string value(9, 'v');
      value[place] = static_cast<char>(character);
      const auto refused = refusal("GET / HTTP/1.1\r\nX: " + value + "\r\n\r\n");
      EXPECT_EQ(refused, control ? 400u : 0u) << character << " at " << place;
    }
  }
  EXPECT_EQ(refusal("GET /\ta HTTP/1.1\r\n\r\n"), 400u);
}

TEST(HeadScanner, RefusesFoldedLines) {
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nX: a\r\n b\r\n\r\n"), 400u);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\n\tX: a\r\n\r\n"), 400u);
}

TEST(HeadScanner, RefusesMalformedBytesBeforeTheHeadIsWhole) {
  EXPECT_EQ(refusal(std::string_view("\x16\x03\x01\x02\x00", 5)), 400u);  // a TLS client
}

TEST(HeadScanner, TellsALongTargetFromALargeHead) {
  const std::string line = "GET / HTTP/1.1\r\n";
  EXPECT_EQ(scan("GET /" + std::string(100, 'a'), 50).error().status, 414u);
  EXPECT_EQ(scan("GET /" + std::string(100, 'a') + " HTTP/1.1\r\n\r\n", 50).error().status, 414u);
  EXPECT_EQ(scan(line + "X: " + std::string(100, 'a'), 50).error().status, 431u);
  EXPECT_EQ(scan(line + "X: " + std::string(100, 'a') + "\r\n\r\n", 50).error().status, 431u);
}

TEST(HeadScanner, AllowsJustAsManyBytesAsItMay) {
  const std::string head = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  EXPECT_EQ(scan(head, head.size()).value(), head.size());
  EXPECT_EQ(scan(head, head.size() - 1).error().status, 431u);
}

TEST(HeadScanner, AllowsJustAsManyHeadersAsItMay) {
  const std::string line = "GET / HTTP/1.1\r\n";
  EXPECT_TRUE(scan(line + "A: 1\r\nB: 2\r\n\r\n", 1000, 2));
  EXPECT_EQ(scan(line + "A: 1\r\nB: 2\r\nC: 3\r\n\r\n", 1000, 2).error().status, 431u);
}

TEST(CheckTarget, TakesTheFormsThatAServerMust) {
  EXPECT_EQ(check_target("/a/b?c=%2f").value().path_and_query, "/a/b?c=%2f");
  EXPECT_EQ(check_target("*").value().path_and_query, "*");
  const auto absolute = check_target("http://host:80/a?b").value();
  EXPECT_EQ(absolute.authority, "host:80");
  EXPECT_EQ(absolute.path_and_query, "/a?b");
  EXPECT_FALSE(absolute.slash_missing);
}

TEST(CheckTarget, KnowsWhenAnAbsoluteFormHasNoPath) {
  EXPECT_EQ(check_target("https://host").value().path_and_query, "");
  EXPECT_TRUE(check_target("https://host").value().slash_missing);
  EXPECT_EQ(check_target("HTTP://host?a").value().path_and_query, "?a");
  EXPECT_TRUE(check_target("HTTP://host?a").value().slash_missing);
}

TEST(CheckTarget, RefusesWhatIsNoTarget) {
  for (const std::string_view target : {"", "a", "host:80", "ftp://host/", "http://", "http:///a",
                                        "http://user@host/", "/a#b", "/a b", "/a\x01", "**"}) {
    EXPECT_EQ(check_target(target).has_value(), false) << target;
  }
}

TEST(CheckTarget, RefusesDangerousEncodingsInThePathOnly) {
  for (const std::string_view encoded : {"%2f", "%2F", "%00", "%0d", "%0D", "%0a", "%0A"}) {
    EXPECT_FALSE(check_target("/a" + std::string(encoded))) << encoded;
    EXPECT_FALSE(check_target("http://h/a" + std::string(encoded) + "b")) << encoded;
    EXPECT_TRUE(check_target("/a?b=" + std::string(encoded))) << encoded;
  }
  EXPECT_TRUE(check_target("/a%20b%"));
  EXPECT_TRUE(check_target("/a%2"));
  EXPECT_FALSE(check_target("/a%%2f"));
}

TEST(CheckTarget, RefusesDotSegments) {
  for (const std::string_view path : {"/..", "/a/../b", "/./a", "/a/.", "/a/%2e%2E/b", "/.%2e"}) {
    EXPECT_FALSE(check_target(path)) << path;
  }
  for (const std::string_view path : {"/...", "/a..b", "/.a", "/a?../b", "/", "//"}) {
    EXPECT_TRUE(check_target(path)) << path;
  }
}

TEST(IsValidHost, KnowsNamesAddressesAndPorts) {
  for (const std::string_view host :
       {"", "h", "a-b.c_d", "127.0.0.1:8778", "[::1]", "[::1]:80", "h:"}) {
    EXPECT_TRUE(is_valid_host(host)) << host;
  }
  for (const std::string_view host : {"a b", "h/x", "u@h", "h:x", "h:1:2", "h:123456", "[", "[]",
                                      "[::1", "[::1]x", "[g]/", "h\"", "<h>"}) {
    EXPECT_FALSE(is_valid_host(host)) << host;
  }
  EXPECT_FALSE(is_valid_host(std::string_view("h\0", 2)));
}

TEST(CheckHeaders, WantsOneHostUnlessHttp10) {
  EXPECT_EQ(check_headers(true, {}).error().status, 400u);
  EXPECT_TRUE(check_headers(false, {}));
  EXPECT_TRUE(check_headers(true, {{"host", "h"}}));
  EXPECT_EQ(check_headers(true, {{"Host", "h"}, {"HOST", "h"}}).error().status, 400u);
  EXPECT_EQ(check_headers(false, {{"Host", "h"}, {"Host", "h"}}).error().status, 400u);
  EXPECT_EQ(check_headers(true, {{"Host", "h/"}}).error().status, 400u);
}

TEST(CheckHeaders, ReadsALengthOfDigitsOnly) {
  const auto framing = check_headers(false, {{"Content-Length", "0123"}});
  EXPECT_EQ(framing.value().content_length.value(), 123u);
  EXPECT_FALSE(check_headers(false, {}).value().content_length);
  for (const std::string_view length :
       {"", "+1", "-1", "1 ", "1,1", "0x1", "1.0", "99999999999999999999"}) {
    EXPECT_FALSE(check_headers(false, {{"Content-Length", length}})) << length;
  }
  EXPECT_FALSE(check_headers(false, {{"Content-Length", "1"}, {"Content-Length", "2"}}));
  EXPECT_FALSE(check_headers(false, {{"Content-Length", "1"}, {"Content-Length", "1"}}));
}

TEST(CheckHeaders, TakesNoCodingButChunkedAndThatOnceAndAlone) {
  const std::pair<std::string_view, std::string_view> host{"Host", "h"};
  const std::pair<std::string_view, std::string_view> chunked{"Transfer-Encoding", "Chunked"};
  EXPECT_TRUE(check_headers(true, {host, chunked}).value().chunked);
  EXPECT_FALSE(check_headers(true, {host}).value().chunked);
  EXPECT_EQ(check_headers(true, {host, chunked, chunked}).error().status, 400u);
  EXPECT_EQ(check_headers(true, {host, chunked, {"Content-Length", "1"}}).error().status, 400u);
  EXPECT_EQ(check_headers(true, {{"Content-Length", "1"}, host, chunked}).error().status, 400u);
  EXPECT_EQ(check_headers(false, {chunked}).error().status, 400u);
  for (const std::string_view coding : {"gzip", "gzip, chunked", "chunked, gzip", "identity", ""}) {
    EXPECT_EQ(check_headers(true, {host, {"Transfer-Encoding", coding}}).error().status, 501u)
        << coding;
  }
}

TEST(CheckHeaders, KeepsTheConnectionAsTheVersionAndTheClientWantIt) {
  const std::pair<std::string_view, std::string_view> host{"Host", "h"};
  EXPECT_TRUE(check_headers(true, {host}).value().keep_alive);
  EXPECT_FALSE(check_headers(true, {host, {"Connection", "x , Close"}}).value().keep_alive);
  EXPECT_FALSE(check_headers(false, {host}).value().keep_alive);
  EXPECT_TRUE(check_headers(false, {{"connection", "Keep-Alive"}}).value().keep_alive);
  EXPECT_FALSE(check_headers(false, {{"Connection", "keep-alive, close"}}).value().keep_alive);
}

TEST(CheckHeaders, KnowsWhoWaitsForContinue) {
  const std::pair<std::string_view, std::string_view> expect{"Expect", "100-Continue"};
  EXPECT_TRUE(check_headers(true, {{"Host", "h"}, expect}).value().expects_continue);
  EXPECT_FALSE(check_headers(false, {expect}).value().expects_continue);
  EXPECT_FALSE(check_headers(true, {{"Host", "h"}}).value().expects_continue);
}

}  // namespace
}  // namespace emplace::http
