// Many threads write through the Ledger into a store that fails by chance; one seed gives the
// faults. Whatever happens, nothing acknowledged is lost and nothing is half there.
#include <array>
#include <future>
#include <iostream>
#include <thread>

#include <gtest/gtest.h>

#include "base/random.h"
#include "model/world_text.h"
#include "store/ledger.h"
#include "store/simulated_store.h"

namespace emplace::store {
namespace {

constexpr int thread_count = 4, writes_of_a_thread = 400, capacity = 300;
constexpr std::array provider_names{"cn1", "cn2", "cn3"};

enum class Told { nothing, there, refused, unknown };

struct Claim {
  Uuid consumer;
  std::array<Uuid, 2> providers;
  Told told = Told::nothing;
};

std::int64_t used_of(const World& world, const Uuid& provider) {
  return (*world.find_provider(provider))->inventories.at(0).used;
}

// One unit of VCPU on each of two providers, and their generations count the claims.
Result<ChangeSet> plan_claim(const World& tip, Time now, const Claim& claim) {
  const auto vcpu = *tip.find_class("VCPU");
  ChangeSet changes{.at = now, .changes = {}};
  changes.add(PutConsumer{claim.consumer, "project", "user", std::nullopt, 1});
  ReplaceAllocations replace{claim.consumer, {}};
  for (const auto& provider : claim.providers) {
    if (used_of(tip, provider) >= capacity) return fail(Reason::conflict, "full");
    replace.allocations.push_back({provider, vcpu, 1});
    const auto generation = (*tip.find_provider(provider))->generation;
    changes.add(SetGeneration{provider, generation, generation + 1});
  }
  return changes.add(replace);
}

Told claim_once(Ledger& ledger, const Claim& claim) {
  std::promise<Told> told;
  ledger.submit({.plan = [&](const World& tip, Time now) { return plan_claim(tip, now, claim); },
                 .done =
                     [&](Result<WorldPtr> result) {
                       if (result) {
                         // The World right after the command has it.
                         const bool there = (*result)->find_consumer(claim.consumer) != nullptr;
                         return told.set_value(there ? Told::there : Told::nothing);
                       }
                       const bool unknown =
                           result.error().detail.find("may or may not") != std::string::npos;
                       told.set_value(unknown ? Told::unknown : Told::refused);
                     }});
  return told.get_future().get();
}

std::vector<Claim> work(Ledger& ledger, std::uint64_t seed) {
  Random random(seed);
  std::vector<Claim> claims(writes_of_a_thread);
  for (auto& claim : claims) {
    const auto first = random.below(provider_names.size());
    const auto second = (first + 1 + random.below(provider_names.size() - 1)) % 3;
    claim.consumer = random.uuid();
    claim.providers = {uuid_of(provider_names[first]), uuid_of(provider_names[second])};
    claim.told = claim_once(ledger, claim);
  }
  return claims;
}

void check(const World& world, const std::vector<Claim>& claims) {
  std::map<Uuid, std::int64_t> expected;
  for (const auto& claim : claims) {
    const auto consumer = world.find_consumer(claim.consumer);
    ASSERT_NE(claim.told, Told::nothing);
    ASSERT_TRUE(consumer || claim.told != Told::there) << "an acknowledged claim is lost";
    ASSERT_TRUE(!consumer || claim.told != Told::refused) << "a refused claim is there";
    if (!consumer) continue;
    ASSERT_EQ(consumer->allocations.size(), 2u) << "a claim is half there";
    for (const auto& provider : claim.providers)
      ++expected[provider];
  }
  for (const auto* name : provider_names) {
    const auto provider = uuid_of(name);
    EXPECT_EQ(used_of(world, provider), expected[provider]);
    EXPECT_EQ((*world.find_provider(provider))->generation, expected[provider]);
    EXPECT_LE(used_of(world, provider), capacity);
  }
}

void simulate(std::uint64_t seed) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  SimulatedStore store(parse_world("cn1 VCPU=300\ncn2 VCPU=300\ncn3 VCPU=300"), seed);
  const SystemClock clock;
  std::vector<Claim> claims;
  {
    Ledger ledger(store, clock, {.retry_interval = std::chrono::milliseconds(0)});
    store.set_chances({.refused = 30, .lost = 30, .answer_lost = 30, .load_fails = 200});
    std::vector<std::future<std::vector<Claim>>> threads;
    for (std::uint64_t i = 0; i < thread_count; ++i) {
      threads.push_back(std::async(std::launch::async,
                                   [&ledger, seed, i] { return work(ledger, seed * 100 + i); }));
    }
    for (auto& thread : threads) {
      const auto done = thread.get();
      claims.insert(claims.end(), done.begin(), done.end());
    }
    check(store.durable(), claims);
    // What readers see is what is durable, once the store can be read.
    store.set_chances({});
    Claim last{.consumer = uuid_of("last"), .providers = {uuid_of("cn1"), uuid_of("cn2")}};
    last.told = claim_once(ledger, last);
    claims.push_back(last);
    check(*ledger.world(), claims);
  }
  check(store.durable(), claims);
}

TEST(LedgerSimulation, NothingAcknowledgedIsLostAndNothingIsHalfThere) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed)
    simulate(seed);
  const auto fresh = Random().below(1'000'000'000);
  std::cout << "fresh seed " << fresh << "\n";
  simulate(fresh);
}

}  // namespace
}  // namespace emplace::store
