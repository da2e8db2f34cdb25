#include "http/url.h"

#include <gtest/gtest.h>

namespace emplace::http {
namespace {

TEST(Url, HasSchemeHostPortAndTarget) {
  const auto url = parse_url("http://keystone.example:5000/identity/v3?x=1");
  ASSERT_TRUE(url);
  EXPECT_FALSE(url->tls);
  EXPECT_EQ(url->host, "keystone.example");
  EXPECT_EQ(url->port, "5000");
  EXPECT_EQ(url->target, "/identity/v3?x=1");
  EXPECT_EQ(url->authority(), "keystone.example:5000");
}

TEST(Url, TakesThePortOfItsScheme) {
  EXPECT_EQ(parse_url("HTTPS://k")->port, "443");
  EXPECT_EQ(parse_url("https://k")->authority(), "k");
  EXPECT_EQ(parse_url("http://k:/")->port, "80");
  EXPECT_EQ(parse_url("http://k:443/")->authority(), "k:443");
}

TEST(Url, HasAlwaysATarget) {
  EXPECT_EQ(parse_url("http://k")->target, "/");
  EXPECT_EQ(parse_url("http://k?a#b")->target, "/?a");
}

TEST(Url, KnowsAddressesOfIpV6) {
  const auto url = parse_url("https://[::1]:5000/v3");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host, "::1");
  EXPECT_EQ(url->port, "5000");
  EXPECT_EQ(url->authority(), "[::1]:5000");
}

TEST(Url, OfAnotherPortIsAnotherOrigin) {
  EXPECT_TRUE(parse_url("http://k/a")->same_origin(*parse_url("http://k:80/b")));
  EXPECT_FALSE(parse_url("http://k/a")->same_origin(*parse_url("http://k:81/a")));
  EXPECT_FALSE(parse_url("http://k:443")->same_origin(*parse_url("https://k")));
}

TEST(Url, RefusesWhatIsNone) {
  for (const auto* text :
       {"", "k", "/v3", "ftp://k/", "http:/k", "http://", "http://:80/", "http://k:0/",
        "http://k:65536/", "http://k:5000x/", "http://[::1", "http://[::1]x/", "http://a b/",
        "http://k/\r\nX-Y: z", "http://k/\x80", "http://u:hush@k/"}) {
    const auto url = parse_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().detail.find("hush"), std::string::npos);
  }
}

}  // namespace
}  // namespace emplace::http
