// GET /allocation_candidates: where a request would fit.
#include "api/candidates_answer.h"
#include "api/candidates_query.h"
#include "api/common.h"
#include "api/handlers.h"
#include "candidates/search.h"

namespace emplace::api {

Result<Outcome> list_candidates(const Call& call) {
  const auto parameters = TRY(call.query());
  const auto query = TRY(parse_candidates_query(call, parameters));
  candidates::Options options;
  options.breadth_first = call.settings.breadth_first;
  options.candidates_max = call.settings.candidates_max;
  options.work_max = call.settings.search_work_max;
  const std::function<bool(const Provider&)> visible = [&call](const Provider& provider) {
    const auto place = call.world.find_place(provider.uuid);
    return place && call.access.sees(call.world, *call.world.tree(place->tree), place->index);
  };
  if (!call.access.unlimited()) options.visible = &visible;
  if (call.settings.randomize_candidates) options.shuffle_seed = call.random;
  const auto found = TRY(candidates::find(call.world, query, options));
  // Any write may have changed it, so it is not older than the last one.
  return json_response(candidates_json(call, query, found), call.world.times().changed);
}

}  // namespace emplace::api
