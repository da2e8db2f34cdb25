// Writes ChangeSets into the tables, change by change, with statements that are prepared once.
#pragma once

#include <memory>
#include <string_view>

#include "model/world.h"
#include "store/rows.h"
#include "store/sqlite_database.h"
#include "store/sqlite_owners.h"
#include "store/time_text.h"

namespace emplace::store {

class SqliteCommitter {
 public:
  // Both outlive it. `rows` says what the database holds, and is kept up.
  SqliteCommitter(SqliteDatabase& database, Rows& rows);
  ~SqliteCommitter();

  // Requires: a transaction. Throws StoreError; `rows` is then of no use any more.
  void apply(const Step& step);

 private:
  struct Statements;

  void write(const CreateProvider& change);
  void write(const UpdateProvider& change);
  void write(const DeleteProvider& change);
  void write(const SetOwner& change);
  void write(const SetGeneration& change);
  void write(const PutInventory& change);
  void write(const DeleteInventory& change);
  void write(const ChangeTraits& change);
  void write(const ChangeAggregates& change);
  void write(const CreateTrait& change);
  void write(const DeleteTrait& change);
  void write(const CreateClass& change);
  void write(const RenameClass& change);
  void write(const DeleteClass& change);
  void write(const PutConsumer& change);
  void write(const DeleteConsumer& change);
  void write(const ReplaceAllocations& change);

  void move_tree(const Uuid& top, RowId root);
  const ProviderRow& row_of(const Uuid& provider) const;
  RowId class_row(ClassId id) const { return rows_.classes.at(static_cast<std::size_t>(id)); }
  RowId trait_row(TraitId id) const { return rows_.traits.at(static_cast<std::size_t>(id)); }
  RowId aggregate_row(const Uuid& uuid);
  RowId text_row(std::unordered_map<std::string, RowId>& known, SqliteStatement& insert,
                 const std::string& text);
  // Requires: the last statement was to change one row.
  void expect_one_row(std::string_view what) const;
  std::string_view now() const { return now_.view(); }

  SqliteDatabase& database_;
  Rows& rows_;
  std::unique_ptr<Statements> statements_;
  SqliteOwners owners_;
  const Step* step_ = nullptr;
  TimeText now_{Time{}};
};

}  // namespace emplace::store
