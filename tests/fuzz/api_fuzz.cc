// The whole API without network and store: requests that follow each other on one World, each
// planned and applied as the service does it. An input is requests parted by NULs; each is a line
// such as "39 PUT /traits/CUSTOM_A", the number being the minor version, and then the body.
#include <charconv>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "api/dispatch.h"
#include "api/target.h"
#include "fuzz.h"
#include "http/head.h"
#include "json/reader.h"
#include "model/world_text.h"

using namespace emplace;
using fuzz::require;

namespace {

constexpr std::size_t requests_max = 16;

struct Asked {
  int minor = api::newest.minor;
  std::string_view method, target, body;
};

std::string_view take(std::string_view& text, char separator) {
  const auto part = text.substr(0, text.find(separator));
  text.remove_prefix(std::min(part.size() + 1, text.size()));
  return part;
}

Asked parse(std::string_view text) {
  Asked asked;
  auto line = take(text, '\n');
  asked.body = text;
  const auto minor = take(line, ' ');
  std::from_chars(minor.data(), minor.data() + minor.size(), asked.minor);
  asked.method = take(line, ' ');
  asked.target = line;
  return asked;
}

// What the HTTP server lets through to the API.
bool gets_through(const Asked& asked) {
  for (const char c : asked.target) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f) return false;
  }
  return asked.target.starts_with('/') && http::check_target(asked.target).has_value();
}

class Service {
 public:
  Service() { settings_.search_work_max = 100'000; }

  void serve(const Asked& asked) {
    const std::string version = "placement 1." + std::to_string(asked.minor);
    api::Exchange exchange{.request = {.method = asked.method,
                                       .target = asked.target,
                                       .body = asked.body,
                                       .headers = {{"openstack-api-version", version},
                                                   {"content-type", "application/json"},
                                                   {"host", "localhost"}}},
                           .request_id = "req-0",
                           .version = std::nullopt};
    auto outcome = api::dispatch(
        exchange, &identity_,
        {.rules = rules_, .world = world_, .settings = settings_, .now = now_, .random = 4});
    if (auto* write = std::get_if<api::Write>(&outcome)) {
      check(exchange, apply(exchange, *write));
    } else {
      check(exchange, std::get<api::Response>(outcome));
    }
  }

  // Whatever has happened, all of it can be listed.
  void check_lists() {
    for (const auto* path : {"/resource_providers", "/traits", "/resource_classes"}) {
      serve({.method = "GET", .target = path, .body = ""});
      require(last_status_ == 200, "what has been written can be listed");
    }
  }

 private:
  api::Response apply(const api::Exchange& exchange, const api::Write& write) {
    auto changes = write.plan(world_, now_);
    if (!changes) return api::refuse(exchange, changes.error());
    world_ = world_.with(*changes);
    return write.answer(world_);
  }

  void check(const api::Exchange& exchange, const api::Response& response) {
    last_status_ = response.status;
    static const std::set<unsigned> statuses{200, 201, 204, 400, 403, 404, 405, 406, 409, 415, 503};
    require(statuses.contains(response.status), "an answer has a status that the API knows");
    const std::string& body = response.shared_body ? *response.shared_body : response.body;
    require(response.status != 204 || body.empty(), "no content is none");
    if (response.status >= 400) {
      require(body.size() <= 2 * fuzz::refusal_bytes_max,
              "an error does not grow with the request");
    }
    if (!body.empty()) {
      const auto value = json::parse(body, {.depth = 32, .items_per_list = 0});
      require(value.has_value(), "a body is JSON");
    }
    const auto lines = api::header_lines(exchange, response, settings_, now_);
    for (std::size_t at = 0; at < lines.size(); ++at) {
      const auto byte = static_cast<unsigned char>(lines[at]);
      if (byte >= 0x20) continue;
      require(lines.compare(at, 2, "\r\n") == 0, "a header holds no control character");
      ++at;
    }
  }

  World world_ = parse_world(
      "cn1 VCPU=8/ratio=2 MEMORY_MB=1024 trait:CUSTOM_A in:rack\n"
      "  numa0 CUSTOM_B=4/step=2 used CUSTOM_B=2\n"
      "nfs DISK_GB=100 trait:MISC_SHARES_VIA_AGGREGATE in:rack\n");
  api::Settings settings_;
  std::shared_ptr<const policy::RuleSet> rules_ =
      std::make_shared<policy::RuleSet>(policy::RuleSet::make({}, {}).value());
  Identity identity_{.user_id = "u", .project_id = "p", .roles = {"admin", "service"}};
  Time now_{std::chrono::seconds(2'000'000'000)};
  unsigned last_status_ = 0;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto text = fuzz::text_of(data, size);
  Service service;
  for (std::size_t i = 0; i < requests_max && !text.empty(); ++i) {
    const auto asked = parse(take(text, '\0'));
    if (gets_through(asked)) service.serve(asked);
  }
  service.check_lists();
  return 0;
}
