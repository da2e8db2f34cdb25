// KeystoneClient against a Keystone of the test's own, over real HTTP.
#include "auth/keystone_client.h"

#include <future>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/testing.h"

namespace emplace::auth {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::string_view expires = R"("expires_at": "2026-11-23T02:00:00.000000Z")";

class SetClock final : public Clock {
 public:
  Time now() const override { return Time(std::chrono::seconds(seconds.load())); }
  std::atomic<std::int64_t> seconds =
      parse_expiry("2026-11-23T01:00:00Z")->time_since_epoch().count();
};

// What a request to the fake Keystone was.
struct Asked {
  std::string method, target, own_token, subject, body;
};

class KeystoneClientTest : public testing::Test {
 protected:
  KeystoneClientTest()
      : server_({}, [this](const http::Request& request, http::Respond respond) {
          respond(answer(request));
        }) {
    options_.auth_url = *http::parse_url(url("/identity/v3"));
    options_.credentials.username = "placement";
    options_.credentials.password = "hush";
    options_.endpoint = {"internal", "one"};
    options_.http.connect_retries = 0;
    options_.now = [this] { return Moment(std::chrono::seconds(clock_.seconds.load())); };
    const auto note = [this](const std::string& sentence) {
      const std::lock_guard lock(mutex_);
      log_.push_back(sentence);
    };
    options_.report_trouble = options_.report_news = note;
  }

  std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(server_.port()) + path;
  }
  KeystoneClient& client() {
    if (!client_) client_.emplace(clock_, options_);
    return *client_;
  }
  std::future<std::string> start(const std::string& token, bool allow_expired = false) {
    auto promise = std::make_shared<std::promise<std::string>>();
    client().verify(token, allow_expired, [promise](const Result<TokenPtr>& result) {
      if (result) return promise->set_value((*result)->identity.user_id);
      const auto reason = result.error().reason;
      promise->set_value(reason == Reason::unauthenticated ? "refused"
                         : reason == Reason::unavailable   ? "unavailable"
                                                           : "another reason");
    });
    return promise->get_future();
  }
  std::string verify(const std::string& token, bool allow_expired = false) {
    return start(token, allow_expired).get();
  }

  http::Response answer(const http::Request& request) {
    const std::lock_guard lock(mutex_);
    asked_.push_back({std::string(request.method), std::string(request.target),
                      std::string(request.header("X-Auth-Token")),
                      std::string(request.header("X-Subject-Token")), std::string(request.body)});
    return request.method == "POST" ? log_in() : validate(asked_.back());
  }
  http::Response log_in() {
    if (login_status_ != 201) return http::testing::text("{}", login_status_);
    const auto token = "own" + std::to_string(++logins_);
    good_own_ = {token};
    auto response = http::testing::text(
        "{\"token\": {" + std::string(expires) + ", \"catalog\": [" + catalog_ + "]}}", 201);
    response.add_header("X-Subject-Token", token);
    return response;
  }
  http::Response validate(const Asked& asked) {
    if (status_ != 200) return http::testing::text("{\"error\": {}}", status_);
    if (!good_own_.contains(asked.own_token)) return http::testing::text("{}", 401);
    if (asked.subject == "unknown") return http::testing::text("{}", 404);
    if (asked.subject == "odd") return http::testing::text("<html>");
    return http::testing::text("{\"token\": {\"user\": {\"id\": \"of " + asked.subject + "\"}, " +
                               std::string(expires) + "}}");
  }

  std::vector<Asked> asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  std::vector<std::string> log() {
    const std::lock_guard lock(mutex_);
    return log_;
  }
  template <class Change>
  void keystone(Change change) {
    const std::lock_guard lock(mutex_);
    change();
  }

  SetClock clock_;
  std::mutex mutex_;  // guards what follows
  std::vector<Asked> asked_;
  std::vector<std::string> log_;
  std::set<std::string> good_own_;
  std::string catalog_;
  unsigned login_status_ = 201, status_ = 200;
  int logins_ = 0;

  http::testing::RunningServer server_;
  KeystoneClientOptions options_;

 private:
  std::optional<KeystoneClient> client_;
};

TEST_F(KeystoneClientTest, LogsInOnceAndAsksWithItsOwnToken) {
  auto one = start("t1"), two = start("t2");
  EXPECT_EQ(one.get(), "of t1");
  EXPECT_EQ(two.get(), "of t2");
  const auto asked = this->asked();
  ASSERT_EQ(asked.size(), 3u);
  EXPECT_EQ(asked[0].method, "POST");
  EXPECT_EQ(asked[0].target, "/identity/v3/auth/tokens");
  EXPECT_THAT(asked[0].body, HasSubstr("placement"));
  EXPECT_EQ(asked[1].method, "GET");
  EXPECT_EQ(asked[1].target, "/identity/v3/auth/tokens?nocatalog");
  EXPECT_EQ(asked[1].own_token, "own1");
}

