// POST /allocations: the claims of several consumers, granted together or not at all.
#include "api/allocations_body.h"
#include "api/handlers.h"
#include "api/schemas.h"
#include "json/schema.h"

namespace emplace::api {
namespace {

const json::Schema& post_schema(const Call& call) {
  static const json::Schema of_1_13(schema_text("allocations_post_1_13"));
  static const json::Schema of_1_28(schema_text("allocations_post_1_28"));
  static const json::Schema of_1_34(schema_text("allocations_post_1_34"));
  static const json::Schema of_1_38(schema_text("allocations_post_1_38"));
  if (call.has(Feature::consumer_types)) return of_1_38;
  if (call.has(Feature::mappings)) return of_1_34;
  if (call.has(Feature::consumer_generation)) return of_1_28;
  return of_1_13;
}

}  // namespace

Result<Outcome> manage_allocations(const Call& call) {
  const auto body = TRY(call.body(post_schema(call)));
  changes::Claims claims;
  claims.consumers = TRY(decode_claims(call, body.as_object()));
  claims.unknown_class_prefix = "Unable to allocate inventory ";
  return write_of(std::move(claims));
}

}  // namespace emplace::api
