// Application: what happens to one HTTP request, from its bytes to those of its answer. Joins
// authentication, policy, API and Ledger. Any thread.
#pragma once

#include <memory>
#include <string>

#include "api/call.h"
#include "api/cors.h"
#include "auth/authenticator.h"
#include "http/message.h"
#include "policy/policy_files.h"
#include "service/answer_cache.h"
#include "store/ledger.h"

namespace emplace::service {

struct Parts {  // all outlive the Application
  auth::Authenticator& authenticator;
  policy::PolicyFiles& policies;
  store::Ledger& ledger;
  const Clock& clock;
};

class Application {
 public:
  Application(Parts parts, api::Settings settings, api::CorsSettings cors);

  // An http::Handler.
  void handle(const http::Request& request, http::Respond respond);
  // The answer to what the HTTP server refuses itself.
  http::Response refusal(unsigned status, std::string_view sentence);

 private:
  struct InFlight;
  using InFlightPtr = std::shared_ptr<InFlight>;

  void proceed(const InFlightPtr& flight, Result<Identity> identity);
  void write(const InFlightPtr& flight, api::Write write);
  void answer(const InFlightPtr& flight, api::Response response);
  void preflight(const InFlightPtr& flight);

  Parts parts_;
  const api::Settings settings_;
  const api::CorsSettings cors_;
  Answers answers_;
};

}  // namespace emplace::service
