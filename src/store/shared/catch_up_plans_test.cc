// One process plans and stores, another one catches up with it, over random commands. Each run has
// a seed, which is printed when it fails; EMPLACE_SEED=… runs from there.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "changes/aggregates.h"
#include "changes/claims.h"
#include "changes/classes.h"
#include "changes/inventories.h"
#include "changes/providers.h"
#include "changes/traits.h"
#include "model/world_text.h"
#include "store/shared/catch_up_testing.h"
#include "store/sqlite_commit.h"

namespace emplace::store {
namespace {

using namespace changes;

// The process that writes. Its World comes from planning alone, as it does between two loads.
class Writer {
 public:
  Writer(CatchingUp& store, std::uint64_t seed)
      : database_(store.database()),
        loaded_(store.loaded()),
        world_(loaded_.world),
        rows_(std::move(loaded_.rows)),
        committer_(database_, rows_),
        random_(seed) {}

  const World& world() const { return world_; }
  std::uint64_t below(std::uint64_t bound) { return random_.below(bound); }

  // Plans a random command, and stores what it changes, if it is granted.
  void write() {
    now_ += std::chrono::seconds(below(3));
    const auto changes = planned();
    if (!changes || changes->empty()) return;
    const World after = world_.with(*changes);
    SqliteTransaction transaction(database_);
    committer_.apply(Step{&*changes, &world_, &after});
    transaction.commit();
    world_ = after;
  }

 private:
  bool chance(std::uint64_t percent) { return below(100) < percent; }
  std::string name(const std::string& kind, std::uint64_t count) {
    return kind + std::to_string(below(count));
  }
  Uuid host() { return uuid_of(name("host", 12)); }
  std::string class_name() {
    return chance(60) ? (chance(50) ? "VCPU" : "DISK_GB") : name("CUSTOM_CLASS_", 3);
  }
  std::vector<std::string> trait_names() {
    std::vector<std::string> names;
    while (chance(60))
      names.push_back(chance(50) ? "HW_CPU_X86_AVX2" : name("CUSTOM_TRAIT_", 3));
    return names;
  }
  std::int64_t generation_of(const Uuid& uuid) {
    const auto provider = world_.find_provider(uuid);
    return provider ? (*provider)->generation : 0;
  }

  Result<ChangeSet> planned() {
    switch (below(13)) {
      case 0:
      case 1: {
        const auto called = name("host", 12);
        std::optional<Uuid> parent;
        if (chance(50)) parent = host();
        std::optional<CreatedBy> owner;
        if (chance(50)) owner = CreatedBy{name("project", 2), "user"};
        return plan(world_, AddProvider{uuid_of(called), called, parent, owner}, now_);
      }
      case 2: {
        EditProvider edit{.uuid = host(), .name = name("name", 12)};
        edit.keeps_parent = chance(30);
        edit.may_reparent = true;
        if (chance(70)) edit.parent = host();
        return plan(world_, edit, now_);
      }
      case 3:
        return plan(world_, RemoveProvider{host()}, now_);
      case 4:
        return plan(world_, ChangeOwner{host(), CreatedBy{name("project", 3), ""}}, now_);
      case 5:
      case 6: {
        const auto provider = host();
        ReplaceInventories all{provider, generation_of(provider), {}};
        for (const auto* each : {"VCPU", "DISK_GB", "CUSTOM_CLASS_0", "CUSTOM_CLASS_1"}) {
          if (!chance(50)) continue;
          const auto total = static_cast<std::int32_t>(1 + below(100));
          all.items.push_back({each, {.total = total, .allocation_ratio = 1.5}});
        }
        return plan(world_, all, now_);
      }
      case 7: {
        const auto provider = host();
        return plan(world_, ReplaceTraits{provider, generation_of(provider), trait_names()}, now_);
      }
      case 8: {
        const auto provider = host();
        ReplaceAggregates all{provider, std::nullopt, {}};
        if (chance(50)) all.generation = generation_of(provider);
        for (const auto* each : {"red", "green", "blue"}) {
          if (chance(50)) all.aggregates.push_back(uuid_of(each));
        }
        return plan(world_, all, now_);
      }
      case 9:
        return change_name();
      case 10:
        return plan(world_, Release{uuid_of(name("vm", 8)), "vm"}, now_);
      default:
        return claim();
    }
  }

  Result<ChangeSet> change_name() {
    const auto trait = name("CUSTOM_TRAIT_", 3), called = name("CUSTOM_CLASS_", 3);
    switch (below(5)) {
      case 0:
        return plan(world_, RemoveTrait{trait}, now_);
      case 1:
        return plan(world_, RemoveClass{called}, now_);
      case 2:
        return plan(world_, EditClass{called, name("CUSTOM_CLASS_", 3)}, now_);
      case 3:
        return plan(world_, EnsureClass{called}, now_);
      default:
        return plan(world_, AddTrait{trait}, now_);
    }
  }

  Result<ChangeSet> claim() {
    ConsumerClaim claim{.consumer = uuid_of(name("vm", 8)),
                        .project_id = chance(50) ? "project" : "another project",
                        .user_id = name("user", 3),
                        .type = std::nullopt,
                        .generation = std::nullopt,
                        .amounts = {}};
    if (chance(50)) claim.type = name("TYPE_", 2);
    std::set<std::pair<Uuid, std::string>> used;
    for (auto count = below(4); count > 0; --count) {
      const auto provider = host();
      const auto called = class_name();
      if (!used.emplace(provider, called).second) continue;
      claim.amounts.push_back({provider, called, static_cast<std::int64_t>(1 + below(3))});
    }
    return plan(world_, Claims{{claim}, {}}, now_);
  }

  SqliteDatabase& database_;
  Loaded loaded_;
  World world_;
  Rows rows_;
  SqliteCommitter committer_;
  Random random_;
  Time now_{std::chrono::seconds(1'700'000'000)};
};

TEST(CatchingUpAtRandom, WithAnotherProcessIsAsGoodAsPlanning) {
  std::size_t changed = 0;
  for (std::uint64_t seed = first_seed(); seed < first_seed() + 5; ++seed) {
    CatchingUp store;
    Writer writer(store, seed);
    for (int round = 0; round < 80; ++round) {
      for (auto count = 1 + writer.below(10); count > 0; --count)
        writer.write();
      auto touched = store.touched();
      // More than was touched does no harm.
      for (auto count = writer.below(4); count > 0; --count) {
        const auto row = static_cast<RowId>(writer.below(12));
        touched.inventories.insert(row);
        touched.classes.insert(row);
        touched.consumers.insert(uuid_of("vm" + std::to_string(row)).str());
      }
      const auto before = store.world().version();
      store.catch_up(touched);
      changed += store.world().version() != before;
      store.expect_as_loaded();
      EXPECT_EQ(describe_world(store.world()), describe_world(writer.world()));
      if (testing::Test::HasFailure()) FAIL() << "seed " << seed << ", round " << round;
    }
  }
  EXPECT_GT(changed, 250u);
}

}  // namespace
}  // namespace emplace::store
