// Reading anew: which rows catching up asks a database for, and what it says of them. Private to
// catching up. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "store/load.h"
#include "store/read_rows.h"
#include "store/sql/connection.h"

namespace emplace::store {

// What is asked for.
struct Keys {
  // By the row id of the provider.
  std::set<RowId> providers, inventories, traits_of, aggregates_of, owners;
  // By the row id of the provider: which consumers have allocations there.
  std::set<RowId> users_of;
  // By row id: the names themselves; which providers have the trait; who has inventories or
  // allocations of the class.
  std::set<RowId> traits, classes, holders_of, users_of_class;
  // By consumers.uuid as it is spelled there: the consumer and its allocations.
  std::set<std::string> consumers;
  // All projects, users, consumer types and aggregates.
  bool texts = false;

  // All that a provider has, and who uses it.
  void add_contents(RowId provider);
  void merge(const Keys& other);
  void remove(const Keys& other);
  bool empty() const;
};

struct ReadName {
  std::string name;
  Time updated_at{};
};
struct ReadInventory {
  RowId resource_class = 0;
  InventoryValues values;
  Time updated_at{};
};
struct ReadLink {  // a trait or an aggregate of a provider
  RowId row = 0;
  Time updated_at{};
};
struct ReadText {  // nothing if there is no such row
  RowId id = 0;
  std::optional<std::string> text;
};
struct ReadAllocation {
  RowId provider = 0, resource_class = 0;
  std::int64_t used = 0;
  Time updated_at{};
};
struct ReadConsumer {
  bool has_row = false;
  ReadText project, user, type;
  std::int64_t generation = 0;
  Time updated_at{};                        // of its own row
  std::vector<ReadAllocation> allocations;  // by row id
};

// What the database says. What was asked for and is not in it is not there.
struct Reading {
  Keys asked;
  std::map<RowId, ReadProvider> providers;
  std::map<RowId, std::vector<ReadInventory>> inventories;  // these and the next by provider
  std::map<RowId, std::vector<ReadLink>> traits_of, aggregates_of;
  std::map<RowId, CreatedBy> owners;
  ExactRatios ratios;
  std::map<RowId, ReadName> traits, classes;
  std::map<std::string, ReadConsumer> consumers;  // by spelling
  std::map<RowId, std::string> aggregates;        // their spellings; those that are new, or all
  std::vector<ReadText> projects, users, consumer_types;  // only with Keys::texts
  // Whom the questions about users and holders have found.
  std::set<RowId> providers_with_traits, providers_with_inventories;
  std::set<std::string> consumers_with_allocations;
};

class Reader {
 public:
  // All outlive it. Aggregates with a row id up to `last_aggregate` are known.
  Reader(SqlConnection& connection, const LoadOptions& options, RowId last_aggregate)
      : connection_(connection), options_(options), last_aggregate_(last_aggregate) {}

  // Adds what the database says of these keys. Throws SqlError.
  void read(const Keys& keys);
  const Reading& reading() const { return reading_; }

 private:
  using Take = std::function<void(const SqlRows&)>;
  struct Query {
    SqlStatement statement;
    Take take;  // called for each row
  };

  void ask_for_names(const Keys& keys);
  void ask_for_providers(const Keys& keys);
  void ask_for_links(const Keys& keys);
  void ask_for_consumers(const Keys& keys);
  void ask_for_users(const Keys& keys);
  void ask_for_texts();
  void take_consumer(const SqlRows& row);
  void take_allocation(const SqlRows& row);
  template <class Key>
  void ask(const std::set<Key>& keys, const std::string& select, const std::string& column,
           const Take& take, const std::string& order = {});
  void run();

  SqlConnection& connection_;
  const LoadOptions& options_;
  const RowId last_aggregate_;
  Reading reading_;
  std::vector<Query> queries_;
};

}  // namespace emplace::store
