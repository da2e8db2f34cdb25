#include "store/outcome.h"

#include <set>
#include <string>

#include "store/describe.h"

namespace emplace::store {
namespace {

// What a ChangeSet touches, in words that all Worlds share.
struct Touched {
  std::set<Uuid> providers, consumers;
  std::set<std::string> traits, classes;
};

struct Collect {
  Touched& touched;
  const World& before;
  const World& after;

  void operator()(const CreateProvider& c) const { touched.providers.insert(c.uuid); }
  void operator()(const UpdateProvider& c) const { touched.providers.insert(c.uuid); }
  void operator()(const DeleteProvider& c) const { touched.providers.insert(c.uuid); }
  void operator()(const SetOwner& c) const { touched.providers.insert(c.provider); }
  void operator()(const SetGeneration& c) const { touched.providers.insert(c.provider); }
  void operator()(const PutInventory& c) const { touched.providers.insert(c.provider); }
  void operator()(const DeleteInventory& c) const { touched.providers.insert(c.provider); }
  void operator()(const ChangeTraits& c) const { touched.providers.insert(c.provider); }
  void operator()(const ChangeAggregates& c) const { touched.providers.insert(c.provider); }
  void operator()(const CreateTrait& c) const { touched.traits.insert(c.name); }
  void operator()(const DeleteTrait& c) const { add(touched.traits, trait_name(before, c.trait)); }
  void operator()(const CreateClass& c) const { touched.classes.insert(c.name); }
  void operator()(const RenameClass& c) const { touched.classes.insert(c.name); }
  void operator()(const DeleteClass& c) const {
    add(touched.classes, class_name(before, c.resource_class));
  }
  void operator()(const PutConsumer& c) const { touched.consumers.insert(c.uuid); }
  void operator()(const DeleteConsumer& c) const { touched.consumers.insert(c.uuid); }
  void operator()(const ReplaceAllocations& c) const { touched.consumers.insert(c.consumer); }

  static void add(std::set<std::string>& names, const std::string& name) {
    if (!name.empty()) names.insert(name);
  }
};

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
  Touched touched;
  for (const auto* set : changes) {
    for (const auto& change : set->changes)
      std::visit(Collect{touched, before, after}, change);
  }
  Verdict verdict;
  for (const auto& uuid : touched.providers) {
    verdict.look([&](const World& world) { return describe_provider(world, uuid); }, before, after,
                 found);
  }
  for (const auto& uuid : touched.consumers) {
    verdict.look([&](const World& world) { return describe_consumer(world, uuid); }, before, after,
                 found);
  }
  for (const auto& name : touched.traits) {
    verdict.look([&](const World& world) { return world.find_trait(name).has_value(); }, before,
                 after, found);
  }
  for (const auto& name : touched.classes) {
    verdict.look([&](const World& world) { return world.find_class(name).has_value(); }, before,
                 after, found);
  }
  return verdict.outcome();
}

}  // namespace emplace::store
