// The headers that choose an answer: the microversion, what content the client accepts, and which
// answers it knows.
#include <string>
#include <vector>

#include "api/accept.h"
#include "api/conditions.h"
#include "api/errors.h"
#include "api/microversion.h"
#include "fuzz.h"

using namespace emplace;
using fuzz::require;

namespace {

void check_version(std::string_view text) {
  // A line feed in the input parts the values of a header that came more than once.
  std::vector<std::string_view> values;
  for (auto rest = text;;) {
    values.push_back(rest.substr(0, rest.find('\n')));
    if (values.back().size() == rest.size()) break;
    rest.remove_prefix(values.back().size() + 1);
  }
  const auto version = api::parse_microversion(values);
  if (!version) {
    fuzz::require_short(version.error());
    require(version.error().reason == Reason::bad_request ||
                version.error().reason == Reason::version_not_supported,
            "a wrong version is a bad request or one that there is not");
    return;
  }
  require(api::oldest <= *version && *version <= api::newest, "a version is one that there is");
  const std::string header = "placement " + version->str();
  const auto again = api::parse_microversion({header});
  require(again && *again == *version, "a version reads back");
}

void check_accept(std::string_view text) {
  for (const auto* type : {"application/json", "text/html", "text/plain"}) {
    const int quality = api::welcome(text, type);
    require(quality >= 0 && quality <= 1000, "a quality is between 0 and 1");
  }
  const auto response = api::error_response(
      {Reason::not_acceptable, "Only application/json is provided"},
      {.version = api::newest, .method = "GET", .accept = text, .request_id = "req-0"});
  require(response.status == 406, "the answer is the refusal");
  require(response.body.size() <= 4096, "an error page does not grow with what was sent");
  require(!response.content_type.empty(), "an error has a content type");
}

void check_tags(std::string_view text) {
  const auto list = api::parse_tag_list({text});
  if (!list) return;
  require(!list->any || list->tags.empty(), "a star stands alone");
  for (const auto& tag : list->tags) {
    require(tag.quoted.size() >= 2 && tag.quoted.front() == '"' && tag.quoted.back() == '"',
            "a tag has its quotes");
    require(tag.quoted.substr(1, tag.quoted.size() - 2).find('"') == std::string_view::npos,
            "a tag has no quote inside");
    require(api::has_tag(*list, tag.quoted, api::Comparison::weak), "a list has what it lists");
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  check_version(text);
  check_accept(text);
  check_tags(text);
  return 0;
}
