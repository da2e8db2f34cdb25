#include "store/shared/write_batch.h"

#include "store/shared/batch_work.h"

namespace emplace::store {

BatchWork::BatchWork(SqlConnection& connection, RowsEditor& rows, const BatchDifference& difference)
    : connection_(connection),
      rows_(rows),
      difference_(difference),
      engine_(connection.engine()),
      now_(time_text(engine_, difference.at)),
      projects_("projects", "created_at, external_id", "external_id", true),
      users_("users", "created_at, external_id", "external_id", true),
      types_("consumer_types", "created_at, name", "name", true),
      aggregates_("placement_aggregates", "created_at, uuid", "uuid", true),
      traits_("traits", "created_at, name", "name", false),
      providers_("resource_providers",
                 "created_at, uuid, name, generation, root_provider_id, parent_provider_id", "uuid",
                 false) {}

Touched BatchWork::write(const Finish& finish) {
  mend_cut_parents();
  free_consumers();
  free_belongings();
  free_owners();
  free_exact_ratios();
  delete_providers();
  delete_names();
  rename();
  insert_for_ids();
  insert_classes();
  insert_consumers();
  insert_allocations();
  insert_inventories();
  insert_traits_and_aggregates();
  put_owners();
  put_exact_ratios();
  update_consumers();
  update_inventories();
  update_providers();
  for (auto& each : finish(touched_)) {
    statements_.push_back({.statement = std::move(each.statement),
                           .rows = each.rows,
                           .what = "the clock, or the log of changes,"});
  }
  send();
  return std::move(touched_);
}

std::vector<SqlResult> BatchWork::send() {
  if (statements_.empty()) return {};
  std::vector<SqlStatement> texts;
  texts.reserve(statements_.size());
  for (auto& each : statements_)
    texts.push_back(std::move(each.statement));
  auto results = connection_.run(texts);
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!statements_[i].rows || results[i].rows == *statements_[i].rows) continue;
    throw StoreError("The database (" + connection_.description() +
                     ") was changed by somebody else: " + statements_[i].what +
                     " is not there, or not as it was.");
  }
  statements_.clear();
  return results;
}

std::string BatchWork::consumer_text(const Uuid& uuid) const {
  const auto& odd = rows_.rows().consumer_spellings;
  const auto found = odd.empty() ? odd.end() : odd.find(uuid);
  return found == odd.end() ? uuid.str() : found->second;
}

Touched BatchWriter::write(const std::vector<Step>& steps,
                           const std::function<std::vector<Expected>(const Touched&)>& finish) {
  const BatchDifference difference = difference_of(steps);
  return BatchWork(connection_, rows_, difference).write(finish);
}

}  // namespace emplace::store
