#include "store/shared/reading.h"

#include <algorithm>
#include <utility>

namespace emplace::store {
namespace {

constexpr std::size_t keys_max = 500;       // in one statement
constexpr std::size_t statements_max = 64;  // in one round trip

ReadText text_at(const SqlRows& row, int id) {
  ReadText read;
  read.id = row.integer(id);
  if (!row.is_null(id + 1)) read.text = row.text(id + 1);
  return read;
}

// Calls visit(member of one, same member of other) for each set of keys.
template <class One, class Visit>
void for_each_set(One& one, const Keys& other, Visit visit) {
  visit(one.providers, other.providers);
  visit(one.inventories, other.inventories);
  visit(one.traits_of, other.traits_of);
  visit(one.aggregates_of, other.aggregates_of);
  visit(one.owners, other.owners);
  visit(one.users_of, other.users_of);
  visit(one.traits, other.traits);
  visit(one.classes, other.classes);
  visit(one.holders_of, other.holders_of);
  visit(one.users_of_class, other.users_of_class);
  visit(one.consumers, other.consumers);
}

}  // namespace

void Keys::add_contents(RowId provider) {
  for (auto* set : {&inventories, &traits_of, &aggregates_of, &owners, &users_of})
    set->insert(provider);
}

void Keys::merge(const Keys& other) {
  for_each_set(*this, other,
               [](auto& mine, const auto& theirs) { mine.insert(theirs.begin(), theirs.end()); });
  texts |= other.texts;
}

void Keys::remove(const Keys& other) {
  for_each_set(*this, other, [](auto& mine, const auto& theirs) {
    std::erase_if(mine, [&](const auto& key) { return theirs.contains(key); });
  });
  if (other.texts) texts = false;
}

bool Keys::empty() const {
  bool nothing = !texts;
  for_each_set(*this, *this, [&](const auto& mine, const auto&) { nothing &= mine.empty(); });
  return nothing;
}

// A statement, or several, for the rows whose `column` is one of the keys.
template <class Key>
void Reader::ask(const std::set<Key>& keys, const std::string& select, const std::string& column,
                 const Take& take, const std::string& order) {
  for (auto key = keys.begin(); key != keys.end();) {
    Query query{.statement = {.text = select + " WHERE " + column + " IN ("}, .take = take};
    auto& [text, values] = query.statement;
    for (; key != keys.end() && values.size() < keys_max; ++key) {
      text += values.empty() ? "?" : ",?";
      values.emplace_back(*key);
    }
    text += ")" + order;
    queries_.push_back(std::move(query));
  }
}

void Reader::run() {
  for (std::size_t begin = 0; begin < queries_.size(); begin += statements_max) {
    const std::size_t end = std::min(begin + statements_max, queries_.size());
    std::vector<SqlStatement> statements;
    for (std::size_t i = begin; i < end; ++i)
      statements.push_back(std::move(queries_[i].statement));
    auto results = connection_.run(statements);
    for (std::size_t i = begin; i < end; ++i) {
      auto& rows = *results.at(i - begin).data;
      while (rows.next())
        queries_[i].take(rows);
    }
  }
  queries_.clear();
}

void Reader::read(const Keys& keys) {
  reading_.asked.merge(keys);
  ask_for_names(keys);
  ask_for_providers(keys);
  ask_for_links(keys);
  ask_for_consumers(keys);
  ask_for_users(keys);
  if (keys.texts) ask_for_texts();
  run();
}

void Reader::ask_for_names(const Keys& keys) {
  const auto take_into = [](std::map<RowId, ReadName>& names) {
    return [&names](const SqlRows& row) {
      names[row.integer(0)] = ReadName{std::string(row.text(1)), time_of(row, 2)};
    };
  };
  ask(keys.classes, "SELECT id, name, updated_at, created_at FROM resource_classes", "id",
      take_into(reading_.classes));
  ask(keys.traits, "SELECT id, name, updated_at, created_at FROM traits", "id",
      take_into(reading_.traits));
}

void Reader::ask_for_providers(const Keys& keys) {
  ask(keys.providers, select_providers, "id", [this](const SqlRows& row) {
    auto read = read_provider(row);
    const RowId id = read.id;
    reading_.providers[id] = std::move(read);
  });
  if (options_.has_owners) {
    ask(keys.owners, select_owners, "provider.id", [this](const SqlRows& row) {
      reading_.owners[row.integer(0)] = {std::string(row.text(1)), std::string(row.text(2))};
    });
  }
  // The ratios come first, as reading an inventory needs them.
  if (options_.has_exact_ratios) {
    ask(keys.inventories, select_exact_ratios, "resource_provider_id",
        [this](const SqlRows& row) { read_exact_ratio(row, reading_.ratios); });
  }
  ask(keys.inventories, select_inventories, "resource_provider_id", [this](const SqlRows& row) {
    reading_.inventories[row.integer(0)].push_back(
        {row.integer(1), read_inventory(row, reading_.ratios), time_of(row, 8)});
  });
}

void Reader::ask_for_links(const Keys& keys) {
  const auto add = [](std::vector<ReadLink>& links, const SqlRows& row) {
    links.push_back({row.integer(1), time_of(row, 2)});
  };
  ask(keys.traits_of,
      "SELECT resource_provider_id, trait_id, updated_at, created_at FROM "
      "resource_provider_traits",
      "resource_provider_id",
      [this, add](const SqlRows& row) { add(reading_.traits_of[row.integer(0)], row); });
  if (keys.aggregates_of.empty()) return;
  const Take take_aggregate = [this](const SqlRows& row) {
    reading_.aggregates[row.integer(0)] = row.text(1);
  };
  // Also those that nobody is in by now: a name that stands there can't be inserted again.
  queries_.push_back(
      {{"SELECT id, uuid FROM placement_aggregates WHERE uuid IS NOT NULL AND id > ?",
        {last_aggregate_}},
       take_aggregate});
  ask(keys.aggregates_of,
      "SELECT link.resource_provider_id, link.aggregate_id, link.updated_at, link.created_at, "
      "aggregate.uuid FROM resource_provider_aggregates AS link "
      "JOIN placement_aggregates AS aggregate ON aggregate.id = link.aggregate_id",
      "link.resource_provider_id", [this, add](const SqlRows& row) {
        if (row.is_null(4)) return;
        add(reading_.aggregates_of[row.integer(0)], row);
        reading_.aggregates[row.integer(1)] = row.text(4);
      });
}

void Reader::ask_for_consumers(const Keys& keys) {
  ask(keys.consumers,
      "SELECT consumer.uuid, consumer.generation, consumer.updated_at, consumer.created_at, "
      "project.id, project.external_id, owner.id, owner.external_id, type.id, type.name "
      "FROM consumers AS consumer LEFT JOIN projects AS project "
      "ON project.id = consumer.project_id LEFT JOIN users AS owner "
      "ON owner.id = consumer.user_id LEFT JOIN consumer_types AS type "
      "ON type.id = consumer.consumer_type_id",
      "consumer.uuid", [this](const SqlRows& row) { take_consumer(row); });
  ask(
      keys.consumers,
      "SELECT consumer_id, resource_provider_id, resource_class_id, used, updated_at, created_at "
      "FROM allocations",
      "consumer_id", [this](const SqlRows& row) { take_allocation(row); }, " ORDER BY id");
}

void Reader::take_consumer(const SqlRows& row) {
  // A database that does not tell upper from lower case also shows rows that were not asked for.
  const std::string spelling(row.text(0));
  if (!reading_.asked.consumers.contains(spelling)) return;
  auto& consumer = reading_.consumers[spelling];
  consumer.has_row = true;
  consumer.generation = row.integer(1);
  consumer.updated_at = time_of(row, 2);
  consumer.project = text_at(row, 4);
  consumer.user = text_at(row, 6);
  consumer.type = text_at(row, 8);
}

void Reader::take_allocation(const SqlRows& row) {
  const std::string spelling(row.text(0));
  if (!reading_.asked.consumers.contains(spelling)) return;
  reading_.consumers[spelling].allocations.push_back(
      {row.integer(1), row.integer(2), row.integer(3), time_of(row, 4)});
}

void Reader::ask_for_users(const Keys& keys) {
  const Take take_consumers = [this](const SqlRows& row) {
    reading_.consumers_with_allocations.emplace(row.text(0));
  };
  ask(keys.users_of, "SELECT DISTINCT consumer_id FROM allocations", "resource_provider_id",
      take_consumers);
  ask(keys.users_of_class, "SELECT DISTINCT consumer_id FROM allocations", "resource_class_id",
      take_consumers);
  ask(keys.users_of_class, "SELECT DISTINCT resource_provider_id FROM inventories",
      "resource_class_id",
      [this](const SqlRows& row) { reading_.providers_with_inventories.insert(row.integer(0)); });
  ask(keys.holders_of, "SELECT DISTINCT resource_provider_id FROM resource_provider_traits",
      "trait_id",
      [this](const SqlRows& row) { reading_.providers_with_traits.insert(row.integer(0)); });
}

void Reader::ask_for_texts() {
  const auto take_into = [](std::vector<ReadText>& texts) {
    return [&texts](const SqlRows& row) { texts.push_back(text_at(row, 0)); };
  };
  queries_.push_back({{"SELECT id, external_id FROM projects"}, take_into(reading_.projects)});
  queries_.push_back({{"SELECT id, external_id FROM users"}, take_into(reading_.users)});
  queries_.push_back({{"SELECT id, name FROM consumer_types"}, take_into(reading_.consumer_types)});
  queries_.push_back(
      {{"SELECT id, uuid FROM placement_aggregates WHERE uuid IS NOT NULL"},
       [this](const SqlRows& row) { reading_.aggregates[row.integer(0)] = row.text(1); }});
}

}  // namespace emplace::store
