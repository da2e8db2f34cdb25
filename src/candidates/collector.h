// Collector: writes candidates down as parts and mappings, each once, up to a limit.
#pragma once

#include <cstdint>
#include <limits>
#include <unordered_set>
#include <vector>

#include "candidates/search.h"
#include "candidates/space.h"
#include "candidates/tree_search.h"
#include "candidates/work.h"

namespace emplace::candidates {

class Collector {
 public:
  static constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max();

  Collector(const SearchSpace& space, Work& work, std::uint64_t limit)
      : space_(space), work_(work), limit_(limit) {}

  bool full() const { return found_.candidates.size() >= limit_; }
  void reserve(std::size_t candidates);
  // The present candidate of a search.
  void add(const TreeSearch& search);
  // The candidate in which one provider serves all slots.
  void add_single(Place place);
  // What has been collected, with its summaries.
  Found finish() &&;

 private:
  using Key = std::vector<Place>;  // by slot
  struct KeyHash {
    std::size_t operator()(const Key& key) const;
  };

  void add_places(const Key& places);
  void add_part(std::uint32_t first, Place provider, const Demand& demand, bool contested);

  const SearchSpace& space_;
  Work& work_;
  std::uint64_t limit_;
  Found found_;
  Key places_;
  // Candidates of sharing providers alone: the only ones that several anchors can have.
  std::unordered_set<Key, KeyHash> shared_;
};

}  // namespace emplace::candidates
