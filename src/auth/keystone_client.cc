#include "auth/keystone_client.h"

#include <utility>

namespace emplace::auth {
namespace {

// The words that clients know from upstream; the log says more.
tl::unexpected<Failure> away() {
  return fail(Reason::unavailable, "The Keystone service is temporarily unavailable.");
}

http::Url below(http::Url url, std::string_view path) {
  while (url.target.ends_with('/'))
    url.target.pop_back();
  url.target += path;
  return url;
}

}  // namespace

KeystoneClient::KeystoneClient(const Clock& clock, KeystoneClientOptions options)
    : clock_(clock), options_(std::move(options)), http_(options_.http) {}

void KeystoneClient::verify(const std::string& token, bool allow_expired, TokenDone done) {
  ask({.token = token, .allow_expired = allow_expired, .done = std::move(done)});
}

void KeystoneClient::ask(Question question) {
  with_session([this, question = std::move(question)](const SessionPtr& session) {
    if (!session) return question.done(away());
    put(session, question);
  });
}

void KeystoneClient::put(const SessionPtr& session, Question question) {
  // The catalog of a caller's token would be of no use here.
  http::ClientRequest request{
      .method = "GET",
      .url =
          below(session->endpoint, question.allow_expired ? "/auth/tokens?nocatalog&allow_expired=1"
                                                          : "/auth/tokens?nocatalog"),
      .headers = {{"X-Auth-Token", session->token},
                  {"X-Subject-Token", question.token},
                  {"Accept", "application/json"}}};
  http_.send(std::move(request),
             [this, session, question = std::move(question)](Result<http::ClientAnswer> answer) {
               take_answer(session, question, answer);
             });
}

void KeystoneClient::take_answer(const SessionPtr& session, Question question,
                                 const Result<http::ClientAnswer>& answer) {
  if (!answer) {
    if (answer.error().reason == Reason::overloaded) {
      return question.done(fail(Reason::overloaded, "Too many requests wait for Keystone."));
    }
    trouble("Keystone can't be asked about tokens: " + answer.error().detail);
    return question.done(away());
  }
  switch (answer->status) {
    case 200:
      break;
    case 400:  // Keystone finds fault with the token: nothing else in the question is a client's
    case 404:
      all_is_well();
      return question.done(unauthenticated());
    case 401:
      forget(session);
      if (!question.repeated) {
        question.repeated = true;
        return ask(std::move(question));
      }
      [[fallthrough]];
    default:
      trouble("Keystone answers " + std::to_string(answer->status) + " to GET /v3/auth/tokens" +
              (answer->status == 401 || answer->status == 403
                   ? "; the user of [keystone_authtoken] must be allowed to validate tokens"
                   : ""));
      return question.done(away());
  }
  auto token = parse_token(answer->body);
  if (!token) {
    trouble("Keystone's answer about a token can't be used: " + token.error().detail);
    return question.done(away());
  }
  all_is_well();
  question.done(std::make_shared<const Token>(std::move(*token)));
}

void KeystoneClient::with_session(SessionDone done) {
  std::unique_lock lock(mutex_);
  const bool fresh = session_ && clock_.now() < session_->renew_at;
  if (fresh || options_.now() < no_login_before_) {
    const auto session = fresh ? session_ : nullptr;
    lock.unlock();
    return done(session);
  }
  waiting_.push_back(std::move(done));
  const bool first = !std::exchange(logging_in_, true);
  lock.unlock();
  if (first) log_in();
}

void KeystoneClient::log_in() {
  http_.send({.method = "POST",
              .url = below(options_.auth_url, "/auth/tokens"),
              .headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}},
              .body = login_body(options_.credentials)},
             [this](const Result<http::ClientAnswer>& answer) { take_login(answer); });
}

void KeystoneClient::take_login(const Result<http::ClientAnswer>& answer) {
  SessionPtr session;
  bool refused = false;
  if (!answer) {
    trouble("Keystone can't be asked for the service's own token: " + answer.error().detail);
  } else if (answer->status != 201 && answer->status != 200) {
    refused = answer->status < 500;
    trouble("Keystone answers " + std::to_string(answer->status) +
            " when the user of [keystone_authtoken] logs in" +
            (refused ? "; see its name, password and project or other scope there" : ""));
  } else if (auto made = session_of(*answer)) {
    session = *made;
  } else {
    trouble("Keystone's answer to the login can't be used: " + made.error().detail);
  }
  std::vector<SessionDone> waiting;
  {
    const std::lock_guard lock(mutex_);
    session_ = session;
    logging_in_ = false;
    if (refused) no_login_before_ = options_.now() + options_.refused_pause;
    waiting.swap(waiting_);
  }
  for (const auto& done : waiting)
    done(session);
}

Result<KeystoneClient::SessionPtr> KeystoneClient::session_of(const http::ClientAnswer& answer) {
  const auto& choice = options_.endpoint;
  const auto login =
      TRY(parse_login(answer.header("X-Subject-Token"), answer.body, choice, clock_.now()));
  auto endpoint = options_.auth_url;
  std::string fallback;
  if (login.endpoint.empty()) {
    fallback = "the catalog has no identity endpoint for interface " + choice.interface +
               (choice.region.empty() ? "" : " in region " + choice.region);
  } else if (auto url = http::parse_url(with_version_3(login.endpoint))) {
    endpoint = *url;
  } else {
    fallback = "the catalog's identity endpoint can't be used (" + url.error().detail + ")";
  }
  {
    const std::lock_guard lock(mutex_);
    if (fallback == last_fallback_) {
      fallback.clear();
    } else {
      last_fallback_ = fallback;
    }
  }
  if (!fallback.empty()) options_.report_trouble(fallback + "; tokens are verified at auth_url");
  return std::make_shared<const Session>(Session{login.token, endpoint, login.renew_at});
}

void KeystoneClient::forget(const SessionPtr& session) {
  const std::lock_guard lock(mutex_);
  if (session_ == session) session_ = nullptr;
}

void KeystoneClient::trouble(const std::string& sentence) {
  {
    const std::lock_guard lock(mutex_);
    if (last_trouble_ == sentence) return;
    last_trouble_ = sentence;
  }
  options_.report_trouble(sentence);
}

void KeystoneClient::all_is_well() {
  {
    const std::lock_guard lock(mutex_);
    if (last_trouble_.empty()) return;
    last_trouble_.clear();
  }
  options_.report_news("Keystone answers again");
}

}  // namespace emplace::auth
