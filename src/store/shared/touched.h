// Touched: which things a batch, or somebody else's statement, has changed, by the keys that their
// rows have in the database; and as text, as the change log keeps it.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "store/rows.h"

namespace emplace::store {

struct Touched {
  // By the row id of the provider: its own row; its inventories; traits; aggregates; owner.
  std::set<RowId> providers, inventories, traits_of, aggregates_of, owners;
  // By consumers.uuid as it is spelled there: the consumer and its allocations.
  std::set<std::string> consumers;
  // By row id: the names themselves.
  std::set<RowId> traits, classes;
  // Rows of projects, users, consumer types or aggregates were deleted that nothing referred to:
  // what is known of their ids is to be forgotten.
  bool purged = false;

  bool empty() const;
  void merge(const Touched& other);
  // Words with a space between: P12 I12 T12 A12 O12 C<uuid> t5 c10001 X, in this order of members.
  // It is what the triggers write too, word by word.
  std::string text() const;
  // Adds what a text of the log says. False if it says something that is not known: then nothing
  // but loading all anew will do.
  bool add(std::string_view text);
};

}  // namespace emplace::store
