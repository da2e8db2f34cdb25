// Entity tags and preconditions (RFC 9110, 8.8.3 and 13): GETs of one thing have a strong ETag, ask
// with If-None-Match and get 304; writes with If-Match or If-None-Match happen only if the thing is
// still the one that the client knows. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/call.h"
#include "api/routes.h"

namespace emplace::api {

// One `"abc"` or `W/"abc"` of a client. The text, with its quotes, is the request's.
struct EntityTag {
  std::string_view quoted;
  bool weak = false;
  bool operator==(const EntityTag&) const = default;
};

// The value of If-Match or If-None-Match.
struct TagList {
  bool any = false;  // `*`
  std::vector<EntityTag> tags;
};

// RFC 9110, 8.8.3.2. A strong comparison never holds for a weak tag; ours are all strong.
enum class Comparison { strong, weak };

// The list that all lines of one header make (RFC 9110, 5.6.1: empty elements are left out);
// nothing if it is malformed.
std::optional<TagList> parse_tag_list(const std::vector<std::string_view>& values);
// Whether one of the tags is this one; `*` is for the caller to judge.
bool has_tag(const TagList& list, std::string_view quoted, Comparison comparison);

// The tag of a representation, in quotes: 128 bits of SHA-256 over media type and bytes. So the
// same bytes have one tag at any time and in any process, and different ones never share one, even
// if somebody wants them to.
std::string entity_tag(std::string_view content_type, std::string_view body);
// Gives a response the tag of its body.
void add_etag(Response& response);

// What becomes of an operation's outcome under the request's preconditions, in the order of RFC
// 9110, 13.2.2. Comes after all checks that can refuse the request without them.
//
// A GET with has_etag: gets its ETag; 304 by If-None-Match (if it is malformed, it is ignored);
// precondition_failed by If-Match. Other GETs have no preconditions.
//
// A write: its plan judges on the tip, so that of several writers with one tag one wins. Compared
// is what the path's GET would show this caller at this microversion; for paths without such a GET
// there is nothing that could match. If that GET has nothing to show and the write would fail with
// 404 or 400 without them, that is told (RFC 9110, 13.2.1); else precondition_failed, and nothing
// changes. bad_request if a header is malformed.
Result<Outcome> with_preconditions(const Route& route, const Operation& operation, const Call& call,
                                   Outcome outcome);

}  // namespace emplace::api
