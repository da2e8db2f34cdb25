// Changes Rows, and knows the way back. One thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "store/rows.h"

namespace emplace::store {

// In the place of a trait or class that has no row: it came and went within one batch.
inline constexpr RowId no_row = -1;

class RowsEditor {
 public:
  // `rows` outlives it.
  explicit RowsEditor(Rows& rows) : rows_(rows) {}

  // Makes all changes since the last keep() undone, or past undoing.
  void undo();
  void keep() { undo_.clear(); }

  const Rows& rows() const { return rows_; }
  // Throws StoreError if there is none.
  const ProviderRow& provider(const Uuid& uuid) const;
  // Of a new one, or with a new root.
  void put_provider(const Uuid& uuid, ProviderRow row);
  void erase_provider(const Uuid& uuid);

  // Of the next ClassId or TraitId; no_row if it has none.
  void add_class(RowId row);
  void add_trait(RowId row);
  // Their ids keep their rows.
  void erase_class(ClassId id);
  void erase_trait(TraitId id);
  RowId class_row(ClassId id) const { return rows_.classes.at(static_cast<std::size_t>(id)); }
  RowId trait_row(TraitId id) const { return rows_.traits.at(static_cast<std::size_t>(id)); }

  // None: nobody knows it yet.
  const std::vector<RowId>& aggregate_rows(const Uuid& uuid) const;
  void add_aggregate(const Uuid& uuid, RowId row);
  void add_text(std::unordered_map<std::string, RowId> Rows::*table, const std::string& text,
                RowId row) {
    put(table, text, row);
  }
  void erase_consumer_spelling(const Uuid& uuid) { erase(&Rows::consumer_spellings, uuid); }
  void erase_rowless_consumer(const Uuid& uuid);
  void erase_cut_parents();
  void put_exact_ratio(std::pair<RowId, RowId> inventory);
  void erase_exact_ratio(std::pair<RowId, RowId> inventory);

 private:
  template <class Map>
  void put(Map Rows::*map, typename Map::key_type key, typename Map::mapped_type value) {
    remember(map, key);
    (rows_.*map)[std::move(key)] = std::move(value);
  }
  template <class Map>
  void erase(Map Rows::*map, const typename Map::key_type& key) {
    if (!(rows_.*map).contains(key)) return;
    remember(map, key);
    (rows_.*map).erase(key);
  }
  template <class Map>
  void remember(Map Rows::*map, const typename Map::key_type& key) {
    std::optional<typename Map::mapped_type> old;
    const auto found = (rows_.*map).find(key);
    if (found != (rows_.*map).end()) old = found->second;
    undo_.emplace_back([this, map, key, old] {
      if (old) {
        (rows_.*map)[key] = *old;
      } else {
        (rows_.*map).erase(key);
      }
    });
  }

  Rows& rows_;
  std::vector<std::function<void()>> undo_;
};

}  // namespace emplace::store
