// For tests: a World that catches up with an SQLite database, and what it must then be.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "store/shared/catch_up.h"
#include "store/shared/sound_world.h"
#include "store/spelling.h"
#include "store/sqlite_connection.h"
#include "store/sqlite_schema.h"
#include "store/sqlite_store.h"
#include "store/testing.h"

namespace emplace::store {

// Where random runs begin: EMPLACE_SEED, or 1.
inline std::uint64_t first_seed() {
  const char* given = std::getenv("EMPLACE_SEED");
  return given ? std::strtoull(given, nullptr, 10) : 1;
}

class CatchingUp {
 public:
  // A new database with the standard names, and triggers that write down what is touched as those
  // of a shared database do, row by row.
  CatchingUp() : database_(copy_of_new_database(file_.path()), Mode::read_write) {
    execute(
        "PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; PRAGMA temp_store = MEMORY;"
        "CREATE TABLE emplace_exact_ratios (resource_provider_id INT, resource_class_id INT, "
        "stored VARCHAR(32) NOT NULL, exact DOUBLE NOT NULL, "
        "PRIMARY KEY (resource_provider_id, resource_class_id));"
        "CREATE TEMP TABLE touched (word TEXT, key)");
    watch("resource_providers", "P", "id");
    watch("inventories", "I", "resource_provider_id");
    watch("emplace_exact_ratios", "I", "resource_provider_id");
    watch("resource_provider_traits", "T", "resource_provider_id");
    watch("resource_provider_aggregates", "A", "resource_provider_id");
    watch("emplace_provider_owners", "O", "resource_provider_id");
    watch("consumers", "C", "uuid");
    watch("allocations", "C", "consumer_id");
    watch("traits", "t", "id");
    watch("resource_classes", "c", "id");
    for (const auto* table : {"projects", "users", "consumer_types", "placement_aggregates"})
      watch_event(table, "DELETE", "'X', 0");
    load();
  }

  SqliteDatabase& database() { return database_; }
  Loaded loaded() { return load_world(connection_, options_); }
  void execute(const std::string& sql) { database_.execute(sql); }

  // What was touched since the last call.
  Touched touched() {
    Touched all;
    SqliteStatement row(database_, "SELECT word, key FROM touched");
    while (row.next()) {
      const auto word = row.text(0);
      if (word == "P") all.providers.insert(row.integer(1));
      if (word == "I") all.inventories.insert(row.integer(1));
      if (word == "T") all.traits_of.insert(row.integer(1));
      if (word == "A") all.aggregates_of.insert(row.integer(1));
      if (word == "O") all.owners.insert(row.integer(1));
      if (word == "C") all.consumers.emplace(row.text(1));
      if (word == "t") all.traits.insert(row.integer(1));
      if (word == "c") all.classes.insert(row.integer(1));
      all.purged |= word == "X";
    }
    execute("DELETE FROM touched");
    return all;
  }

  void load() {
    auto loaded = load_world(connection_, options_);
    EXPECT_FALSE(loaded.to_be_mended);
    world_ = std::move(loaded.world);
    rows_ = std::move(loaded.rows);
    touched();
  }
  void catch_up(const Touched& touched) {
    try {
      world_ = store::catch_up(connection_, world_, rows_, touched, options_, now_);
    } catch (const NeedsLoad& reason) {
      reports_ += std::string("all is loaded anew: ") + reason.what() + "\n";
      auto loaded = load_world(connection_, options_);
      world_ = loaded.world.taken_at(now_).succeeding(world_);
      rows_ = std::move(loaded.rows);
    }
  }
  // Runs SQL, catches up with what it did, and compares with what loading gives.
  void see(const std::string& sql) {
    execute(sql);
    catch_up(touched());
    expect_as_loaded();
  }
  void expect_as_loaded() {
    const auto loaded = load_world(connection_, options_);
    EXPECT_EQ(describe_world(world_), describe_world(loaded.world));
    EXPECT_EQ(lists_of_aggregates(world_), lists_of_aggregates(loaded.world));
    EXPECT_EQ(consumers(world_), consumers(loaded.world));
    expect_sound(world_);
    expect_rows_of(loaded);
    // To catch up on all of it once more changes nothing, not even the version.
    const auto version = world_.version();
    catch_up(everything());
    EXPECT_EQ(world_.version(), version);
  }

