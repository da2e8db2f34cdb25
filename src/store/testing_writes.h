// For tests: random writes in batches of 1 to 10 into whatever database a SqlConnection leads to.
// After each batch, what is loaded must be the World that was to be written, and so must be the
// World of a neighbour who is told what was touched.
#pragma once

#include <cstdint>
#include <cstdio>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "store/load.h"
#include "store/shared/catch_up.h"
#include "store/shared/write_batch.h"
#include "store/testing.h"
#include "store/testing_plans.h"

namespace emplace::store {

// What a database holds, as somebody knows it.
struct KnownState {
  World world;
  Rows rows;
};

// All that a World says, ratios to the last digit included.
inline std::map<std::string, std::string> describe_exactly(const World& world) {
  auto all = describe_world(world);
  for (std::uint32_t i = 0; i < world.tree_limit(); ++i) {
    if (!world.tree(i)) continue;
    for (const auto& node : world.tree(i)->nodes) {
      for (const auto& inventory : node.provider->inventories) {
        char text[32];
        std::snprintf(text, sizeof text, "%.17g", inventory.values.allocation_ratio);
        all["ratio " + node.provider->uuid.str() + class_name(world, inventory.resource_class)] =
            text;
      }
    }
  }
  return all;
}

// Which rows the things of a World are, in words that do not depend on the ids of one load.
inline std::map<std::string, std::string> describe_rows(const World& world, const Rows& rows) {
  std::map<std::string, std::string> all;
  for (const auto& [uuid, row] : rows.providers)
    all["provider " + uuid.str()] = std::to_string(row.id) + " root " + std::to_string(row.root);
  for (const auto id : world.class_ids()) {
    all["class " + world.resource_class(id).name] =
        std::to_string(rows.classes.at(static_cast<std::size_t>(id)));
  }
  for (const auto id : world.trait_ids()) {
    all["trait " + world.trait(id).name] =
        std::to_string(rows.traits.at(static_cast<std::size_t>(id)));
  }
  for (const auto& [uuid, ids] : rows.aggregates) {
    for (const RowId id : ids)
      all["aggregate " + uuid.str()] += " " + std::to_string(id);
  }
  for (const auto& [text, id] : rows.projects)
    all["project " + text] = std::to_string(id);
  for (const auto& [text, id] : rows.users)
    all["user " + text] = std::to_string(id);
  for (const auto& [text, id] : rows.consumer_types)
    all["type " + text] = std::to_string(id);
  for (const auto& [uuid, text] : rows.consumer_spellings)
    all["consumer " + uuid.str()] = text;
  for (const auto& [id, uuid] : rows.provider_uuids)
    all["provider row " + std::to_string(id)] = uuid.str();
  for (const auto& [id, uuid] : rows.aggregate_uuids)
    all["aggregate row " + std::to_string(id)] = uuid.str();
  for (const auto& [row, id] : rows.trait_ids)
    all["trait row " + std::to_string(row)] = trait_name(world, id);
  for (const auto& [row, id] : rows.class_ids)
    all["class row " + std::to_string(row)] = class_name(world, id);
  for (const auto& [provider, resource_class] : rows.exact_ratios)
    all["ratio " + std::to_string(provider) + " " + std::to_string(resource_class)];
  return all;
}

// What differs between two states, found by looking at everything. Consumers are those that differ;
// a batch may also have touched others.
class TouchedByLooking {
 public:
  TouchedByLooking(const KnownState& before, const World& after, const Rows& rows_after)
      : before_(before.world), after_(after), rows_before_(before.rows), rows_after_(rows_after) {
    each_provider(before_, [&](const Uuid& uuid) { look_at_provider(uuid); });
    each_provider(after_, [&](const Uuid& uuid) { look_at_provider(uuid); });
    const auto names_before = names(before_, rows_before_),
               names_after = names(after_, rows_after_);
    touched.traits = differing(names_before.first, names_after.first);
    touched.classes = differing(names_before.second, names_after.second);
    for (const auto& each : consumers(before_))
      if (!consumers(after_).contains(each)) touched.consumers.insert(each.substr(0, 36));
    for (const auto& each : consumers(after_))
      if (!consumers(before_).contains(each)) touched.consumers.insert(each.substr(0, 36));
  }

  Touched touched;

 private:
  using Names = std::map<RowId, std::string>;

