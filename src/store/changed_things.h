// Which things ChangeSets are about, in words that all Worlds share: nothing else can differ
// between the World before them and the one after them.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "model/world.h"

namespace emplace::store {

struct ChangedThings {
  std::set<Uuid> providers, consumers;
  // All names that those of traits and classes had, got or lost.
  std::set<std::string> traits, classes;
  // Those that were given a name or a parent: what stands below them may have come along.
  std::set<Uuid> updated_providers;
  // Those whose allocations were written, whether they differ or not.
  std::set<Uuid> reallocated;
  // Ids that were given to traits and classes, those that are gone again included.
  std::size_t new_traits = 0, new_classes = 0;
};

// `changes` are all that led on from `before`, in order.
ChangedThings changed_things(const std::vector<const ChangeSet*>& changes, const World& before);

}  // namespace emplace::store
