// What differs between the Worlds before and after a batch, thing by thing, whatever happened on
// the way.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <vector>

#include "model/world.h"
#include "store/store.h"

namespace emplace::store {

// All pointers lead into the two Worlds; nullptr: there is none.
struct ProviderDifference {
  Uuid uuid;
  const Provider *before = nullptr, *after = nullptr;
  const Provider *root_before = nullptr, *root_after = nullptr;

  bool stays() const { return before && after; }
  // Requires: it stays.
  bool moves() const {
    return before->parent != after->parent || root_before->uuid != root_after->uuid;
  }
};

struct ConsumerDifference {
  Uuid uuid;
  ConsumerPtr before, after;
  bool reallocated = false;  // its allocations were written, whether they differ or not

  bool stays() const { return before && after; }
};

// Of a trait or a class; empty: it has none, so there is none.
template <class Id>
struct NameDifference {
  Id id{};
  std::string before, after;
};

// The ids of one sorted list that are not in another.
template <class Id>
std::vector<Id> only_in_first(const std::vector<Id>& first, const std::vector<Id>& other) {
  std::vector<Id> ids;
  std::set_difference(first.begin(), first.end(), other.begin(), other.end(),
                      std::back_inserter(ids));
  return ids;
}

struct BatchDifference {
  Time at{};
  const World *before = nullptr, *after = nullptr;
  // Those to come in the order of their places, and so behind their parents; then all others.
  std::vector<ProviderDifference> providers;
  std::vector<ConsumerDifference> consumers;
  // By id.
  std::vector<NameDifference<TraitId>> traits;
  std::vector<NameDifference<ClassId>> classes;
  // Ids that the batch gave, those that are gone again included.
  std::size_t new_traits = 0, new_classes = 0;
};

// Requires: steps, each from the World that the one before it left, all at one time. The Worlds are
// to outlive the result.
BatchDifference difference_of(const std::vector<Step>& steps);

}  // namespace emplace::store
