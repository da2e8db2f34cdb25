#include "api/errors.h"

#include <gtest/gtest.h>

#include "json/reader.h"

namespace emplace::api {
namespace {

ErrorContext context_of(Microversion version, std::string_view accept = "") {
  return {version, "GET", accept, {}, "req-1"};
}

TEST(Errors, AreTheApisObject) {
  const auto response = error_response({Reason::duplicate_name, "It exists."}, context_of({1, 23}));
  EXPECT_EQ(response.status, 409u);
  EXPECT_EQ(response.body,
            R"({"errors": [{"status": 409, "title": "Conflict", "detail": "There was a conflict )"
            R"(when trying to complete your request.\n\n It exists.  ", "code": )"
            R"("placement.duplicate_name", "request_id": "req-1"}]})");
}

TEST(Errors, HaveACodeFrom123) {
  const auto before = error_response({Reason::conflict, "x"}, context_of({1, 22}));
  EXPECT_EQ(before.body.find("code"), std::string::npos);
  const auto after = error_response({Reason::conflict, "x"}, context_of({1, 23}));
  EXPECT_NE(after.body.find("placement.undefined_code"), std::string::npos);
}

TEST(Errors, FollowTheAcceptHeader) {
  const Failure failure{Reason::not_found, "No <b> here"};
  const auto html = error_response(failure, context_of(newest, "text/html"));
  EXPECT_TRUE(html.content_type.starts_with("text/html"));
  EXPECT_NE(html.body.find("No &lt;b&gt; here"), std::string::npos);
  const auto text = error_response(failure, context_of(newest, "text/plain"));
  EXPECT_TRUE(text.content_type.starts_with("text/plain"));
  EXPECT_TRUE(
      text.body.starts_with("404 Not Found\n\nThe resource could not be found.\n\n No <b>"));
  for (const auto* accept : {"", "*/*", "application/json", "application/*"}) {
    EXPECT_EQ(error_response(failure, context_of(newest, accept)).content_type, "application/json");
  }
}

TEST(Errors, OfAVersionSayWhichThereAre) {
  const auto response =
      error_response({Reason::version_not_supported, "x"}, {std::nullopt, "GET", "", {}, "req-1"});
  const auto error = json::parse(response.body)->at("errors").at(0);
  EXPECT_EQ(error.at("max_version"), "1.39");
  EXPECT_EQ(error.at("min_version"), "1.0");
  EXPECT_FALSE(response.vary);
}

TEST(Errors, AreJsonWhateverBytesCame) {
  const ErrorContext context{newest, "GET", "", "text/\xff", "req-1"};
  EXPECT_TRUE(json::parse(error_response({Reason::unsupported_media_type, "\xc3("}, context).body));
}

TEST(Errors, NeverHoldAControlCharacter) {
  const auto response = error_response({Reason::bad_request, "a\nb\x01"}, context_of(newest));
  const auto parsed = json::parse(response.body);
  ASSERT_TRUE(parsed);
  const auto& detail = parsed->at("errors").at(0).at("detail").as_string();
  EXPECT_NE(detail.find("a b "), std::string::npos);
}

}  // namespace
}  // namespace emplace::api
