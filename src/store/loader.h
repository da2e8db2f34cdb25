// Loader: one run of load_world(). Private to it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/world_builder.h"
#include "store/load.h"
#include "store/read_rows.h"

namespace emplace::store {

class Loader {
 public:
  Loader(SqlSource& source, const LoadOptions& options) : source_(source), options_(options) {}

  Loaded load();

 private:
  struct Provider {
    ReadProvider row;
    Uuid uuid;
    Time traits_updated_at{}, aggregates_updated_at{}, allocations_updated_at{};
    std::vector<TraitId> traits;
    std::vector<Uuid> aggregates;
  };
  using Texts = std::unordered_map<RowId, SharedText>;

  void report(const std::string& sentence) const {
    if (options_.report) options_.report(sentence);
  }

  void load_names();
  void read_providers();
  void read_owners();
  void create_providers();
  std::size_t top_above(std::size_t index) const;
  void create_tree(std::size_t top);
  void load_inventories();
  void load_traits();
  void load_aggregates();
  void finish_providers();
  void fill_reverse_maps();
  void report_left_out() const;

  // In load_consumers.cc.
  void load_consumers();
  void read_consumers(const Texts& projects, const Texts& users, const Texts& types);
  void read_allocations();
  Texts load_texts(const std::string& table, const std::string& column,
                   std::unordered_map<std::string, RowId>& rows);
  Consumer* consumer_spelled(std::string_view spelling);
  Consumer* without_row(std::string_view spelling);
  void name_those_without_row();
  void keep_odd(const std::string& spelling, Consumer* consumer);

  // nullptr, and counted, for a row that does not exist.
  Provider* provider(RowId id) {
    const auto found = provider_index_.find(id);
    if (found != provider_index_.end()) return &providers_[found->second];
    ++without_provider_;
    return nullptr;
  }

  SqlSource& source_;
  const LoadOptions& options_;
  WorldBuilder builder_;
  Loaded loaded_;
  std::unordered_map<RowId, ClassId> classes_;
  std::unordered_map<RowId, TraitId> traits_;
  std::unordered_map<RowId, Uuid> aggregates_;
  std::vector<Provider> providers_;  // by row id
  std::unordered_map<RowId, std::size_t> provider_index_;
  std::unordered_map<RowId, std::vector<std::size_t>> children_;
  std::unordered_map<RowId, CreatedBy> owners_;  // by provider
  std::vector<bool> created_;
  std::vector<std::shared_ptr<Consumer>> consumers_;
  std::unordered_map<Uuid, Consumer*> consumers_by_uuid_;             // spelled as Uuid::str()
  std::unordered_map<std::string, Consumer*> consumers_by_spelling_;  // spelled otherwise
  std::map<std::string, Consumer*> rowless_;                          // by spelling
  SharedText no_project_, no_user_;                                   // of the incomplete owner
  std::size_t without_provider_ = 0, without_class_ = 0;
};

}  // namespace emplace::store
