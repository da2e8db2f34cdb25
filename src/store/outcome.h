// After a commit whose outcome is unknown: which of two Worlds the store has.
#pragma once

#include <vector>

#include "model/world.h"

namespace emplace::store {

enum class Outcome { committed, absent, unclear };

// Whether all of `changes`, which lead from `before` to `after`, are in `found`, or none. Worlds of
// different loads are compared by what they say: their ids of classes and traits differ.
Outcome judge_outcome(const std::vector<const ChangeSet*>& changes, const World& before,
                      const World& after, const World& found);

}  // namespace emplace::store
