// CatchUp: one run of catch_up(). Private to it.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "model/world_builder.h"
#include "store/shared/catch_up.h"
#include "store/shared/reading.h"

namespace emplace::store {

class CatchUp {
 public:
  CatchUp(SqlConnection& connection, const World& world, Rows& rows, const LoadOptions& options,
          Time now)
      : world_(world),
        rows_(rows),
        options_(options),
        now_(now),
        reader_(connection, options, rows.last_aggregate) {}

  World run(const Touched& touched);

 private:
  void report(const std::string& sentence) const {
    if (options_.report) options_.report(sentence);
  }
  const Reading& read() const { return reader_.reading(); }
  // Made with the first change, as its making is one.
  WorldBuilder& change();
  // What has been made of the World so far; its trees may be older.
  const World& current() const { return builder_ ? builder_->names() : world_; }
  std::string spelling_of(const Uuid& consumer) const;

  Keys keys_of(const Touched& touched) const;
  Keys further_keys() const;
  void add_keys_after_providers(Keys& keys) const;
  void add_keys_after_names(Keys& keys) const;
  bool apply();
  bool is_still_there(RowId row, TraitId trait) const;
  void apply_classes();
  void update_last_class();
  void apply_traits();
  void apply_texts();
  void apply_aggregates();

  // Which providers there are, and what stands below what (catch_up_forest.cc).
  Uuid uuid_of(const ReadProvider& provider) const;
  bool is_lost(RowId provider) const;
  bool exists(RowId provider) const;
  RowId parent_in_database(RowId provider) const;
  bool are_contested() const;
  void find_parents();
  std::set<RowId> providers_to_place() const;
  RowId first_of_circle(RowId provider) const;
  void update_provider_rows();
  void create_providers();
  void create(RowId provider);
  void move_providers();
  void delete_providers();
  void update_roots(const World& after);

  // What a provider has (catch_up_providers.cc).
  void apply_contents();
  void apply_contents(RowId row, const Uuid& uuid);
  bool apply_inventories(RowId row, const Uuid& uuid, const Provider& was);
  bool apply_traits(RowId row, const Uuid& uuid, const Provider& was, Time& time);
  bool apply_aggregates(RowId row, const Uuid& uuid, const Provider& was, Time& time);
  bool apply_owner(RowId row, const Uuid& uuid, const Provider& was);

  // Consumers (catch_up_consumers.cc). False: only loading all anew helps.
  bool apply_consumers();
  bool apply_consumer(const std::string& spelling, const ReadConsumer& read);
  std::optional<Uuid> known_as(const std::string& spelling, const Uuid& plain) const;
  void remove_consumer(const Uuid& uuid);
  void put_consumer(const Uuid& uuid, const ReadConsumer& read);
  std::vector<Allocation> allocations_of(const ReadConsumer& read, Time& latest) const;

  const World& world_;
  Rows& rows_;
  const LoadOptions& options_;
  const Time now_;
  Reader reader_;
  std::optional<WorldBuilder> builder_;

  std::map<RowId, RowId> parents_;  // of providers whose place may be another: 0 for a root
  std::set<Uuid> gone_;             // providers of the World that no row has any more
  std::set<Uuid> placed_;           // those in whose trees row ids of roots may have changed
};

}  // namespace emplace::store
