#include "service/application.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include "api/dispatch.h"
#include "api/forwarded.h"
#include "base/random.h"
#include "json/writer.h"
#include "service/audit_entry.h"
#include "telemetry/log.h"

namespace emplace::service {
namespace {

Random& chance() {
  thread_local Random random;
  return random;
}

std::string new_request_id() {
  return "req-" + chance().uuid().str();
}

// oslo.middleware's rule for ids that come from outside: req- and a UUID, in lower case.
std::string_view global_request_id(const http::Request& request) {
  const auto id = request.header("x-openstack-request-id");
  if (!id.starts_with("req-")) return {};
  const auto uuid = Uuid::parse_dashed(id.substr(4));
  return uuid && uuid->str() == id.substr(4) ? id : std::string_view();
}

// The method and target as the log shows them: short enough for a line.
std::string shortened(std::string_view text) {
  constexpr std::size_t longest = 2048;
  return std::string(text.substr(0, longest)) + (text.size() > longest ? "…" : "");
}

// Tells the log what went wrong under the request's id; the client is told no more than that.
Failure unexpected_fault(const std::string& request_id, const std::exception& fault) {
  telemetry::log(telemetry::Level::error, "emplace", std::string("fault: ") + fault.what(),
                 {.request_id = request_id});
  return {Reason::internal, "An unexpected fault; the log says more under this request id."};
}

api::Settings started(api::Settings settings, Time now) {
  settings.started = now;
  return settings;
}

}  // namespace

// A request on its way to its answer.
struct Application::InFlight {
  // How far it has come.
  enum class Stage { authentication, dispatch, ledger };

