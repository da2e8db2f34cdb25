// All routes and operations, as data: what a path offers, since when, under which rule.
#pragma once

#include <string_view>
#include <vector>

#include "api/call.h"

namespace emplace::api {

// What the rule of an operation is asked about, if it depends on the object.
enum class Object {
  none,       // there is no object with attributes: traits, resource classes
  provider,   // that of the path
  providers,  // a read leaves out those that the caller does not see; a write names them: Touched
  consumer,   // that of the path, and the providers of its claims
  consumers,  // as `providers`
};

struct Operation {
  std::string_view method;
  std::string_view rule;  // of the policy; empty: open to all, even without a token
  Handler handler;
  Feature since = Feature::always;          // before: 404 (405 if `method_came_later`)
  bool method_came_later = false;           // the path is older than this method
  bool takes_body = false;                  // JSON; Content-Type is checked (415)
  Feature bodiless_from = Feature::always;  // with takes_body: from then on the body is ignored
  bool checks_accept = false;               // 406 if application/json is not accepted
  bool checks_headers_first = false;  // 415 and 406 come before the microversion (…/aggregates)
  bool has_etag = false;  // a GET of one thing: its answers have an ETag, see conditions.h
  Object object = Object::none;
};

struct Route {
  std::string_view path;                                 // "/resource_providers/{}/inventories/{}"
  std::vector<Operation> operations;                     // in the order in which Allow names them
  const Operation* find(std::string_view method) const;  // nullptr: none
};

const std::vector<Route>& routes();

}  // namespace emplace::api
