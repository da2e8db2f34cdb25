// SearchSpace: what a search knows before it looks at a single tree: the slots to be filled, who
// may share into other trees, and which trees are worth a look. Read-only once made.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bitmap.h"
#include "candidates/assignments.h"
#include "candidates/plan.h"
#include "candidates/sharing.h"
#include "model/world.h"

namespace emplace::candidates {

// What one provider has to serve: all of a suffixed group, or one class of the unsuffixed group.
struct Slot {
  std::uint32_t group = 0;
  std::vector<Demand> demands;
  bool all_traits = false;                   // the provider must have what the group requires
  bool covers_traits = false;                // the providers of the group must have it together
  std::vector<AssignmentProblem::Use> uses;  // of SearchSpace::contested, and of own_provider
  std::vector<bool> from_outside;  // by sharing provider: may serve trees that are not its own
  bool any_from_outside = false;
};

class SearchSpace {
 public:
  // The world and the plan are to outlive this.
  SearchSpace(const World& world, const Plan& plan, Visible visible);

  const World& world() const { return world_; }
  const Plan& plan() const { return plan_; }
  const Sharing& sharing() const { return sharing_; }
  const std::vector<Slot>& slots() const { return slots_; }

  // Dimensions in which slots compete: the classes that several slots want, and after them, if
  // groups are to be isolated, the right to a provider of one's own.
  const std::vector<ClassId>& contested() const { return contested_; }
  bool isolates() const { return isolates_; }
  std::uint32_t dimensions() const {
    return static_cast<std::uint32_t>(contested_.size()) + isolates_;
  }

  // The trees that could be the anchor of a candidate; a superset of those that can.
  Bitmap anchors() const;
  // Whether a root may be the anchor, as far as it alone tells.
  bool may_anchor(const Provider& root) const;
  // Whether a provider of this tree may serve the slot for its own tree.
  bool serves_inside(const Slot& slot, std::uint32_t tree, const Provider& root,
                     const Provider& provider) const;

 private:
  void make_slots();
  void find_contested();
  void find_sharers();
  bool serves_outside(const Slot& slot, const Sharing::Member& member) const;
  bool fits(const Slot& slot, const Provider& provider) const;
  bool matches_alone(const GroupPlan& group, const Provider& provider) const;
  Bitmap trees_for(const Slot& slot) const;
  Bitmap trees_with_any(const std::vector<TraitId>& traits) const;

  const World& world_;
  const Plan& plan_;
  Visible visible_;
  Sharing sharing_;
  std::vector<Slot> slots_;
  std::vector<ClassId> contested_;
  bool isolates_ = false;
};

}  // namespace emplace::candidates
