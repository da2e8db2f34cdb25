// The writing of one batch: which statements say what differs, and in which order they go. What
// frees names and references goes first, then what makes rows whose ids others need, then the rest.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "store/shared/batch_difference.h"
#include "store/shared/batch_sql.h"
#include "store/shared/rows_editor.h"
#include "store/shared/touched.h"
#include "store/shared/write_batch.h"
#include "store/sql/connection.h"

namespace emplace::store {

class BatchWork {
 public:
  using Finish = std::function<std::vector<BatchWriter::Expected>(const Touched&)>;

  // All outlive it.
  BatchWork(SqlConnection& connection, RowsEditor& rows, const BatchDifference& difference);

  // As BatchWriter::write(). Once.
  Touched write(const Finish& finish);

 private:
  using InventoryRow = std::pair<RowId, RowId>;  // provider, class

  // What frees names and references: batch_frees.cc.
  void mend_cut_parents();
  void free_consumers();
  void free_belongings();
  void free_owners();
  void free_exact_ratios();
  void delete_providers();
  void delete_names();
  void give_up_names();
  void rename();
  // Rows whose ids others need: batch_ids.cc.
  void insert_for_ids();
  void ask_for_texts();
  void ask_for_aggregates();
  void ask_for_providers();
  void take_texts();
  void take_traits();
  void take_providers();
  // All else, of names, consumers and providers: batch_rest.cc.
  void insert_classes();
  void insert_consumers();
  void insert_allocations();
  void update_consumers();
  void insert_inventories();
  void update_inventories();
  void insert_traits_and_aggregates();
  void put_owners();
  void put_exact_ratios();
  void update_providers();

  // Sends all statements so far, and checks what they matched.
  std::vector<SqlResult> send();
  // False for a consumer that is there because of its allocations alone.
  bool has_row(const ConsumerDifference& consumer) const {
    return consumer.before && !rows_.rows().rowless_consumers.contains(consumer.uuid);
  }
  // A consumer's uuid as its row spells it.
  std::string consumer_text(const Uuid& uuid) const;
  RowId row_of(const Uuid& provider) const { return rows_.provider(provider).id; }

  SqlConnection& connection_;
  RowsEditor& rows_;
  const BatchDifference& difference_;
  const Engine engine_;
  const std::string now_;
  PlannedStatements statements_;
  Touched touched_;
  IdInsert projects_, users_, types_, aggregates_, traits_, providers_;
};

}  // namespace emplace::store
