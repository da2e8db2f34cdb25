// The table of owners: whose rows count, and what happens without it.
#include "store/sqlite_owners.h"

#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "changes/providers.h"
#include "model/world_text.h"
#include "store/load.h"
#include "store/sqlite_connection.h"
#include "store/sqlite_store.h"
#include "store/testing.h"

namespace emplace::store {
namespace {

using testing::HasSubstr;

constexpr Time now{std::chrono::seconds(1'700'000'000)};
const CreatedBy alice{"p1", "alice"}, bob{"p2", "bob"};

class Owners : public testing::Test {
 protected:
  // What a store that is opened anew loads.
  World load(bool create = true) {
    store_.reset();
    store_ =
        open_sqlite({.path = file_.path(), .create = create, .report = [this](const auto& text) {
                       reports_ += text + "\n";
                     }});
    return world_ = store_->load();
  }

  template <class Command>
  void carry_out(const Command& command) {
    const auto changes = changes::plan(world_, command, now).value();
    const World after = world_.with(changes);
    store_->commit({Step{&changes, &world_, &after}});
    world_ = after;
  }
  void create(const std::string& name, const std::optional<CreatedBy>& owner = alice,
              std::optional<Uuid> parent = {}) {
    carry_out(changes::AddProvider{uuid_of(name), name, parent, owner});
  }

  // The database without a server.
  void execute(const std::string& sql) {
    store_.reset();
    SqliteDatabase(file_.path(), SqliteDatabase::Mode::read_write).execute(sql);
  }
  std::int64_t rows() {
    store_.reset();
    return SqliteDatabase(file_.path(), SqliteDatabase::Mode::read_write)
        .integer("SELECT count(*) FROM emplace_provider_owners");
  }
  bool has_table() {
    store_.reset();
    SqliteDatabase database(file_.path(), SqliteDatabase::Mode::read_write);
    return has_owners_table(database);
  }

  static std::string owner_of(const World& world, const std::string& name) {
    const auto owner = (*world.find_provider_by_name(name))->owner;
    return owner ? *owner->project_id + "/" + *owner->user_id : "nobody";
  }

  ScratchDatabase file_;
  std::unique_ptr<Store> store_;
  World world_;
  std::string reports_;
};

TEST_F(Owners, AreWhoCreatedAProvider) {
  load();
  create("cn1");
  create("cn2", std::nullopt);
  create("numa", bob, uuid_of("cn1"));
  create("odd", CreatedBy{"", "' \"é\xff"});
  EXPECT_EQ(owner_of(load(), "cn1"), "p1/alice");
  EXPECT_EQ(owner_of(world_, "cn2"), "nobody");
  EXPECT_EQ(owner_of(world_, "numa"), "p2/bob");
  EXPECT_EQ(owner_of(world_, "odd"), "/' \"é\xff");
  EXPECT_EQ(rows(), 3);
}

TEST_F(Owners, AreKeptWhenAProviderIsRenamedAndMoved) {
  load();
  create("cn1");
  create("cn2", bob);
  carry_out(changes::EditProvider{uuid_of("cn1"), "new", false, uuid_of("cn2"), true});
  EXPECT_EQ(owner_of(load(), "new"), "p1/alice");
  EXPECT_EQ(*world_.find_provider(uuid_of("cn1"))->root().owner->user_id, "bob");
}

TEST_F(Owners, CanBeChangedAndTakenAway) {
  load();
  create("cn1");
  create("numa", bob, uuid_of("cn1"));
  const auto before = *load().find_provider(uuid_of("cn1"));
  carry_out(changes::ChangeOwner{uuid_of("numa"), CreatedBy{"p3", "carol"}});
  EXPECT_EQ(owner_of(load(), "cn1"), "p3/carol");
  EXPECT_EQ(owner_of(world_, "numa"), "p2/bob");
  const auto after = *world_.find_provider(uuid_of("cn1"));
  EXPECT_EQ(after->generation, before->generation);
  EXPECT_EQ(after->updated_at, before->updated_at);
  carry_out(changes::ChangeOwner{uuid_of("cn1"), std::nullopt});
  EXPECT_EQ(owner_of(load(), "cn1"), "nobody");
  EXPECT_EQ(rows(), 1);
  load();
  carry_out(changes::ChangeOwner{uuid_of("cn1"), bob});
  EXPECT_EQ(owner_of(load(), "cn1"), "p2/bob");
}

TEST_F(Owners, GoWithTheProvider) {
  load();
  create("cn1");
  create("cn2", bob);
  carry_out(changes::RemoveProvider{uuid_of("cn2")});
  create("cn2", std::nullopt);  // SQLite could give it the same id
  EXPECT_EQ(owner_of(load(), "cn2"), "nobody");
  EXPECT_EQ(rows(), 1);
}

TEST_F(Owners, OfAProviderThatUpstreamDeletedAreNotBelievedOfTheNext) {
  load();
  create("same id");
  create("same uuid");
  create("gone");
  // Whichever of the two agrees alone, uuid or id, is not enough.
  execute("UPDATE resource_providers SET uuid = '" + uuid_of("new").str() +
          "' WHERE name = 'same id'; UPDATE resource_providers SET id = 77, root_provider_id = 77 "
          "WHERE name = 'same uuid'; DELETE FROM resource_providers WHERE name = 'gone'");
  EXPECT_EQ(owner_of(load(), "same id"), "nobody");
  EXPECT_EQ(owner_of(world_, "same uuid"), "nobody");
  EXPECT_EQ(rows(), 0);
}

TEST_F(Owners, ThatDoNotCountAreDeletedBySyncToo) {
  load();
  create("cn1");
  create("gone");
  execute("DELETE FROM resource_providers WHERE name = 'gone'");
  sqlite_sync(file_.path());
  EXPECT_EQ(rows(), 1);
}

TEST_F(Owners, ARowThatDoesNotCountIsNotLoadedEither) {
  load();
  create("cn1");
  execute("UPDATE emplace_provider_owners SET resource_provider_id = 99");
  store_.reset();
  SqliteDatabase database(file_.path(), SqliteDatabase::Mode::read_write);
  SqliteConnection connection(database);
  EXPECT_EQ(owner_of(load_world(connection, {}).world, "cn1"), "nobody");
}

TEST_F(Owners, CanBeGivenToAProviderWhoseUuidIsSpelledOddly) {
  load();
  create("cn1", std::nullopt);
  execute("UPDATE resource_providers SET uuid = upper(uuid)");
  load();
  carry_out(changes::ChangeOwner{uuid_of("cn1"), alice});
  EXPECT_EQ(owner_of(load(), "cn1"), "p1/alice");
}

TEST_F(Owners, ADatabaseWithoutTheTableGetsItOnlyIfItMayBeBroughtUpToDate) {
  load();
  create("cn1");
  execute("DROP TABLE emplace_provider_owners");
  EXPECT_EQ(owner_of(load(false), "cn1"), "nobody");
  EXPECT_THAT(reports_, HasSubstr("has no table emplace_provider_owners"));
  EXPECT_FALSE(has_table());
  reports_.clear();
  EXPECT_EQ(owner_of(load(true), "cn1"), "nobody");
  EXPECT_EQ(reports_, "");
  EXPECT_EQ(rows(), 0);
}

TEST_F(Owners, AreNeitherKeptNorChangedWithoutTheTable) {
  load();
  execute("DROP TABLE emplace_provider_owners");
  load(false);
  EXPECT_FALSE(world_.keeps_owners());
  create("cn1");
  EXPECT_EQ(owner_of(world_, "cn1"), "nobody") << "not even until the next start";
  const auto refused = changes::plan(world_, changes::ChangeOwner{uuid_of("cn1"), alice}, now);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().detail, HasSubstr("emplace db sync"));
  carry_out(changes::RemoveProvider{uuid_of("cn1")});
  EXPECT_EQ(load(false).provider_count(), 0u);
}

TEST_F(Owners, SyncMakesTheTableAtAnyRevisionOfUpstreams) {
  for (const auto& revision : upstream_revisions()) {
    ScratchDatabase file;
    sqlite_sync(file.path(), revision);
    SqliteDatabase database(file.path(), SqliteDatabase::Mode::read_write);
    EXPECT_TRUE(has_owners_table(database)) << revision;
  }
}

}  // namespace
}  // namespace emplace::store