  template <class Look>
  static void each_provider(const World& world, Look look) {
    for (std::uint32_t i = 0; i < world.tree_limit(); ++i) {
      if (!world.tree(i)) continue;
      for (const auto& node : world.tree(i)->nodes)
        look(node.provider->uuid);
    }
  }
  static std::string time(Time at) { return " " + std::to_string(at.time_since_epoch().count()); }
  // SQLite gives the row id of what was deleted away again.
  template <class Id>
  static std::string number(Id id) {
    return " " + std::to_string(static_cast<std::uint32_t>(id));
  }
  static std::pair<Names, Names> names(const World& world, const Rows& rows) {
    std::pair<Names, Names> all;
    for (const auto id : world.trait_ids()) {
      all.first[rows.traits.at(static_cast<std::size_t>(id))] =
          world.trait(id).name + number(id) + time(world.trait(id).updated_at);
    }
    for (const auto id : world.class_ids()) {
      all.second[rows.classes.at(static_cast<std::size_t>(id))] =
          world.resource_class(id).name + number(id) + time(world.resource_class(id).updated_at);
    }
    return all;
  }
  static std::set<RowId> differing(const Names& before, const Names& after) {
    std::set<RowId> ids;
    for (const auto& [id, name] : before)
      if (!after.contains(id) || after.at(id) != name) ids.insert(id);
    for (const auto& [id, name] : after)
      if (!before.contains(id)) ids.insert(id);
    return ids;
  }
  static std::set<std::string> consumers(const World& world) {
    std::set<std::string> all;
    for (const auto& [key, text] : describe_world(world))
      if (key.starts_with("consumer ")) all.insert(key.substr(9) + text);
    return all;
  }

  void look_at_provider(const Uuid& uuid) {
    const auto one = before_.find_provider(uuid), other = after_.find_provider(uuid);
    const RowId id = (one ? rows_before_ : rows_after_).providers.at(uuid).id;
    const auto compare = [&](std::set<RowId>& ids, const auto& text_of) {
      const std::string was = one ? text_of(*one, before_, rows_before_) : "";
      const std::string is = other ? text_of(*other, after_, rows_after_) : "";
      if (was != is) ids.insert(id);
    };
    compare(touched.providers, [](const Located& at, const World&, const Rows&) {
      return "'" + at->name + "' " + std::to_string(at->generation) + " " +
             (at->parent ? at->parent->str() : "") + " " + at.root().uuid.str() +
             time(at->updated_at);
    });
    compare(touched.inventories, [](const Located& at, const World&, const Rows& rows) {
      std::set<std::string> all;
      for (const auto& each : at->inventories) {
        const auto& values = each.values;
        all.insert(std::to_string(rows.classes.at(static_cast<std::size_t>(each.resource_class))) +
                   " " + std::to_string(values.total) + " " + std::to_string(values.reserved) +
                   " " + std::to_string(values.allocation_ratio) + time(each.updated_at));
      }
      return joined(all);
    });
    compare(touched.traits_of, [](const Located& at, const World&, const Rows& rows) {
      std::set<std::string> all;
      for (const auto trait : at->traits)
        all.insert(std::to_string(rows.traits.at(static_cast<std::size_t>(trait))));
      return joined(all);
    });
    compare(touched.aggregates_of, [](const Located& at, const World& world, const Rows&) {
      std::set<std::string> all;
      for (const auto aggregate : at->aggregates)
        all.insert(world.aggregate(aggregate).str());
      return joined(all);
    });
    compare(touched.owners, [](const Located& at, const World&, const Rows&) {
      return at->owner ? *at->owner->project_id + "/" + *at->owner->user_id : "";
    });
  }
  static std::string joined(const std::set<std::string>& texts) {
    std::string all;
    for (const auto& text : texts)
      all += text + "; ";
    return all;
  }

  const World &before_, &after_;
  const Rows &rows_before_, &rows_after_;
};

class RandomBatches {
 public:
  // The connection outlives it. Requires: it can BEGIN, COMMIT and ROLLBACK, nobody else writes,
  // and the options are those of a shared store.
  RandomBatches(SqlConnection& connection, const LoadOptions& options, std::uint64_t seed)
      : connection_(connection),
        options_(options),
        plans_(seed),
        state_(load()),
        neighbour_(load()),
        writer_(connection_, state_.rows) {}

  // Writes so many batches. What went wrong first; empty: all is well.
  std::string check(int batches) {
    for (int i = 0; i < batches; ++i) {
      if (plans_.below(2)) now_ += std::chrono::seconds(1);
      const auto fault = check_one();
      if (!fault.empty()) return "batch " + std::to_string(i) + ": " + fault;
    }
    return {};
  }

