#include "auth/token_lookup.h"

#include <deque>

#include <gtest/gtest.h>

namespace emplace::auth {
namespace {

using std::chrono::seconds;

// A Keystone that answers when the test says so.
class FakeVerifier final : public TokenVerifier {
 public:
  struct Question {
    std::string token;
    bool allow_expired;
    TokenDone done;
  };
  void verify(const std::string& token, bool allow_expired, TokenDone done) override {
    questions.push_back({token, allow_expired, std::move(done)});
    ++asked;
  }
  void answer(const Result<TokenPtr>& result) {
    const auto question = std::move(questions.front());
    questions.pop_front();
    question.done(result);
  }
  std::deque<Question> questions;
  int asked = 0;
};

class TestClock final : public Clock {
 public:
  Time now() const override { return time; }
  Time time = Time(seconds(1'000'000));
};

class TokenLookupTest : public testing::Test {
 protected:
  TokenLookupTest() {
    options_.now = [this] { return moment_; };
  }
  TokenLookup& lookup() {
    if (!lookup_) lookup_.emplace(verifier_, clock_, options_);
    return *lookup_;
  }
  // What was answered to find(): a user's id, the name of a Reason, or "" if nothing was yet.
  std::shared_ptr<std::string> find(const std::string& token, bool allow_expired = false) {
    const auto said = std::make_shared<std::string>();
    lookup().find(token, allow_expired, [said](const Result<TokenPtr>& result) {
      EXPECT_EQ(*said, "") << "answered twice";
      *said = result ? (*result)->identity.user_id : name_of(result.error().reason);
    });
    return said;
  }
  static std::string name_of(Reason reason) {
    if (reason == Reason::unauthenticated) return "unauthenticated";
    if (reason == Reason::overloaded) return "overloaded";
    return reason == Reason::unavailable ? "unavailable" : "another reason";
  }
  Result<TokenPtr> token_of(std::string user, seconds life = seconds(3600)) const {
    Token token{{}, clock_.time + life};
    token.identity.user_id = std::move(user);
    return std::make_shared<const Token>(std::move(token));
  }
  void pass(seconds time) {
    moment_ += time;
    clock_.time += time;
  }

  FakeVerifier verifier_;
  TestClock clock_;
  Moment moment_ = Moment(seconds(5000));
  LookupOptions options_;

