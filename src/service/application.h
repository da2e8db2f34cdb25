// Application: what happens to one HTTP request, from its bytes to those of its answer. Joins
// authentication, policy, API, Ledger, log, audit trail and metrics. Any thread.
#pragma once

#include <memory>
#include <string>

#include "api/call.h"
#include "api/cors.h"
#include "auth/authenticator.h"
#include "http/message.h"
#include "policy/policy_files.h"
#include "service/answer_cache.h"
#include "service/instruments.h"
#include "store/ledger.h"
#include "telemetry/audit.h"

namespace emplace::service {

struct Parts {  // all outlive the Application
  auth::Authenticator& authenticator;
  policy::PolicyFiles& policies;
  store::Ledger& ledger;
  const Clock& clock;
  telemetry::AuditTrail& audit;
  Instruments& instruments;
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
  void read(const InFlightPtr& flight);
  void dispatch(const InFlightPtr& flight, const store::WorldPtr& world, bool may_be_old);
  void write(const InFlightPtr& flight, api::Write write);
  Result<ChangeSet> plan(InFlight& flight, const api::Write& write, const World& tip, Time now);
  void answer_write(const InFlightPtr& flight, const api::Write& write,
                    const Result<store::WorldPtr>& world);
  void answer(const InFlightPtr& flight, api::Response response);
  void preflight(const InFlightPtr& flight);
  // All that is told of a request and its answer, before the answer goes out.
  void respond(const InFlightPtr& flight, http::Response out, const api::Response& response);
  void log_access(const InFlight& flight, const http::Response& out) const;
  bool is_audited(const InFlight& flight) const;
  void audit(const InFlight& flight, const api::Response& response);
  void count(const InFlight& flight, const api::Response& response);

  Parts parts_;
  const api::Settings settings_;
  const api::CorsSettings cors_;
  Answers answers_;
};

}  // namespace emplace::service
