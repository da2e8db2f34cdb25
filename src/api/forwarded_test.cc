#include "api/forwarded.h"

#include <gtest/gtest.h>

namespace emplace::api {
namespace {

using Headers = std::vector<std::pair<std::string_view, std::string_view>>;

Forwarded forwarded(Headers headers) {
  Request request;
  request.headers = std::move(headers);
  return forwarded_by_proxy(request);
}

TEST(Forwarded, IsWhatTheFirstProxySays) {
  const auto said = forwarded(
      {{"Forwarded", "for=\"[2001:db8::1]:4711\"; Proto=https;host=api, for=192.0.2.9;host=b"}});
  EXPECT_EQ(said.client, "[2001:db8::1]:4711");
  EXPECT_EQ(said.scheme, "https");
  EXPECT_EQ(said.host, "api");
}

TEST(Forwarded, OlderHeadersCountOnlyWithoutTheStandardOne) {
  const Headers older{{"X-Forwarded-For", " 192.0.2.1 , 192.0.2.2"},
                      {"X-Forwarded-Host", "api"},
                      {"X-Forwarded-Proto", "https"}};
  EXPECT_EQ(forwarded(older).client, "192.0.2.1");
  EXPECT_EQ(forwarded(older).host, "api");
  EXPECT_EQ(forwarded(older).scheme, "https");
  auto both = older;
  both.emplace_back("Forwarded", "proto=http");
  EXPECT_EQ(forwarded(both).client, "");
  EXPECT_EQ(forwarded(both).scheme, "http");
}

TEST(Forwarded, IsEmptyIfNobodySaysAnything) {
  EXPECT_EQ(forwarded({}).client, "");
  EXPECT_EQ(forwarded({{"X-Forwarded-For", "  "}}).client, "");
}

}  // namespace
}  // namespace emplace::api