  const World& world() const { return world_; }
  Rows& rows() { return rows_; }
  Time now() const { return now_; }
  std::string reports() const { return reports_; }
  std::string provider(const std::string& name) const {
    const auto found = world_.find_provider_by_name(name);
    return found ? describe_provider(world_, (*found)->uuid) : "";
  }
  std::string consumer(const std::string& uuid) const {
    return describe_consumer(world_, *Uuid::parse(uuid));
  }

 private:
  using Mode = SqliteDatabase::Mode;

  // Making one takes the disk a while, so it is made once.
  static std::string copy_of_new_database(const std::string& path) {
    static const ScratchDatabase made;
    if (!std::filesystem::exists(made.path())) {
      sqlite_sync(made.path());
      SqliteDatabase database(made.path(), Mode::read_write);
      insert_standard_names(database);
    }
    std::filesystem::copy_file(made.path(), path);
    return path;
  }
  void watch_event(const std::string& table, const std::string& event, const std::string& values) {
    execute("CREATE TEMP TRIGGER watch_" + table + "_" + event.substr(0, 6) +
            std::to_string(++triggers_) + " AFTER " + event + " ON main." + table +
            " BEGIN INSERT INTO touched VALUES (" + values + "); END");
  }
  void watch(const std::string& table, const std::string& word, const std::string& key) {
    const std::string start = "'" + word + "', ";
    watch_event(table, "INSERT", start + "NEW." + key);
    watch_event(table, "UPDATE", start + "NEW." + key);
    watch_event(table, "UPDATE", start + "OLD." + key);
    watch_event(table, "DELETE", start + "OLD." + key);
  }

  static std::map<Uuid, std::vector<Uuid>> lists_of_aggregates(const World& world) {
    std::map<Uuid, std::vector<Uuid>> lists;
    for (std::uint32_t number = 0; number < world.tree_limit(); ++number) {
      if (!world.tree(number)) continue;
      for (const auto& node : world.tree(number)->nodes) {
        for (const auto id : node.provider->aggregates)
          lists[node.provider->uuid].push_back(world.aggregate(id));
      }
    }
    return lists;
  }

  // All of them, also those that have nothing and are of whatever project.
  std::map<Uuid, std::string> consumers(const World& world) {
    std::map<Uuid, std::string> all;
    for (const auto& spelling : everything().consumers) {
      for (const auto& uuid : {uuid_spelled(spelling), derived_uuid(spelling)}) {
        const auto consumer = world.find_consumer(uuid);
        if (!consumer) continue;
        all[uuid] = describe_consumer(world, uuid) + " at " +
                    std::to_string(consumer->updated_at.time_since_epoch().count());
        const auto* of_project = world.consumers_of_project(*consumer->project_id);
        EXPECT_TRUE(of_project && of_project->contains(uuid));
      }
    }
    return all;
  }

  // All that is there, and a few that are not.
  Touched everything() {
    Touched all;
    const auto add = [&](const std::string& sql, std::set<RowId>& rows) {
      SqliteStatement row(database_, sql);
      while (row.next())
        rows.insert(row.integer(0));
    };
    add("SELECT id FROM resource_providers UNION SELECT 12345", all.providers);
    all.inventories = all.traits_of = all.aggregates_of = all.owners = all.providers;
    add("SELECT id FROM traits UNION SELECT 12345", all.traits);
    add("SELECT id FROM resource_classes UNION SELECT 12345", all.classes);
    SqliteStatement row(database_,
                        "SELECT uuid FROM consumers UNION SELECT consumer_id FROM allocations "
                        "UNION SELECT 'nobody'");
    while (row.next())
      all.consumers.emplace(row.text(0));
    return all;
  }

