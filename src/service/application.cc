#include "service/application.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "api/dispatch.h"
#include "base/random.h"
#include "json/writer.h"
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

api::Settings started(api::Settings settings, Time now) {
  settings.started = now;
  return settings;
}

}  // namespace

// A request on its way to its answer.
struct Application::InFlight {
  const http::Request& request;  // lives as long as `respond`
  http::Respond respond;
  api::Exchange exchange;
  Identity identity;
  std::shared_ptr<const policy::RuleSet> rules;  // a write's plan may ask them later
};

Application::Application(Parts parts, api::Settings settings, api::CorsSettings cors)
    : parts_(parts),
      settings_(started(std::move(settings), parts.clock.now())),
      cors_(std::move(cors)) {}

void Application::handle(const http::Request& request, http::Respond respond) {
  const auto flight = std::make_shared<InFlight>(
      InFlight{request,
               std::move(respond),
               api::Exchange{.request = {request.method, request.target, request.body,
                                         request.headers, request.secure},
                             .request_id = new_request_id(),
                             .version = std::nullopt},
               {},
               nullptr});
  if (!cors_.allowed_origins.empty() && request.method == "OPTIONS") return preflight(flight);
  if (api::is_open(flight->exchange.request)) return proceed(flight, Identity{});
  parts_.authenticator.authenticate(
      request, [this, flight](Result<Identity> identity) { proceed(flight, std::move(identity)); });
}

void Application::proceed(const InFlightPtr& flight, Result<Identity> identity) {
  auto& exchange = flight->exchange;
  if (!identity) return answer(flight, api::refuse(exchange, identity.error()));
  flight->identity = std::move(*identity);
  try {
    const auto world = parts_.ledger.world();
    flight->rules = parts_.policies.current();
    AnswersOfWorld cache(answers_, world);
    auto outcome = api::dispatch(exchange, &flight->identity,
                                 {.rules = *flight->rules,
                                  .world = *world,
                                  .settings = settings_,
                                  .now = parts_.clock.now(),
                                  .random = chance().next(),
                                  .cache = settings_.randomize_candidates ? nullptr : &cache});
    if (auto* change = std::get_if<api::Write>(&outcome)) return write(flight, std::move(*change));
    answer(flight, std::get<api::Response>(std::move(outcome)));
  } catch (const std::exception& fault) {
    telemetry::log(telemetry::Level::error, "emplace", std::string("fault: ") + fault.what(),
                   {.request_id = exchange.request_id});
    answer(flight, api::refuse(exchange, {Reason::internal,
                                          "An unexpected fault; the log says more under this "
                                          "request id."}));
  }
}

void Application::write(const InFlightPtr& flight, api::Write write) {
  parts_.ledger.submit({.plan = std::move(write.plan),
                        .done = [this, flight, make_answer = std::move(write.answer)](
                                    Result<store::WorldPtr> world) {
                          answer(flight, world ? make_answer(**world)
                                               : api::refuse(flight->exchange, world.error()));
                        }});
}

void Application::answer(const InFlightPtr& flight, api::Response response) {
  const auto& exchange = flight->exchange;
  http::Response out;
  out.status = response.status;
  out.header_lines = api::header_lines(exchange, response, settings_, parts_.clock.now());
  if (!cors_.allowed_origins.empty()) {
    out.header_lines += api::cors_header_lines(cors_, exchange.request);
  }
  out.shared_body = std::move(response.shared_body);
  out.body = std::move(response.body);
  if (telemetry::log_enabled(telemetry::Level::info)) {
    const std::size_t length = out.shared_body ? out.shared_body->size() : out.body.size();
    telemetry::log(telemetry::Level::info, "placement.requestlog",
                   flight->request.peer_address + " \"" + shortened(flight->request.method) + " " +
                       shortened(flight->request.target) + "\" status: " +
                       std::to_string(out.status) + " len: " + std::to_string(length) +
                       " microversion: " + (exchange.version ? exchange.version->str() : "-"),
                   {.global_request_id = global_request_id(flight->request),
                    .request_id = exchange.request_id,
                    .user_id = flight->identity.user_id,
                    .project_id = flight->identity.project_id});
  }
  flight->respond(std::move(out));
}

void Application::preflight(const InFlightPtr& flight) {
  http::Response out;
  out.header_lines = api::preflight_header_lines(cors_, flight->exchange.request);
  out.add_header("X-Openstack-Request-Id", flight->exchange.request_id);
  flight->respond(std::move(out));
}

http::Response Application::refusal(unsigned status, std::string_view sentence) {
  const auto request_id = new_request_id();
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
