#include "changes/aggregates.h"

#include <algorithm>

#include "changes/generation.h"
#include "changes/providers.h"

namespace emplace::changes {

Result<ChangeSet> plan(const World& world, const ReplaceAggregates& command, Time now) {
  const auto provider = TRY(find_provider(world, command.provider));
  if (command.generation && *command.generation != provider->generation) {
    return fail(Reason::concurrent_update,
                "Resource provider's generation already changed. Please update the generation and "
                "try again.");
  }
  const auto& wanted = command.aggregates;
  ChangeAggregates change{command.provider, {}, {}};
  for (const auto& uuid : wanted) {
    const auto id = world.find_aggregate(uuid);
    if (!id || !provider->in_aggregate(*id)) change.added.push_back(uuid);
  }
  for (const auto id : provider->aggregates) {
    const auto& uuid = world.aggregate(id);
    if (std::find(wanted.begin(), wanted.end(), uuid) == wanted.end()) {
      change.removed.push_back(uuid);
    }
  }
  ChangeSet changes{now, {}};
  if (!change.added.empty() || !change.removed.empty()) changes.add(std::move(change));
  if (command.generation) changes.add(next_generation_of(*provider));
  return changes;
}

}  // namespace emplace::changes
