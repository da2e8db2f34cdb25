#include "api/accept.h"

#include <gtest/gtest.h>

namespace emplace::api {
namespace {

constexpr std::string_view json = "application/json";

TEST(Accept, WithoutPreferenceEverythingIsWelcome) {
  for (const auto* accept : {"", " ", "*/*", "application/json", "APPLICATION/JSON",
                             "application/*", "not a media range", "text/"}) {
    EXPECT_EQ(welcome(accept, json), 1000) << accept;
  }
}

TEST(Accept, WhatIsNotNamedIsNotWelcome) {
  for (const auto* accept :
       {"text/plain", "application/xml;q=0.9", "application/json;charset=utf-8",
        "application/json;q=0", "*/*, application/json;q=0"}) {
    EXPECT_EQ(welcome(accept, json), 0) << accept;
  }
}

TEST(Accept, TheMostSpecificRangeGivesTheQuality) {
  const auto* browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
  EXPECT_EQ(welcome(browser, json), 800);
  EXPECT_EQ(welcome(browser, "text/html"), 1000);
  EXPECT_EQ(welcome("application/json;q=0.25, application/*", json), 250);
}

}  // namespace
}  // namespace emplace::api
