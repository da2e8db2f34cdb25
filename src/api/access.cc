#include "api/access.h"

#include <algorithm>
#include <string>
#include <utility>

namespace emplace::api {
namespace {

constexpr std::string_view of_provider = "resource_provider.", of_consumer = "consumer.";

bool is_provider_attribute(std::string_view name) {
  return name.starts_with(of_provider);
}
bool is_consumer_attribute(std::string_view name) {
  return name.starts_with(of_consumer) || name == "project_id" || name == "user_id";
}
// What is known of a question about usage before any consumer is looked at.
bool is_usage_attribute(std::string_view name) {
  return !name.starts_with(of_consumer);
}

void set(policy::Target& target, std::string_view prefix, std::string_view name,
         std::string value) {
  target[std::string(prefix).append(name)] = {std::move(value)};
}

void set_owner(policy::Target& target, const std::string& project_id, const std::string& user_id) {
  set(target, of_provider, "owner_project_id", project_id);
  set(target, of_provider, "owner_user_id", user_id);
}

policy::Target target_of(const World& world, const Tree& tree, std::size_t index) {
  const Provider& provider = *tree.nodes[index].provider;
  policy::Target target;
  set(target, of_provider, "uuid", provider.uuid.str());
  set(target, of_provider, "name", provider.name);
  set(target, of_provider, "root_provider_uuid", tree.root().uuid.str());
  if (const auto& owner = tree.root().owner) set_owner(target, *owner->project_id, *owner->user_id);
  auto& aggregates = target[std::string(of_provider) + "aggregates"];
  for (const auto id : provider.aggregates)
    aggregates.push_back(world.aggregate(id).str());
  auto& traits = target[std::string(of_provider) + "traits"];
  for (const auto id : provider.traits)
    traits.push_back(world.trait(id).name);
  return target;
}

void add_consumer(policy::Target& target, const Consumer& consumer) {
  set(target, of_consumer, "uuid", consumer.uuid.str());
  set(target, of_consumer, "project_id", *consumer.project_id);
  set(target, of_consumer, "user_id", *consumer.user_id);
  if (consumer.type) set(target, of_consumer, "type", *consumer.type);
}

policy::Target target_of(const Access::UsageTarget& asked) {
  policy::Target target;
  if (asked.project_id) target["project_id"] = {std::string(*asked.project_id)};
  if (asked.user_id) target["user_id"] = {std::string(*asked.user_id)};
  return target;
}

// The providers that the claims touch, sorted, each once: those that they name, and those that
// their consumers would leave.
std::vector<Uuid> touched_providers(const World& world, const Touched& touched) {
  auto providers = touched.providers;
  for (const auto& uuid : touched.consumers) {
    const auto consumer = world.find_consumer(uuid);
    if (!consumer) continue;
    for (const auto& allocation : consumer->allocations)
      providers.push_back(allocation.provider);
  }
  std::sort(providers.begin(), providers.end());
  providers.erase(std::unique(providers.begin(), providers.end()), providers.end());
  return providers;
}

// Requires: `providers` are sorted.
bool has_any_from(const Consumer& consumer, const std::vector<Uuid>& providers) {
  const auto is_from = [&](const Allocation& allocation) {
    return std::binary_search(providers.begin(), providers.end(), allocation.provider);
  };
  return std::any_of(consumer.allocations.begin(), consumer.allocations.end(), is_from);
}

Failure no_provider(const Uuid& uuid) {
  return {Reason::no_such_resource, "No resource provider with uuid " + uuid.str() + " found"};
}

// Says the same whether a consumer exists or not. Requires: without consumers, a hidden provider.
Failure refusal_of(const Touched& touched, const std::vector<Uuid>& hidden_providers) {
  if (touched.consumers.empty()) return no_provider(hidden_providers.front());
  return {Reason::not_found,
          "No allocations for consumer '" + touched.consumers.front().str() + "'"};
}

}  // namespace

struct Access::Limits {
  std::shared_ptr<const policy::RuleSet> rules;
  Identity identity;
  std::string rule;

  bool allows(const policy::Target& target) const { return rules->allows(rule, identity, target); }
  bool allows_kind(const policy::Target& target, policy::IsAttribute is_attribute) const {
    return rules->allows_kind(rule, identity, target, is_attribute);
  }
};

Access::Access(std::shared_ptr<const policy::RuleSet> rules, const Identity& identity,
               std::string_view rule)
    : limits_(
          std::make_shared<const Limits>(Limits{std::move(rules), identity, std::string(rule)})) {}

bool Access::sees(const World& world, const Tree& tree, std::size_t index) const {
  return unlimited() || limits_->allows(target_of(world, tree, index));
}

bool Access::may_make_root() const {
  if (unlimited()) return true;
  policy::Target target;
  set_owner(target, limits_->identity.project_id, limits_->identity.user_id);
  return limits_->allows(target);
}

std::optional<NarrowedWorld> Access::narrowed(const World& world,
                                              const std::vector<Uuid>& providers) const {
  if (unlimited()) return std::nullopt;
  std::vector<Uuid> hidden;
  for (const auto& uuid : providers) {
    const auto provider = world.find_provider(uuid);
    if (provider && !sees(world, *provider->tree, provider->place.index)) hidden.push_back(uuid);
  }
  if (hidden.empty()) return std::nullopt;
  return NarrowedWorld{world.without(hidden, {}), no_provider(hidden.front())};
}

bool Access::claims_from(const World& world, const Tree& tree, std::size_t index) const {
  return unlimited() || limits_->allows_kind(target_of(world, tree, index), is_provider_attribute);
}

bool Access::claims_for(const Consumer* consumer) const {
  if (unlimited()) return true;
  policy::Target target;
  if (consumer) {
    add_consumer(target, *consumer);
    target["project_id"] = {*consumer->project_id};
    target["user_id"] = {*consumer->user_id};
  }
  return limits_->allows_kind(target, is_consumer_attribute);
}

std::optional<NarrowedWorld> Access::narrowed_for_claims(const World& world,
                                                         const Touched& touched) const {
  if (unlimited()) return std::nullopt;
  std::vector<Uuid> providers, consumers;
  for (const auto& uuid : touched.consumers) {
    const auto consumer = world.find_consumer(uuid);
    if (!claims_for(consumer.get())) consumers.push_back(uuid);
  }
  for (const auto& uuid : touched_providers(world, touched)) {
    const auto provider = world.find_provider(uuid);
    if (provider && !claims_from(world, *provider->tree, provider->place.index)) {
      providers.push_back(uuid);
    }
  }
  if (providers.empty() && consumers.empty()) return std::nullopt;
  // Who may not touch a part of what a consumer has does not know the consumer.
  for (const auto& uuid : touched.consumers) {
    const auto consumer = world.find_consumer(uuid);
    if (consumer && has_any_from(*consumer, providers)) consumers.push_back(uuid);
  }
  return NarrowedWorld{world.without(providers, consumers), refusal_of(touched, providers)};
}

bool Access::sees_all_usage(const UsageTarget& asked) const {
  return unlimited() || limits_->allows(target_of(asked));
}

bool Access::may_see_usage(const UsageTarget& asked) const {
  return unlimited() || limits_->allows_kind(target_of(asked), is_usage_attribute);
}

bool Access::sees_usage(const UsageTarget& asked, const Consumer& consumer) const {
  if (unlimited()) return true;
  auto target = target_of(asked);
  add_consumer(target, consumer);
  return limits_->allows(target);
}

}  // namespace emplace::api
