#include "store/outcome.h"

#include <string>

#include "store/changed_things.h"
#include "store/describe.h"

namespace emplace::store {
namespace {

// Compares thing by thing; those that are alike before and after tell nothing.
class Verdict {
 public:
  template <class Describe>
  void look(const Describe& describe, const World& before, const World& after, const World& found) {
    const auto was = describe(before), is_to_be = describe(after), is = describe(found);
    if (was == is_to_be) {
      strange_ = strange_ || is != was;
      return;
    }
    there_ = there_ || is == is_to_be;
    absent_ = absent_ || is == was;
    strange_ = strange_ || (is != is_to_be && is != was);
  }
  Outcome outcome() const {
    if (strange_ || (there_ && absent_)) return Outcome::unclear;
    // If nothing differs, it is all there.
    return absent_ ? Outcome::absent : Outcome::committed;
  }

 private:
  bool there_ = false, absent_ = false, strange_ = false;
};

}  // namespace

Outcome judge_outcome(const std::vector<const ChangeSet*>& changes, const World& before,
                      const World& after, const World& found) {
  const ChangedThings things = changed_things(changes, before);
  Verdict verdict;
  for (const auto& uuid : things.providers) {
    verdict.look([&](const World& world) { return describe_provider(world, uuid); }, before, after,
                 found);
  }
  for (const auto& uuid : things.consumers) {
    verdict.look([&](const World& world) { return describe_consumer(world, uuid); }, before, after,
                 found);
  }
  for (const auto& name : things.traits) {
    verdict.look([&](const World& world) { return world.find_trait(name).has_value(); }, before,
                 after, found);
  }
  for (const auto& name : things.classes) {
    verdict.look([&](const World& world) { return world.find_class(name).has_value(); }, before,
                 after, found);
  }
  return verdict.outcome();
}

}  // namespace emplace::store