 private:
  KnownState load() {
    auto loaded = load_world(connection_, options_);
    return {std::move(loaded.world), std::move(loaded.rows)};
  }

  std::string check_one() {
    std::deque<ChangeSet> changes;
    std::deque<World> worlds{state_.world};
    std::vector<Step> steps;
    for (std::uint64_t count = 1 + plans_.below(10); count > 0; --count) {
      changes.push_back(plans_.next(worlds.back(), now_));
      worlds.push_back(worlds.back().with(changes.back()));
      steps.push_back({&changes.back(), &worlds[worlds.size() - 2], &worlds.back()});
    }
    const Rows rows_before = state_.rows;
    // Now and then a batch is not stored, and written again.
    if (plans_.below(5) == 0) {
      try {
        write(steps, "ROLLBACK");
      } catch (const StoreError&) {
        connection_.run_one({"ROLLBACK"});
      }
      writer_.undo();
      if (!(state_.rows == rows_before)) return "undo() has left other Rows";
    }
    return write_and_compare(steps);
  }

  Touched write(const std::vector<Step>& steps, const std::string& end) {
    std::vector<std::string> told;
    connection_.run_one({"BEGIN"});
    auto touched = writer_.write(steps, [&](const Touched& so_far) {
      told.push_back(so_far.text());
      return std::vector<BatchWriter::Expected>{};
    });
    connection_.run_one({end});
    if (told != std::vector<std::string>{touched.text()}) {
      throw StoreError("what was touched was not told once, at the end");
    }
    return touched;
  }

  std::string write_and_compare(const std::vector<Step>& steps) {
    const KnownState before{*steps.front().before, state_.rows};
    const auto touched = write(steps, "COMMIT");
    writer_.keep();
    state_.world = *steps.back().after;
    const auto found = load();
    auto fault = compare(describe_exactly(state_.world), describe_exactly(found.world));
    if (!fault.empty()) return fault;
    fault =
        compare(describe_rows(state_.world, state_.rows), describe_rows(found.world, found.rows));
    if (!fault.empty()) return "Rows: " + fault;
    if (state_.rows.last_class < found.rows.last_class) return "last_class stays behind";
    Touched differs = TouchedByLooking(before, state_.world, state_.rows).touched;
    for (const auto& consumer : differs.consumers)
      if (!touched.consumers.contains(consumer)) return "untouched: " + consumer;
    differs.consumers = touched.consumers;
    if (differs.text() != touched.text()) {
      return "touched is " + touched.text() + ", should be " + differs.text();
    }
    return tell_neighbour(touched);
  }

  // Who may have missed a few batches.
  std::string tell_neighbour(const Touched& touched) {
    if (!missed_.add(touched.text())) return "nobody understands " + touched.text();
    if (plans_.below(3) == 0) return {};
    neighbour_.world =
        catch_up(connection_, neighbour_.world, neighbour_.rows, missed_, options_, now_);
    missed_ = {};
    auto fault = compare(describe_exactly(state_.world), describe_exactly(neighbour_.world));
    if (!fault.empty()) return "neighbour: " + fault;
    // It knows those texts alone that it has met.
    const auto without_texts = [](std::map<std::string, std::string> rows) {
      std::erase_if(rows, [](const auto& row) {
        return row.first.starts_with("project ") || row.first.starts_with("user ") ||
               row.first.starts_with("type ");
      });
      return rows;
    };
    fault = compare(without_texts(describe_rows(state_.world, state_.rows)),
                    without_texts(describe_rows(neighbour_.world, neighbour_.rows)));
    return fault.empty() ? "" : "the neighbour's Rows: " + fault;
  }

  static std::string compare(const std::map<std::string, std::string>& wanted,
                             const std::map<std::string, std::string>& found) {
    for (const auto& [key, text] : wanted) {
      const auto at = found.find(key);
      if (at == found.end()) return key + " is missing";
      if (at->second != text) return key + " is " + at->second + ", should be " + text;
    }
    for (const auto& [key, text] : found)
      if (!wanted.contains(key)) return key + " should not be there";
    return {};
  }

  SqlConnection& connection_;
  const LoadOptions options_;
  RandomPlans plans_;
  KnownState state_, neighbour_;
  Touched missed_;
  BatchWriter writer_;
  Time now_{std::chrono::seconds(1'700'000'000)};
};

}  // namespace emplace::store