TEST_F(KeystoneClientTest, AsksForExpiredTokensOnlyWhenTold) {
  EXPECT_EQ(verify("t", true), "of t");
  EXPECT_EQ(asked().back().target, "/identity/v3/auth/tokens?nocatalog&allow_expired=1");
}

TEST_F(KeystoneClientTest, RefusesWhatKeystoneDoesNotKnow) {
  EXPECT_EQ(verify("unknown"), "refused");
  keystone([this] { status_ = 400; });
  EXPECT_EQ(verify("t"), "refused");
  for (const auto& line : log())
    EXPECT_THAT(line, Not(HasSubstr("can't")));
}

TEST_F(KeystoneClientTest, LogsInAgainWhenItsOwnTokenIsNotAcceptedAnyMore) {
  EXPECT_EQ(verify("t"), "of t");
  keystone([this] { good_own_.clear(); });
  EXPECT_EQ(verify("t"), "of t");
  EXPECT_EQ(asked().back().own_token, "own2");
}

TEST_F(KeystoneClientTest, TriesThatOnceOnly) {
  keystone([this] { status_ = 401; });
  EXPECT_EQ(verify("t"), "unavailable");
  EXPECT_EQ(asked().size(), 4u);
  EXPECT_THAT(log().back(), HasSubstr("answers 401"));
}

TEST_F(KeystoneClientTest, RenewsItsTokenBeforeItExpires) {
  EXPECT_EQ(verify("t"), "of t");
  clock_.seconds += 3600 - 121;
  EXPECT_EQ(verify("t"), "of t");
  EXPECT_EQ(asked().back().own_token, "own1");
  clock_.seconds += 1;
  EXPECT_EQ(verify("t"), "of t");
  EXPECT_EQ(asked().back().own_token, "own2");
}

TEST_F(KeystoneClientTest, IsUnavailableWhileKeystoneHasFaultsAndSaysSoOnce) {
  keystone([this] { status_ = 500; });
  EXPECT_EQ(verify("t"), "unavailable");
  EXPECT_EQ(verify("t"), "unavailable");
  keystone([this] { status_ = 200; });
  EXPECT_EQ(verify("odd"), "unavailable");
  EXPECT_EQ(verify("t"), "of t");
  const auto lines = log();
  EXPECT_EQ(
      std::count_if(lines.begin(), lines.end(),
                    [](const std::string& line) { return line.find("answers 500") != line.npos; }),
      1);
  EXPECT_EQ(lines.back(), "Keystone answers again");
}

TEST_F(KeystoneClientTest, DoesNotHammerAKeystoneThatRefusesTheLogin) {
  keystone([this] { login_status_ = 401; });
  EXPECT_EQ(verify("t"), "unavailable");
  EXPECT_EQ(verify("t"), "unavailable");
  EXPECT_EQ(asked().size(), 1u);
  EXPECT_THAT(log().back(), HasSubstr("answers 401 when the user of [keystone_authtoken] logs in"));
  EXPECT_THAT(log().back(), Not(HasSubstr("hush")));
  keystone([this] { login_status_ = 201; });
  clock_.seconds += 5;
  EXPECT_EQ(verify("t"), "of t");
}

TEST_F(KeystoneClientTest, AsksAgainAtOnceAfterALoginThatFailedOtherwise) {
  keystone([this] { login_status_ = 503; });
  EXPECT_EQ(verify("t"), "unavailable");
  keystone([this] { login_status_ = 201; });
  EXPECT_EQ(verify("t"), "of t");
}

TEST_F(KeystoneClientTest, VerifiesWhereTheCatalogSays) {
  keystone([this] {
    catalog_ = R"({"type": "identity", "endpoints": [
      {"interface": "internal", "region_id": "two", "url": "http://127.0.0.1:9/"},
      {"interface": "internal", "region_id": "one", "url": ")" +
               url("/other/") + "\"}]}";
  });
  EXPECT_EQ(verify("t"), "of t");
  EXPECT_EQ(asked().back().target, "/other/v3/auth/tokens?nocatalog");
  EXPECT_THAT(log(), IsEmpty());
}

TEST_F(KeystoneClientTest, SaysThatTheCatalogHasNoSuchEndpoint) {
  EXPECT_EQ(verify("t"), "of t");
  EXPECT_THAT(log(), ElementsAre("the catalog has no identity endpoint for interface internal in "
                                 "region one; tokens are verified at auth_url"));
}

TEST_F(KeystoneClientTest, IsUnavailableWhileNobodyAnswers) {
  server_.stop();
  server_.join();
  EXPECT_EQ(verify("t"), "unavailable");
  EXPECT_THAT(log().back(), HasSubstr("127.0.0.1:"));
}

}  // namespace
}  // namespace emplace::auth