 private:
  std::optional<TokenLookup> lookup_;
};

TEST_F(TokenLookupTest, AsksOnceHoweverManyWait) {
  const auto first = find("t"), second = find("t"), third = find("t");
  EXPECT_EQ(verifier_.asked, 1);
  EXPECT_EQ(*first, "");
  verifier_.answer(token_of("u"));
  EXPECT_EQ(*first, "u");
  EXPECT_EQ(*second, "u");
  EXPECT_EQ(*third, "u");
  EXPECT_EQ(*find("t"), "u");
  EXPECT_EQ(verifier_.asked, 1);
}

TEST_F(TokenLookupTest, AsksForEachTokenByItself) {
  const auto one = find("t1"), two = find("t2");
  verifier_.answer(token_of("u1"));
  verifier_.answer(token_of("u2"));
  EXPECT_EQ(*one, "u1");
  EXPECT_EQ(*two, "u2");
}

TEST_F(TokenLookupTest, NoticesARevocationWhenTheCacheTimeIsOver) {
  options_.keep_good = seconds(300);
  find("t");
  pass(seconds(20));  // the answer takes its time, which counts
  verifier_.answer(token_of("u"));
  pass(seconds(279));
  EXPECT_EQ(*find("t"), "u");
  pass(seconds(1));
  const auto later = find("t");
  EXPECT_EQ(verifier_.asked, 2);
  verifier_.answer(unauthenticated());
  EXPECT_EQ(*later, "unauthenticated");
}

TEST_F(TokenLookupTest, ServesNoTokenPastItsExpiry) {
  find("t");
  verifier_.answer(token_of("u", seconds(100)));
  pass(seconds(99));
  EXPECT_EQ(*find("t"), "u");
  pass(seconds(1));
  EXPECT_EQ(*find("t"), "unauthenticated");
  EXPECT_EQ(verifier_.asked, 1);
}

TEST_F(TokenLookupTest, ServesNoTokenThatComesExpired) {
  const auto found = find("t");
  verifier_.answer(token_of("u", seconds(0)));
  EXPECT_EQ(*found, "unauthenticated");
}

TEST_F(TokenLookupTest, TakesAnExpiredTokenOnlyFromWhoMayBringOne) {
  const auto service = find("t", true);
  EXPECT_TRUE(verifier_.questions.front().allow_expired);
  verifier_.answer(token_of("u", seconds(-100)));
  EXPECT_EQ(*service, "u");
  EXPECT_EQ(*find("t", true), "u");
  const auto user = find("t");
  EXPECT_FALSE(verifier_.questions.front().allow_expired);
  verifier_.answer(unauthenticated());
  EXPECT_EQ(*user, "unauthenticated");
  EXPECT_EQ(*find("t", true), "u") << "one kind of question must not spoil the other";
}

TEST_F(TokenLookupTest, RemembersForAWhileWhatKeystoneDoesNotAccept) {
  const auto found = find("bad");
  verifier_.answer(unauthenticated());
  EXPECT_EQ(*found, "unauthenticated");
  EXPECT_EQ(*find("bad"), "unauthenticated");
  EXPECT_EQ(verifier_.asked, 1);
  pass(seconds(10));
  find("bad");
  EXPECT_EQ(verifier_.asked, 2);
}

TEST_F(TokenLookupTest, DoesNotRememberThatKeystoneWasAway) {
  const auto found = find("t");
  verifier_.answer(fail(Reason::unavailable, "away"));
  EXPECT_EQ(*found, "unavailable");
  const auto again = find("t");
  verifier_.answer(token_of("u"));
  EXPECT_EQ(*again, "u");
}

TEST_F(TokenLookupTest, KeepsNothingIfToldSo) {
  options_.keep_good = seconds(-1);
  find("t");
  verifier_.answer(token_of("u"));
  find("bad");
  verifier_.answer(unauthenticated());
  find("t");
  find("bad");
  EXPECT_EQ(verifier_.asked, 4);
}

TEST_F(TokenLookupTest, LetsABoundedNumberWait) {
  options_.waiting_max = 2;
  const auto first = find("t"), second = find("t");
  EXPECT_EQ(*find("t"), "overloaded");
  EXPECT_EQ(*find("other"), "overloaded");
  EXPECT_EQ(verifier_.asked, 1);
  verifier_.answer(token_of("u"));
  EXPECT_EQ(*second, "u");
  EXPECT_EQ(*find("t"), "u");
  const auto other = find("other");
  verifier_.answer(token_of("v"));
  EXPECT_EQ(*other, "v");
}

TEST_F(TokenLookupTest, GuessesDriveNoGoodTokenOut) {
  options_.good_max = 1;
  options_.bad_max = 2;
  find("good");
  verifier_.answer(token_of("u"));
  for (int i = 0; i < 10; ++i) {
    find("bad" + std::to_string(i));
    verifier_.answer(unauthenticated());
  }
  EXPECT_EQ(*find("good"), "u");
  EXPECT_EQ(verifier_.asked, 11);
}

TEST_F(TokenLookupTest, LetsWaitersGoOnWhereItIsTold) {
  std::vector<std::function<void()>> later;
  options_.run = [&later](std::function<void()> work) { later.push_back(std::move(work)); };
  const auto found = find("t");
  verifier_.answer(token_of("u"));
  EXPECT_EQ(*found, "");
  ASSERT_EQ(later.size(), 1u);
  later.front()();
  EXPECT_EQ(*found, "u");
}

}  // namespace
}  // namespace emplace::auth
