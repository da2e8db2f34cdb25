// Result<T>: a value, or the one reason out of a closed set why there is none.
#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace emplace {

// Why something that a client asked for cannot be had. One table in api/errors.cc gives each reason
// its HTTP status and its Placement error code.
enum class Reason {
  bad_request,             // malformed, or against a rule that has no code of its own
  duplicate_query_key,     // a query parameter that may come once came twice
  bad_query_value,         // a query parameter's value makes no sense
  missing_query_value,     // a query parameter that is needed is not there
  unknown_provider,        // a body names a provider that does not exist (400)
  unauthenticated,         // no identity
  forbidden,               // the policy says no
  not_found,               // something that the request names does not exist (404)
  no_such_resource,        // the path's URL, provider or class does not exist (404, without Vary)
  method_not_allowed,      // the path exists, the method does not
  not_acceptable,          // nothing that the Accept header allows
  unsupported_media_type,  // a body that is not application/json
  too_large,               // a body over the limit
  uri_too_long,            // a target over the limit
  version_not_supported,   // a microversion outside of 1.0 to 1.39
  conflict,                // the state of things forbids it (capacity, …)
  precondition_failed,     // If-Match or If-None-Match does not hold
  concurrent_update,       // a generation is not what the client thought
  duplicate_name,          // a provider of that name or uuid exists
  inventory_in_use,        // allocations stand against the inventory
  provider_in_use,         // allocations stand against the provider
  cannot_delete_parent,    // the provider has children
  overloaded,              // a limit on work in progress is reached; try again
  unavailable,             // the store is away; try again
  perhaps_done,            // the store failed while it stored, and may or may not have
  internal,                // a fault of our own
};

struct Failure {
  Reason reason;
  std::string detail;  // a sentence for the client
};

template <class T>
using Result = tl::expected<T, Failure>;

// The failed arm of any Result.
inline tl::unexpected<Failure> fail(Reason reason, std::string detail) {
  return tl::unexpected<Failure>(Failure{reason, std::move(detail)});
}

}  // namespace emplace

// The value of a Result, or return of its failure from the enclosing function.
// To be used only as a whole initialiser or statement: `const auto x = TRY(f());`.
#define TRY(expression)                                                      \
  __extension__({                                                            \
    auto&& try_result_ = (expression);                                       \
    if (!try_result_) return tl::unexpected(std::move(try_result_.error())); \
    std::move(*try_result_);                                                 \
  })

// The same for Result<void>.
#define CHECK_OK(expression)                                                     \
  do {                                                                           \
    auto&& check_result_ = (expression);                                         \
    if (!check_result_) return tl::unexpected(std::move(check_result_.error())); \
  } while (false)
