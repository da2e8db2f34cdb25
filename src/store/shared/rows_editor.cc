#include "store/shared/rows_editor.h"

#include <algorithm>

#include "store/store.h"

namespace emplace::store {

void RowsEditor::undo() {
  for (; !undo_.empty(); undo_.pop_back())
    undo_.back()();
}

const ProviderRow& RowsEditor::provider(const Uuid& uuid) const {
  const auto found = rows_.providers.find(uuid);
  if (found != rows_.providers.end()) return found->second;
  throw StoreError("The resource provider " + uuid.str() + " has no row.");
}

void RowsEditor::put_provider(const Uuid& uuid, ProviderRow row) {
  put(&Rows::providers, uuid, row);
  put(&Rows::provider_uuids, row.id, uuid);
  if (row.id <= rows_.last_provider) return;
  undo_.emplace_back([this, last = rows_.last_provider] { rows_.last_provider = last; });
  rows_.last_provider = row.id;
}

void RowsEditor::erase_provider(const Uuid& uuid) {
  erase(&Rows::provider_uuids, provider(uuid).id);
  erase(&Rows::providers, uuid);
}

void RowsEditor::add_class(RowId row) {
  undo_.emplace_back([this, last = rows_.last_class] {
    rows_.classes.pop_back();
    rows_.last_class = last;
  });
  const auto id = static_cast<ClassId>(rows_.classes.size());
  rows_.classes.push_back(row);
  if (row == no_row) return;
  rows_.last_class = std::max(rows_.last_class, row);
  put(&Rows::class_ids, row, id);
}

void RowsEditor::add_trait(RowId row) {
  undo_.emplace_back([this] { rows_.traits.pop_back(); });
  const auto id = static_cast<TraitId>(rows_.traits.size());
  rows_.traits.push_back(row);
  if (row != no_row) put(&Rows::trait_ids, row, id);
}

void RowsEditor::erase_class(ClassId id) {
  erase(&Rows::class_ids, class_row(id));
}

void RowsEditor::erase_trait(TraitId id) {
  erase(&Rows::trait_ids, trait_row(id));
}

const std::vector<RowId>& RowsEditor::aggregate_rows(const Uuid& uuid) const {
  static const std::vector<RowId> none;
  const auto found = rows_.aggregates.find(uuid);
  return found == rows_.aggregates.end() ? none : found->second;
}

void RowsEditor::add_aggregate(const Uuid& uuid, RowId row) {
  put(&Rows::aggregates, uuid, {row});
  put(&Rows::aggregate_uuids, row, uuid);
}

void RowsEditor::erase_rowless_consumer(const Uuid& uuid) {
  if (rows_.rowless_consumers.erase(uuid) == 0) return;
  undo_.emplace_back([this, uuid] { rows_.rowless_consumers.insert(uuid); });
}

void RowsEditor::erase_cut_parents() {
  undo_.emplace_back([this, old = rows_.cut_parents] { rows_.cut_parents = old; });
  rows_.cut_parents.clear();
}

void RowsEditor::put_exact_ratio(std::pair<RowId, RowId> inventory) {
  if (!rows_.exact_ratios.insert(inventory).second) return;
  undo_.emplace_back([this, inventory] { rows_.exact_ratios.erase(inventory); });
}

void RowsEditor::erase_exact_ratio(std::pair<RowId, RowId> inventory) {
  if (rows_.exact_ratios.erase(inventory) == 0) return;
  undo_.emplace_back([this, inventory] { rows_.exact_ratios.insert(inventory); });
}

}  // namespace emplace::store
