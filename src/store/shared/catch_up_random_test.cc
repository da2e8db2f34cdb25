// Catching up against loading, over random changes of rows, be they sense or nonsense. Each run has
// a seed, which is printed when it fails; EMPLACE_SEED=… runs from there.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "store/shared/catch_up_testing.h"

namespace emplace::store {
namespace {

// Statements that change a few rows each, in a world so small that they meet.
class Statements {
 public:
  // In every other run all UUIDs are spelled as they should be.
  explicit Statements(std::uint64_t seed) : random_(seed), is_odd_(seed % 2 == 0) {}

  std::uint64_t below(std::uint64_t bound) { return random_.below(bound); }
  bool chance(std::uint64_t percent) { return below(100) < percent; }

  std::string next() {
    switch (below(14)) {
      case 0:
      case 1:
        return insert_provider();
      case 2:
        return update_provider();
      case 3:
        return "DELETE FROM resource_providers WHERE id = " + provider();
      case 4:
        return "INSERT OR IGNORE INTO inventories (" + times() +
               ", resource_provider_id, resource_class_id, total, reserved, min_unit, max_unit, "
               "step_size, allocation_ratio) SELECT " +
               time_values() + ", " + provider() + ", " + resource_class() + ", " + number(100) +
               ", 0, 1, 100, 1, 1.5";
      case 5:
        return change_inventory();
      case 6:
        return change_name();
      case 7:
        return change_links("resource_provider_traits", "trait_id", trait());
      case 8:
        return change_aggregates();
      case 9:
        return change_consumer();
      case 10:
      case 11:
        return "INSERT INTO allocations (" + times() +
               ", consumer_id, resource_provider_id, resource_class_id, used) SELECT " +
               time_values() + ", '" + consumer() + "', " + provider() + ", " + resource_class() +
               ", " + number(9);
      case 12:
        return "DELETE FROM allocations WHERE " + (chance(50)
                                                       ? "consumer_id = '" + consumer() + "'"
                                                       : "resource_provider_id = " + provider());
      default:
        return chance(70) ? change_owner() : purge();
    }
  }

 private:
  std::string number(std::uint64_t bound) { return std::to_string(1 + below(bound)); }
  std::string provider() { return number(7); }
  std::string resource_class() {
    static const std::vector<std::string> rows{"0", "1", "10000", "10001", "10002"};
    return rows[below(rows.size())];
  }
  std::string trait() { return chance(50) ? number(2) : std::to_string(400 + below(3)); }
  std::string times() { return "created_at, updated_at"; }
  std::string time_values() {
    const auto time = [&] {
      return chance(20) ? std::string("NULL")
                        : "'2026-11-2" + number(8) + " 0" + number(8) + ":00:00.000000'";
    };
    const auto created = time();
    return created + ", " + time();
  }
  // One UUID of a few, in one of three spellings.
  std::string uuid(std::uint64_t count, std::uint64_t odd_percent) {
    const std::string digit = number(count);
    if (!is_odd_ || !chance(odd_percent)) return "aaaaaaaa-0000-4000-8000-00000000000" + digit;
    return chance(50) ? "AAAAAAAA-0000-4000-8000-00000000000" + digit
                      : "aaaaaaaa00004000800000000000000" + digit;
  }
  std::string consumer() { return uuid(5, 15); }

