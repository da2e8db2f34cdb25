#include "api/guard.h"

#include <optional>
#include <utility>

namespace emplace::api {
namespace {

// What the caller would touch by this operation, as far as the path says.
Touched touched_by_path(const Operation& operation, const Call& call) {
  const bool is_provider = operation.object == Object::provider;
  if (!is_provider && operation.object != Object::consumer) return {};
  const auto uuid = Uuid::parse(call.path[0]);
  if (!uuid) return {};
  return is_provider ? Touched{{*uuid}, {}} : Touched{{}, {*uuid}};
}

// The World without what the caller may not touch; none if it may touch all of this.
std::optional<NarrowedWorld> narrowed(Object object, const Access& access, const World& world,
                                      const Touched& touched) {
  const bool is_claim = object == Object::consumer || object == Object::consumers;
  return is_claim ? access.narrowed_for_claims(world, touched)
                  : access.narrowed(world, touched.providers);
}

// The same write, by a caller who may not touch everything: what it may not touch is missing for
// the planner, which so refuses it in the words for what is not there.
Write guarded(Write write, Object object, const Access& access, Touched touched) {
  const auto add = [](std::vector<Uuid>& all, const std::vector<Uuid>& more) {
    all.insert(all.end(), more.begin(), more.end());
  };
  add(touched.providers, write.touched.providers);
  add(touched.consumers, write.touched.consumers);
  write.plan = [object, access, touched = std::move(touched), plan = std::move(write.plan)](
                   const World& tip, Time now) -> Result<ChangeSet> {
    const auto known = narrowed(object, access, tip, touched);
    if (!known) return plan(tip, now);
    auto changes = plan(known->world, now);
    if (!changes) return changes;
    return tl::unexpected(known->refusal);
  };
  return write;
}

}  // namespace

Result<Access> access_to(const Operation& operation, const Call& call) {
  if (operation.rule.empty()) return Access();
  switch (call.rules->verdict(operation.rule, call.identity)) {
    case policy::Verdict::always:
      return Access();
    case policy::Verdict::never:
      return forbidden(operation.rule);
    case policy::Verdict::depends:
      break;
  }
  if (operation.object != Object::none) return Access(call.rules, call.identity, operation.rule);
  if (call.rules->allows(operation.rule, call.identity, {})) return Access();
  return forbidden(operation.rule);
}

Result<Outcome> handle(const Operation& operation, const Call& call) {
  if (call.access.unlimited()) return operation.handler(call);
  auto touched = touched_by_path(operation, call);
  std::optional<NarrowedWorld> known;
  if (operation.object == Object::provider) {
    known = call.access.narrowed(call.world, touched.providers);
  }
  auto outcome = TRY(operation.handler(known ? call.on(known->world) : call));
  if (auto* write = std::get_if<Write>(&outcome)) {
    return guarded(std::move(*write), operation.object, call.access, std::move(touched));
  }
  return outcome;
}

}  // namespace emplace::api
