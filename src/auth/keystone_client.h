// KeystoneClient: asks a Keystone (Identity API v3) about tokens, logged in as the service's own
// user, whose token it renews in time. Any thread.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "auth/keystone_login.h"
#include "auth/token_lookup.h"
#include "base/time.h"
#include "http/client.h"

namespace emplace::auth {

struct KeystoneClientOptions {
  http::Url auth_url;  // with the path of version 3
  Credentials credentials;
  EndpointChoice endpoint;
  http::ClientOptions http;
  // After Keystone has refused the login: so long every request is unavailable at once, so that
  // Keystone does not lock the account.
  std::chrono::seconds refused_pause{5};
  // Sentences for the log, with no secret in them; each trouble once until things change.
  std::function<void(const std::string&)> report_trouble, report_news;
  std::function<Moment()> now = std::chrono::steady_clock::now;
};

class KeystoneClient final : public TokenVerifier {
 public:
  // `clock` outlives it. Throws std::runtime_error with a sentence if a TLS file can't be used.
  // Nothing is asked before the first token has to be verified.
  KeystoneClient(const Clock& clock, KeystoneClientOptions options);

  void verify(const std::string& token, bool allow_expired, TokenDone done) override;
  // Returns when no `done` is called any more, whatever still waits.
  void stop() { http_.stop(); }

 private:
  // What a question needs to know of the service's own login.
  struct Session {
    std::string token;
    http::Url endpoint;
    Time renew_at;
  };
  using SessionPtr = std::shared_ptr<const Session>;
  using SessionDone = std::function<void(SessionPtr)>;  // null: there is none to be had

  struct Question {
    std::string token;
    bool allow_expired;
    TokenDone done;
    bool repeated = false;  // after Keystone did not accept our own token
  };

  void ask(Question question);
  void put(const SessionPtr& session, Question question);
  void take_answer(const SessionPtr& session, Question question,
                   const Result<http::ClientAnswer>& answer);
  void with_session(SessionDone done);
  void log_in();
  void take_login(const Result<http::ClientAnswer>& answer);
  Result<SessionPtr> session_of(const http::ClientAnswer& answer);
  void forget(const SessionPtr& session);
  void trouble(const std::string& sentence);
  void all_is_well();

  const Clock& clock_;
  const KeystoneClientOptions options_;
  std::mutex mutex_;
  SessionPtr session_;
  std::vector<SessionDone> waiting_;  // for the login that is under way
  bool logging_in_ = false;
  Moment no_login_before_ = Moment::min();
  std::string last_trouble_, last_fallback_;
  http::Client http_;  // the last: its thread uses the others
};

}  // namespace emplace::auth
