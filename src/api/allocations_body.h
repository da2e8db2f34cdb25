// The bodies that claim allocations, in all their generations, as commands for changes/claims.h.
// Shared by PUT and POST of /allocations and by POST /reshaper.
#pragma once

#include <string>
#include <vector>

#include "api/call.h"
#include "changes/claims.h"

namespace emplace::api {

// What one consumer is to have: {"allocations": …, "project_id": …, …}, as the microversion of the
// call has it. Requires: a schema has checked the body.
Result<changes::ConsumerClaim> decode_claim(const Call& call, const Uuid& consumer,
                                            const json::Object& body);

// The same for several, by their UUIDs. bad_request if a key is no UUID, or if two keys are
// spellings of one.
Result<std::vector<changes::ConsumerClaim>> decode_claims(const Call& call,
                                                          const json::Object& by_consumer);

// The consumers and the providers that claims name.
Touched touched_by(const changes::Claims& claims);

// A write that makes the claims, and answers 204.
Outcome write_of(changes::Claims claims);

// The UUID that a key of a body is; bad_request with `sentence` if it is none.
Result<Uuid> uuid_of_key(std::string_view key, const std::string& sentence);

}  // namespace emplace::api