  void expect_rows_of(const Loaded& loaded) {
    const Rows& expected = loaded.rows;
    const auto pairs = [](const auto& rows) {
      std::map<Uuid, std::pair<RowId, RowId>> all;
      for (const auto& [uuid, row] : rows)
        all[uuid] = {row.id, row.root};
      return all;
    };
    EXPECT_EQ(pairs(rows_.providers), pairs(expected.providers));
    EXPECT_EQ(rows_.provider_uuids, expected.provider_uuids);
    EXPECT_EQ(rows_.aggregates, expected.aggregates);
    EXPECT_EQ(rows_.aggregate_uuids, expected.aggregate_uuids);
    EXPECT_EQ(rows_.last_aggregate, expected.last_aggregate);
    EXPECT_EQ(rows_.consumer_spellings, expected.consumer_spellings);
    EXPECT_EQ(rows_.rowless_consumers, expected.rowless_consumers);
    EXPECT_EQ(rows_.cut_parents, expected.cut_parents);
    EXPECT_EQ(rows_.contested, expected.contested);
    EXPECT_EQ(rows_.exact_ratios, expected.exact_ratios);
    EXPECT_GE(rows_.last_provider, expected.last_provider);
    EXPECT_GE(rows_.last_class, expected.last_class);
    expect_names(
        rows_.class_ids, rows_.classes, expected.classes, loaded.world.class_ids(),
        [&](ClassId id) { return world_.resource_class(id).name; },
        [&](ClassId id) { return loaded.world.resource_class(id).name; });
    expect_names(
        rows_.trait_ids, rows_.traits, expected.traits, loaded.world.trait_ids(),
        [&](TraitId id) { return world_.trait(id).name; },
        [&](TraitId id) { return loaded.world.trait(id).name; });
    expect_texts(rows_.projects, expected.projects,
                 "SELECT external_id FROM projects JOIN consumers ON projects.id = project_id");
    expect_texts(rows_.users, expected.users,
                 "SELECT external_id FROM users JOIN consumers ON users.id = user_id");
    expect_texts(rows_.consumer_types, expected.consumer_types,
                 "SELECT name FROM consumer_types AS type JOIN consumers ON type.id = "
                 "consumer_type_id");
  }

  // That the ids lead to the same names as those of a World that was loaded, both ways.
  template <class Id, class Name, class LoadedName>
  void expect_names(const std::unordered_map<RowId, Id>& ids, const std::vector<RowId>& rows,
                    const std::vector<RowId>& loaded_rows, const std::vector<Id>& loaded_ids,
                    Name name, LoadedName loaded_name) {
    EXPECT_EQ(ids.size(), loaded_ids.size());
    for (const auto id : loaded_ids) {
      const RowId row = loaded_rows[static_cast<std::size_t>(id)];
      ASSERT_TRUE(ids.contains(row)) << loaded_name(id);
      EXPECT_EQ(name(ids.at(row)), loaded_name(id));
      EXPECT_EQ(rows[static_cast<std::size_t>(ids.at(row))], row);
    }
  }

  // That all texts that are known have the right rows, and that those in use are known.
  void expect_texts(const std::unordered_map<std::string, RowId>& known,
                    const std::unordered_map<std::string, RowId>& all, const std::string& in_use) {
    for (const auto& [text, row] : known) {
      const auto found = all.find(text);
      EXPECT_TRUE(found != all.end() && found->second == row) << text;
    }
    SqliteStatement row(database_, in_use);
    while (row.next())
      EXPECT_TRUE(known.contains(std::string(row.text(0)))) << row.text(0);
  }

  ScratchDatabase file_;
  SqliteDatabase database_;
  SqliteConnection connection_{database_};
  int triggers_ = 0;
  std::string reports_;
  const LoadOptions options_{.report = [this](const auto& text) { reports_ += text + "\n"; },
                             .has_owners = true,
                             .has_exact_ratios = true,
                             .reverse_maps = true,
                             .shows_incomplete = true};
  const Time now_{std::chrono::seconds(1'800'000'000)};
  World world_;
  Rows rows_;
};

}  // namespace emplace::store
