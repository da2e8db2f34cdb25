#include "api/cors.h"

#include <gtest/gtest.h>

namespace emplace::api {
namespace {

const CorsSettings settings{.allowed_origins = {"http://good.example"},
                            .allow_credentials = true,
                            .expose_headers = {"X-A", "X-B"},
                            .allow_methods = {"GET", "PUT"},
                            .allow_headers = {"X-Auth-Token"},
                            .max_age_s = 60};

Request request_with(std::vector<std::pair<std::string_view, std::string_view>> headers) {
  return Request{.method = "OPTIONS", .target = "/", .body = "", .headers = std::move(headers)};
}

TEST(Cors, AllowsTheOriginsThatAreConfigured) {
  const auto lines = cors_header_lines(settings, request_with({{"Origin", "http://good.example"}}));
  EXPECT_EQ(lines,
            "Vary: Origin\r\nAccess-Control-Allow-Origin: http://good.example\r\n"
            "Access-Control-Allow-Credentials: true\r\nAccess-Control-Expose-Headers: X-A,X-B\r\n");
  EXPECT_EQ(cors_header_lines(settings, request_with({{"Origin", "http://bad.example"}})), "");
  EXPECT_EQ(cors_header_lines(settings, request_with({})), "");
}

TEST(Cors, APreflightNamesWhatMayBeSent) {
  const auto ask = [](std::string_view method, std::string_view headers) {
    return preflight_header_lines(settings,
                                  request_with({{"origin", "http://good.example"},
                                                {"access-control-request-method", method},
                                                {"access-control-request-headers", headers}}));
  };
  const auto lines = ask("PUT", "x-auth-token, content-type");
  EXPECT_NE(lines.find("Access-Control-Allow-Methods: PUT\r\n"), std::string::npos);
  EXPECT_NE(lines.find("Access-Control-Allow-Headers: x-auth-token,content-type\r\n"),
            std::string::npos);
  EXPECT_NE(lines.find("Access-Control-Max-Age: 60\r\n"), std::string::npos);
  EXPECT_EQ(ask("DELETE", ""), "");
  EXPECT_EQ(ask("GET", "x-other"), "");
}

}  // namespace
}  // namespace emplace::api
