// UUIDs: whatever is accepted has one spelling, and that spelling means the same UUID.
#include <cctype>
#include <string>

#include "base/uuid.h"
#include "fuzz.h"

using emplace::Uuid;
using emplace::fuzz::require;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = emplace::fuzz::text_of(data, size);
  const auto any = Uuid::parse(text);
  const auto dashed = Uuid::parse_dashed(text);
  if (dashed) require(any == dashed, "what parse_dashed takes, parse takes as the same UUID");
  if (!any) return 0;
  const auto canonical = any->str();
  require(canonical.size() == 36, "the canonical form has 36 characters");
  for (const char c : canonical) {
    require(!std::isupper(static_cast<unsigned char>(c)), "the canonical form is lower-case");
  }
  require(Uuid::parse(canonical) == any, "the canonical form reads back");
  require(Uuid::parse_dashed(canonical) == any, "the canonical form is dashed");
  require(Uuid::parse("{" + canonical + "}") == any, "braces change nothing");
  require(Uuid::parse("urn:uuid:" + canonical) == any, "the URN means the same");
  return 0;
}
