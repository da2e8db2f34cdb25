// TreeSearch: finds the candidates of one anchor, one at a time. To be used for one anchor after
// another; it keeps its memory.
#pragma once

#include <cstdint>
#include <vector>

#include "base/random.h"
#include "candidates/assignments.h"
#include "candidates/partition.h"
#include "candidates/space.h"
#include "candidates/work.h"

namespace emplace::candidates {

class TreeSearch {
 public:
  // `chance`: draws the order of choices; nullptr: as the providers stand in the tree.
  TreeSearch(const SearchSpace& space, Work& work, Random* chance)
      : space_(space), work_(work), chance_(chance), partition_(work), assignments_(work) {}
  TreeSearch(const TreeSearch&) = delete;
  TreeSearch& operator=(const TreeSearch&) = delete;

  // Turns to the candidates of this tree. False: it has none. Requires: there is such a tree.
  bool open(std::uint32_t number);
  // Moves on to the next candidate. False: there is none, or the work is exhausted.
  bool next();

  // The provider of a slot in the present candidate.
  Place place_of(std::size_t slot) const { return providers_[assignments_[slot]].place; }
  // Whether no provider of the present candidate binds it to this anchor.
  bool is_shared() const;

 private:
  struct Local {  // a provider that may be used, by a number of our own
    Place place;
    const Provider* provider;
  };

  bool find_choices(const Tree& tree, std::uint32_t number);
  void add_outsiders(std::uint32_t number);
  void find_room();
  void find_needed_traits();
  std::vector<Rule> make_rules() const;
  std::vector<std::int32_t> parents() const;
  bool start_next_part();
  bool has_late_traits() const;

  const SearchSpace& space_;
  Work& work_;
  Random* chance_;

  std::vector<Local> providers_;  // the nodes of the tree in their order, then sharing providers
  AssignmentProblem problem_;
  // Required traits of the unsuffixed group that problem_.needed has no bit for.
  std::vector<const std::vector<TraitId>*> late_traits_;
  bool partitioned_ = false;
  Partition partition_;
  Assignments assignments_;
};

}  // namespace emplace::candidates