  std::string insert_provider() {
    const auto parent = chance(50) ? "NULL" : provider();
    const auto name = chance(5) ? "NULL" : "'name" + number(9) + "'";
    return "INSERT OR IGNORE INTO resource_providers (" + times() +
           ", id, uuid, name, generation, root_provider_id, parent_provider_id) SELECT " +
           time_values() + ", " + provider() + ", '" + uuid(9, 8) + "', " + name + ", " +
           number(9) + ", NULL, " + parent;
  }
  std::string update_provider() {
    if (chance(20)) {
      // Two change their names with each other.
      const auto one = provider(), other = provider();
      return "UPDATE OR IGNORE resource_providers SET name = name || '!' WHERE id = " + one +
             "; UPDATE OR IGNORE resource_providers SET name = (SELECT rtrim(name, '!') FROM "
             "resource_providers WHERE id = " +
             one + ") WHERE id = " + other;
    }
    const std::string where = " WHERE id = " + provider();
    if (chance(30)) return "UPDATE resource_providers SET generation = " + number(99) + where;
    if (chance(30)) {
      return "UPDATE OR IGNORE resource_providers SET name = 'name" + number(9) + "'" + where;
    }
    return "UPDATE resource_providers SET parent_provider_id = " +
           (chance(25) ? "NULL" : provider()) + where;
  }
  std::string change_inventory() {
    const std::string where = " WHERE resource_provider_id = " + provider();
    switch (below(4)) {
      case 0:
        return "DELETE FROM inventories" + where;
      case 1:
        return "UPDATE inventories SET total = " + number(100) +
               ", allocation_ratio = " + number(3) + ".5" + where;
      case 2:
        return "DELETE FROM emplace_exact_ratios" + where;
      default:
        return "INSERT OR IGNORE INTO emplace_exact_ratios VALUES (" + provider() + ", " +
               resource_class() + ", '1.5', 1.25)";
    }
  }
  std::string change_name() {
    const bool classes = chance(50);
    const std::string table = classes ? "resource_classes" : "traits";
    const auto row = classes ? resource_class() : trait();
    if (row == "0" || row == "1") return "SELECT 1";
    switch (below(3)) {
      case 0:
        return "DELETE FROM " + table + " WHERE id = " + row;
      case 1:
        return "UPDATE OR IGNORE " + table + " SET name = 'CUSTOM_" + number(4) +
               "' WHERE id = " + row;
      default:
        return "INSERT OR IGNORE INTO " + table + " (" + times() + ", id, name) SELECT " +
               time_values() + ", " + row + ", 'CUSTOM_" + number(4) + "'";
    }
  }
  std::string change_links(const std::string& table, const std::string& column,
                           const std::string& row) {
    if (chance(30)) return "DELETE FROM " + table + " WHERE resource_provider_id = " + provider();
    return "INSERT OR IGNORE INTO " + table + " (" + times() + ", resource_provider_id, " + column +
           ") SELECT " + time_values() + ", " + provider() + ", " + row;
  }
  std::string change_aggregates() {
    if (chance(40)) {
      return "INSERT OR IGNORE INTO placement_aggregates (id, uuid) SELECT "
             "coalesce(max(id), 0) + 1, '" +
             uuid(6, 20) +
             "' FROM placement_aggregates; "
             // Only their use is written down; here nobody need come to use it.
             "INSERT INTO touched VALUES ('A', 12345)";
    }
    return change_links("resource_provider_aggregates", "aggregate_id",
                        "id FROM placement_aggregates WHERE id = " + number(6));
  }
  std::string change_consumer() {
    const std::string where = " WHERE uuid = '" + consumer() + "'";
    const auto project = number(4), user = number(4);
    switch (below(4)) {
      case 0:
        return "DELETE FROM consumers" + where;
      case 1:
        return "UPDATE consumers SET generation = " + number(9) +
               ", project_id = coalesce((SELECT id FROM projects WHERE id = " + project +
               "), project_id)" + where;
      default:
        return "INSERT OR IGNORE INTO projects (id, external_id) VALUES (" + project +
               ", 'project" + project +
               "'); INSERT OR IGNORE INTO users (id, external_id) VALUES (" + user + ", 'user" +
               user +
               "'); INSERT OR IGNORE INTO consumer_types (id, name) VALUES (1, 'INSTANCE'); "
               "INSERT OR IGNORE INTO consumers (" +
               times() + ", uuid, project_id, user_id, consumer_type_id, generation) SELECT " +
               time_values() + ", '" + consumer() + "', " + project + ", " + user + ", " +
               (chance(50) ? "1" : "NULL") + ", " + number(9);
    }
  }
  std::string change_owner() {
    if (chance(30)) {
      return "DELETE FROM emplace_provider_owners WHERE resource_provider_id = " + provider();
    }
    return "INSERT OR IGNORE INTO emplace_provider_owners SELECT uuid, id, 'p" + number(3) +
           "', 'u' FROM resource_providers WHERE id = " + provider();
  }
  std::string purge() {
    return "DELETE FROM projects WHERE id NOT IN (SELECT project_id FROM consumers); "
           "DELETE FROM users WHERE id NOT IN (SELECT user_id FROM consumers)";
  }

  Random random_;
  const bool is_odd_;
};

TEST(CatchingUpAtRandom, WithAnyRowsIsAsGoodAsLoading) {
  std::size_t rounds_anew = 0, rounds_in_place = 0;
  for (std::uint64_t seed = first_seed(); seed < first_seed() + 6; ++seed) {
    CatchingUp store;
    Statements statements(seed);
    for (int round = 0; round < 60; ++round) {
      std::string done;
      for (auto count = 1 + statements.below(6); count > 0; --count) {
        const auto sql = statements.next();
        store.execute(sql);
        done += sql + ";\n";
      }
      const auto reports = store.reports().size();
      store.catch_up(store.touched());
      const bool anew = store.reports().find("loaded anew", reports) != std::string::npos;
      ++(anew ? rounds_anew : rounds_in_place);
      store.expect_as_loaded();
      if (testing::Test::HasFailure()) {
        FAIL() << "seed " << seed << ", round " << round << "\n" << done;
      }
    }
  }
  EXPECT_GT(rounds_anew, 0u);
  EXPECT_GT(rounds_in_place, rounds_anew);
}

}  // namespace
}  // namespace emplace::store
