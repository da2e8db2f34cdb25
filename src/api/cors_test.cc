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

TEST(Cors, NoValueCanBreakALine) {
  // A configuration file may hold what no request can.
  const std::string evil = std::string("a\r\nX-Evil: 1\nb") + '\0' + "\x7f";
  const CorsSettings broken{.allowed_origins = {evil},
                            .expose_headers = {evil},
                            .allow_methods = {evil},
                            .allow_headers = {evil}};
  const auto request = request_with({{"origin", evil},
                                     {"access-control-request-method", evil},
                                     {"access-control-request-headers", evil}});
  for (auto lines : {cors_header_lines(broken, request), preflight_header_lines(broken, request)}) {
    EXPECT_NE(lines.find("a  X-Evil: 1 b  \r\n"), std::string::npos) << lines;
    for (auto at = lines.find("\r\n"); at != std::string::npos; at = lines.find("\r\n"))
      lines.erase(at, 2);
    for (const unsigned char c : lines)
      EXPECT_TRUE(c >= 0x20 && c != 0x7f);
  }
}

}  // namespace
}  // namespace emplace::api
