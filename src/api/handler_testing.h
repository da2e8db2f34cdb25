// Calls handlers in tests, as the service would: a read is answered from the World, a write is
// planned on it, changes it, and is answered from what came out.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "api/call.h"
#include "json/reader.h"
#include "model/world.h"
#include "model/world_text.h"
#include "policy/policy.h"

namespace emplace::api {

class HandlerTester {
 public:
  explicit HandlerTester(std::string_view world_text = "")
      : world(parse_world(world_text).taken_at(loaded)) {}

  struct Input {
    std::vector<std::string> path = {};
    std::string_view body = {};
    std::string_view query = {};
    int minor = newest.minor;
  };

  Result<Response> ask(Handler handler, const Input& input) {
    Request request;
    request.body = input.body;
    const Call call{.request = request,
                    .version = {1, input.minor},
                    .identity = identity_,
                    .world = world,
                    .settings = settings,
                    .now = now,
                    .rule = "",
                    .random = ++random_,
                    .path = input.path,
                    .query_text = input.query};
    auto outcome = handler(call);
    if (!outcome) return tl::unexpected(std::move(outcome.error()));
    if (auto* response = std::get_if<Response>(&*outcome)) return std::move(*response);
    const auto& write = std::get<Write>(*outcome);
    const auto planned = write.plan(world, now);
    if (!planned) return tl::unexpected(planned.error());
    world = world.with(*planned);
    return write.answer(world);
  }

  static constexpr Time loaded{std::chrono::seconds(1'900'000'000)};
  World world;
  Settings settings;
  Time now{std::chrono::seconds(2'000'000'000)};

 private:
  Identity identity_;
  std::uint64_t random_ = 0;
};

inline json::Value json_of(const Result<Response>& response) {
  return json::parse(response.value().body).value();
}
inline std::string detail_of(const Result<Response>& response) {
  return response ? "(no failure)" : response.error().detail;
}

}  // namespace emplace::api
