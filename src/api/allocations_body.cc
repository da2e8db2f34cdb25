#include "api/allocations_body.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <unordered_set>
#include <utility>

#include "api/common.h"

namespace emplace::api {
namespace {

// An amount; what is beyond 64 bits becomes the most, which no inventory grants.
std::int64_t amount_in(const json::Value& value) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  if (const auto* whole = value.if_int64()) return *whole;
  const double* number = value.if_double();
  if (!number || *number >= 9223372036854775808.0) return most;
  return static_cast<std::int64_t>(*number);
}

tl::unexpected<Failure> named_twice(std::string_view what, const Uuid& uuid) {
  return fail(Reason::bad_request, "JSON does not validate: " + std::string(what) + " " +
                                       uuid.str() + " is named twice, in different spellings.");
}

void append_amounts(std::vector<changes::ClaimedAmount>& amounts, const Uuid& provider,
                    const json::Value& resources) {
  for (const auto& [name, amount] : resources.as_object()) {
    amounts.push_back({provider, std::string(name), amount_in(amount)});
  }
}

Result<Uuid> provider_of_key(std::string_view key) {
  return uuid_of_key(
      key, "Allocation for resource provider '" + std::string(key) + "' that does not exist.");
}

// {"$provider": {"resources": {…}}, …}
Result<std::vector<changes::ClaimedAmount>> decode_by_provider(const json::Object& by_provider) {
  std::vector<changes::ClaimedAmount> amounts;
  std::unordered_set<Uuid> seen;
  for (const auto& [key, allocation] : by_provider) {
    const auto provider = TRY(provider_of_key(key));
    if (!seen.insert(provider).second) return named_twice("resource provider", provider);
    append_amounts(amounts, provider, allocation.at("resources"));
  }
  return amounts;
}

// [{"resource_provider": {"uuid": …}, "resources": {…}}, …]: of several entries for one provider,
// the last counts.
Result<std::vector<changes::ClaimedAmount>> decode_list(const json::Array& list) {
  std::vector<std::pair<Uuid, const json::Value*>> last;
  for (const auto& allocation : list) {
    const auto& text = allocation.at("resource_provider").at("uuid").as_string();
    const auto provider = TRY(provider_of_key(text));
    const auto same = std::find_if(last.begin(), last.end(),
                                   [&](const auto& entry) { return entry.first == provider; });
    if (same == last.end()) {
      last.emplace_back(provider, &allocation.at("resources"));
    } else {
      same->second = &allocation.at("resources");
    }
  }
  std::vector<changes::ClaimedAmount> amounts;
  for (const auto& [provider, resources] : last)
    append_amounts(amounts, provider, *resources);
  return amounts;
}

Result<std::string> text_member(const json::Object& body, std::string_view name) {
  const std::string_view text = body.at(name).as_string();
  if (is_printable(text)) return std::string(text);
  return fail(Reason::bad_request, "JSON does not validate: " + std::string(name) +
                                       " must not contain control characters.");
}

}  // namespace

Result<Uuid> uuid_of_key(std::string_view key, const std::string& sentence) {
  if (const auto uuid = Uuid::parse(key)) return *uuid;
  return fail(Reason::bad_request, sentence);
}

Result<changes::ConsumerClaim> decode_claim(const Call& call, const Uuid& consumer,
                                            const json::Object& body) {
  changes::ConsumerClaim claim;
  claim.consumer = consumer;
  if (call.has(Feature::claims_name_owner)) {
    claim.project_id = TRY(text_member(body, "project_id"));
    claim.user_id = TRY(text_member(body, "user_id"));
  } else {
    claim.project_id = call.settings.incomplete_project_id;
    claim.user_id = call.settings.incomplete_user_id;
  }
  if (call.has(Feature::consumer_generation)) {
    claim.checks_generation = true;
    const auto& generation = body.at("consumer_generation");
    if (!generation.is_null()) claim.generation = generation_in(generation);
  }
  if (call.has(Feature::consumer_types)) claim.type = TRY(text_member(body, "consumer_type"));
  const auto& allocations = body.at("allocations");
  if (allocations.is_array()) {
    claim.amounts = TRY(decode_list(allocations.get_array()));
  } else {
    claim.amounts = TRY(decode_by_provider(allocations.as_object()));
  }
  return claim;
}

Result<std::vector<changes::ConsumerClaim>> decode_claims(const Call& call,
                                                          const json::Object& by_consumer) {
  std::vector<changes::ConsumerClaim> claims;
  claims.reserve(by_consumer.size());
  std::unordered_set<Uuid> seen;
  for (const auto& [key, body] : by_consumer) {
    const auto consumer = TRY(uuid_of_key(key, "Malformed consumer_uuid: " + std::string(key)));
    if (!seen.insert(consumer).second) return named_twice("consumer", consumer);
    claims.push_back(TRY(decode_claim(call, consumer, body.as_object())));
  }
  return claims;
}

Touched touched_by(const changes::Claims& claims) {
  Touched touched;
  for (const auto& claim : claims.consumers) {
    touched.consumers.push_back(claim.consumer);
    for (const auto& amount : claim.amounts)
      touched.providers.push_back(amount.provider);
  }
  return touched;
}

Outcome write_of(changes::Claims claims) {
  // Shared, so that copies of the function are cheap.
  const auto owned = std::make_shared<const changes::Claims>(std::move(claims));
  return Write{[owned](const World& tip, Time now) { return changes::plan(tip, *owned, now); },
               [](const World&) { return empty_response(204); }, touched_by(*owned)};
}

}  // namespace emplace::api
