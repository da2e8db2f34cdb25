// The names that every Placement has from the start: those of os-resource-classes and os-traits.
#pragma once

#include <span>
#include <string_view>

namespace emplace::store {

// In the order of their row ids, which are 0, 1, …; nova and others count on none of them changing.
std::span<const std::string_view> standard_classes();
std::span<const std::string_view> standard_traits();

}  // namespace emplace::store
