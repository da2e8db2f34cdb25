// Failures as HTTP: one table gives each Reason its status and Placement's error code; the body is
// the API's JSON error object (or HTML or text, if that is what Accept prefers).
#pragma once

#include <optional>
#include <string_view>

#include "api/call.h"

namespace emplace::api {

unsigned status_of(Reason reason);
// "Not Found" for 404; some title for any status.
std::string_view title_of(unsigned status);

struct ErrorContext {
  std::optional<Microversion> version;            // none: the request did not get that far
  std::string_view method, accept, content_type;  // of the request; the headers may be empty
  std::string_view request_id;
};
Response error_response(const Failure& failure, const ErrorContext& context);

}  // namespace emplace::api
