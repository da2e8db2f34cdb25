// Access: which objects a caller may see and touch, by the operation's policy rule and the objects'
// own attributes. What a caller may not, does not exist for it. A copy is cheap; any thread, also
// long after the call, as plans are.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/world.h"
#include "policy/policy.h"

namespace emplace::api {

// What a write touches: all must be open to the caller, or the write is refused whole.
struct Touched {
  std::vector<Uuid> providers;
  std::vector<Uuid> consumers;  // each with the providers of what it has so far
};

// A World in which some of what a write touches does not exist, and the refusal of a write that
// would go through in it all the same.
struct NarrowedWorld {
  World world;
  Failure refusal;
};

class Access {
 public:
  // To everything.
  Access() = default;
  // To the objects for which the rule holds.
  Access(std::shared_ptr<const policy::RuleSet> rules, const Identity& identity,
         std::string_view rule);

  bool unlimited() const { return limits_ == nullptr; }

  // Requests about providers alone. Attributes of the target: resource_provider.uuid, .name,
  // .root_provider_uuid, .owner_project_id, .owner_user_id (those of its root; missing if nobody
  // is known to own it), .aggregates, .traits.
  bool sees(const World& world, const Tree& tree, std::size_t index) const;
  // Whether the caller may make a root, which counts as its own already.
  bool may_make_root() const;
  // The World in which those providers do not exist that the caller does not see; none if it sees
  // them all.
  std::optional<NarrowedWorld> narrowed(const World& world,
                                        const std::vector<Uuid>& providers) const;

  // Requests about consumers and the providers of their claims: the rule must hold for each of
  // them, as far as it is about objects of its kind (policy::RuleSet::allows_kind). Attributes of
  // a consumer: consumer.uuid, .project_id, .user_id, .type, and project_id and user_id for short.
  bool claims_from(const World& world, const Tree& tree, std::size_t index) const;
  // nullptr: a consumer that does not exist, which has no attributes.
  bool claims_for(const Consumer* consumer) const;
  // The World in which those do not exist for which it does not hold, of all that claims touch.
  // None if it holds for all.
  std::optional<NarrowedWorld> narrowed_for_claims(const World& world,
                                                   const Touched& touched) const;

  // GET /usages: the target's project_id and user_id are those that are asked about. Whether the
  // caller may know of all their consumers, of some perhaps, of this one.
  struct UsageTarget {
    std::optional<std::string_view> project_id, user_id;
  };
  bool sees_all_usage(const UsageTarget& asked) const;
  bool may_see_usage(const UsageTarget& asked) const;
  bool sees_usage(const UsageTarget& asked, const Consumer& consumer) const;

 private:
  struct Limits;
  std::shared_ptr<const Limits> limits_;  // nullptr: none
};

}  // namespace emplace::api
