// GET /: which versions of the API there are.
#include "api/common.h"
#include "api/handlers.h"
#include "json/writer.h"

namespace emplace::api {

Result<Outcome> show_root(const Call& call) {
  std::string body;
  json::Writer writer(body);
  writer.begin_object().key("versions").begin_array().begin_object();
  writer.key("id").value("v" + oldest.str());
  writer.key("max_version").value(newest.str());
  writer.key("min_version").value(oldest.str());
  writer.key("status").value("CURRENT");
  // An empty reference is this very URL, behind whatever proxy.
  writer.key("links").begin_array().begin_object();
  writer.key("rel").value("self").key("href").value("").end_object().end_array();
  writer.end_object().end_array().end_object();
  return json_response(std::move(body), call.settings.started);
}

}  // namespace emplace::api
