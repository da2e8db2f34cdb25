// What a World says of a provider or a consumer, as text that does not depend on the ids of one
// load: to compare Worlds that were loaded at different times. Times are left out.
#pragma once

#include <string>

#include "model/world.h"

namespace emplace::store {

// Empty if there is none.
std::string describe_provider(const World& world, const Uuid& uuid);
std::string describe_consumer(const World& world, const Uuid& uuid);

// The name of an id; empty for one that the World does not have.
std::string class_name(const World& world, ClassId id);
std::string trait_name(const World& world, TraitId id);

}  // namespace emplace::store
