// Work: how many steps a search has taken of those that it may take.
#pragma once

#include <cstdint>

namespace emplace::candidates {

struct Work {
  std::uint64_t max = 0;  // 0: no limit
  std::uint64_t done = 0;

  void add(std::uint64_t steps) { done += steps; }
  bool exhausted() const { return max != 0 && done > max; }
};

}  // namespace emplace::candidates
