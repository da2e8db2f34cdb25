// The guard between the policy and the handlers: what a caller may not reach is missing from the
// World that a handler or a plan looks at. Pure.
#pragma once

#include "api/access.h"
#include "api/call.h"
#include "api/routes.h"

namespace emplace::api {

// What the caller may reach by this operation, by the rules of the call; forbidden if that is
// nothing, whatever the object. Looks at no World.
Result<Access> access_to(const Operation& operation, const Call& call);

// The handler's outcome, within call.access. Handlers of lists and of consumers leave out by
// themselves what the caller may not see.
Result<Outcome> handle(const Operation& operation, const Call& call);

}  // namespace emplace::api