  const http::Request& request;  // lives as long as `respond`
  http::Respond respond;
  api::Exchange exchange;
  std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
  Identity identity = {};
  Stage stage = Stage::authentication;
  std::string changes = {};  // for the audit trail: what the last planning wants to change
  bool stored = false;       // what it wanted is durable
};

Application::Application(Parts parts, api::Settings settings, api::CorsSettings cors)
    : parts_(parts),
      settings_(started(std::move(settings), parts.clock.now())),
      cors_(std::move(cors)) {}

void Application::handle(const http::Request& request, http::Respond respond) {
  const auto flight = std::make_shared<InFlight>(
      InFlight{.request = request,
               .respond = std::move(respond),
               .exchange = {.request = {request.method, request.target, request.body,
                                        request.headers, request.secure},
                            .request_id = new_request_id(),
                            .version = std::nullopt}});
  if (!cors_.allowed_origins.empty() && request.method == "OPTIONS") return preflight(flight);
  if (api::is_open(flight->exchange.request)) return proceed(flight, Identity{});
  try {
    parts_.authenticator.authenticate(request, [this, flight](Result<Identity> identity) {
      proceed(flight, std::move(identity));
    });
  } catch (const std::exception& fault) {
    const auto& exchange = flight->exchange;
    answer(flight, api::refuse(exchange, unexpected_fault(exchange.request_id, fault)));
  }
}

void Application::proceed(const InFlightPtr& flight, Result<Identity> identity) {
  auto& exchange = flight->exchange;
  if (!identity) return answer(flight, api::refuse(exchange, identity.error()));
  flight->identity = std::move(*identity);
  flight->stage = InFlight::Stage::dispatch;
  const bool needs_world = !api::is_open(exchange.request);
  if (needs_world && flight->request.method == "GET") return read(flight);
  // A write is planned on the newest World anyway; only a refusal before that rests on this one.
  dispatch(flight, parts_.ledger.world(), needs_world && parts_.ledger.shared());
}

// Answers from a World that has all that was acknowledged before, by whichever process.
void Application::read(const InFlightPtr& flight) {
  if (!parts_.ledger.shared()) return dispatch(flight, parts_.ledger.world(), false);
  parts_.ledger.read([this, flight](Result<store::WorldPtr> world) {
    flight->request.run_on_its_thread([this, flight, world = std::move(world)] {
      if (world) return dispatch(flight, *world, false);
      answer(flight, api::refuse(flight->exchange, world.error()));
    });
  });
}

void Application::dispatch(const InFlightPtr& flight, const store::WorldPtr& world,
                           bool may_be_old) {
  auto& exchange = flight->exchange;
  try {
    const auto rules = parts_.policies.current();
    AnswersOfWorld cache(answers_, world);
    auto outcome = api::dispatch(exchange, &flight->identity,
                                 {.rules = rules,
                                  .world = *world,
                                  .settings = settings_,
                                  .now = parts_.clock.now(),
                                  .random = chance().next(),
                                  .cache = settings_.randomize_candidates ? nullptr : &cache});
    if (auto* change = std::get_if<api::Write>(&outcome)) return write(flight, std::move(*change));
    if (may_be_old) return read(flight);
    answer(flight, std::get<api::Response>(std::move(outcome)));
  } catch (const std::exception& fault) {
    answer(flight, api::refuse(exchange, unexpected_fault(exchange.request_id, fault)));
  }
}

void Application::write(const InFlightPtr& flight, api::Write write) {
  flight->stage = InFlight::Stage::ledger;
  const auto shared = std::make_shared<const api::Write>(std::move(write));
  parts_.ledger.submit(
      {.plan = [this, flight, shared](const World& tip,
                                      Time now) { return plan(*flight, *shared, tip, now); },
       .done = [this, flight,
                shared](Result<store::WorldPtr> world) { answer_write(flight, *shared, world); }});
}

// On the Ledger's thread.
Result<ChangeSet> Application::plan(InFlight& flight, const api::Write& write, const World& tip,
                                    Time now) {
  try {
    auto changes = write.plan(tip, now);
    if (changes && is_audited(flight)) flight.changes = changes_json(*changes, tip);
    return changes;
  } catch (const std::exception& fault) {
    return tl::unexpected(unexpected_fault(flight.exchange.request_id, fault));
  }
}

void Application::answer_write(const InFlightPtr& flight, const api::Write& write,
                               const Result<store::WorldPtr>& world) {
  const auto& exchange = flight->exchange;
  if (!world) {
    const auto& failure = world.error();
    if (failure.reason == Reason::unavailable || failure.reason == Reason::perhaps_done) {
      telemetry::log(telemetry::Level::error, "emplace",
                     "The store failed: " + parts_.ledger.last_fault(),
                     {.request_id = exchange.request_id});
    }
    return answer(flight, api::refuse(exchange, failure));
  }
  flight->stored = true;
  try {
    answer(flight, write.answer(**world));
  } catch (const std::exception& fault) {
    answer(flight, api::refuse(exchange, unexpected_fault(exchange.request_id, fault)));
  }
}

void Application::answer(const InFlightPtr& flight, api::Response response) {
  http::Response out;
  out.status = response.status;
  out.header_lines = api::header_lines(flight->exchange, response, settings_, parts_.clock.now());
  if (!cors_.allowed_origins.empty()) {
    out.header_lines += api::cors_header_lines(cors_, flight->exchange.request);
  }
  out.shared_body = std::move(response.shared_body);
  out.body = std::move(response.body);
  log_access(*flight, out);
  respond(flight, std::move(out), response);
}

void Application::respond(const InFlightPtr& flight, http::Response out,
                          const api::Response& response) {
  if (is_audited(*flight)) audit(*flight, response);
  count(*flight, response);
  flight->respond(std::move(out));
}

void Application::log_access(const InFlight& flight, const http::Response& out) const {
  if (!telemetry::log_enabled(telemetry::Level::info)) return;
  const auto& exchange = flight.exchange;
  const std::size_t length = out.shared_body ? out.shared_body->size() : out.body.size();
  telemetry::log(telemetry::Level::info, "placement.requestlog",
                 flight.request.peer_address + " \"" + shortened(flight.request.method) + " " +
                     shortened(flight.request.target) + "\" status: " + std::to_string(out.status) +
                     " len: " + std::to_string(length) +
                     " microversion: " + (exchange.version ? exchange.version->str() : "-"),
                 {.global_request_id = global_request_id(flight.request),
                  .request_id = exchange.request_id,
                  .user_id = flight.identity.user_id,
                  .project_id = flight.identity.project_id});
}

bool Application::is_audited(const InFlight& flight) const {
  const auto method = flight.request.method;
  return parts_.audit.on() && method != "GET" && method != "HEAD" && method != "OPTIONS";
}

void Application::audit(const InFlight& flight, const api::Response& response) {
  const auto& exchange = flight.exchange;
  const auto& target = flight.request.target;
  AuditEntry entry{.time = std::chrono::system_clock::now(),
                   .request_id = exchange.request_id,
                   .global_request_id = global_request_id(flight.request),
                   .identity = flight.identity,
                   .source = flight.request.peer_address,
                   .method = flight.request.method,
                   .path = target.substr(0, target.find('?')),
                   .operation = exchange.rule,
                   .status = response.status,
                   .error_code = response.error_code};
  if (settings_.trust_proxy_headers) {
    entry.forwarded_for = api::forwarded_by_proxy(exchange.request).client;
  }
  const std::string microversion = exchange.version ? exchange.version->str() : "";
  entry.microversion = microversion;
  if (response.failure) entry.reason = response.failure->detail;
  // What is durable was done, even if the answer to it could not be made.
  if (response.failure && !flight.stored) {
    entry.outcome = response.failure->reason == Reason::perhaps_done ? WriteOutcome::unknown
                    : response.status < 500                          ? WriteOutcome::refused
                                                                     : WriteOutcome::failed;
  }
  if (entry.outcome == WriteOutcome::done || entry.outcome == WriteOutcome::unknown) {
    entry.changes = flight.changes;
  }
  parts_.audit.write(audit_line(entry), {.global_request_id = entry.global_request_id,
                                         .request_id = entry.request_id,
                                         .user_id = flight.identity.user_id,
                                         .project_id = flight.identity.project_id});
}

void Application::count(const InFlight& flight, const api::Response& response) {
  auto& instruments = parts_.instruments;
  instruments.answered(flight.request.method, response.status,
                       std::chrono::steady_clock::now() - flight.start);
  if (!response.failure) return;
  switch (response.failure->reason) {
    case Reason::unauthenticated:
      return instruments.hindered(Hindrance::unauthenticated);
    case Reason::forbidden:
      return instruments.hindered(Hindrance::forbidden);
    case Reason::overloaded:  // of all that is dispatched, only searches have a budget
      return flight.stage == InFlight::Stage::dispatch
                 ? instruments.search_budget_exceeded()
                 : instruments.hindered(Hindrance::queue_full);
    case Reason::unavailable:
    case Reason::perhaps_done:
      return instruments.hindered(flight.stage == InFlight::Stage::authentication
                                      ? Hindrance::authentication_unavailable
                                      : Hindrance::store_unavailable);
    case Reason::internal:
      return instruments.hindered(Hindrance::fault);
    default:
      return;
  }
}

void Application::preflight(const InFlightPtr& flight) {
  http::Response out;
  out.header_lines = api::preflight_header_lines(cors_, flight->exchange.request);
  out.add_header("X-Openstack-Request-Id", flight->exchange.request_id);
  respond(flight, std::move(out), {});
}

http::Response Application::refusal(unsigned status, std::string_view sentence) {
  const auto request_id = new_request_id();
  parts_.instruments.refused_by_http(status);
  http::Response out;
  out.status = status;
  json::Writer writer(out.body);
  writer.begin_object().key("errors").begin_array().begin_object();
  writer.key("status").value(static_cast<int>(status));
  writer.key("title").value(api::title_of(status));
  writer.key("detail").value(sentence);
  writer.key("request_id").value(request_id);
  writer.end_object().end_array().end_object();
  out.add_header("Content-Type", "application/json");
  if (status == 503) out.add_header("Retry-After", "1");
  out.add_header("X-Openstack-Request-Id", request_id);
  if (telemetry::log_enabled(telemetry::Level::info)) {
    telemetry::log(telemetry::Level::info, "placement.requestlog",
                   "refused with " + std::to_string(status) + ": " + std::string(sentence),
                   {.request_id = request_id});
  }
  return out;
}

}  // namespace emplace::service
