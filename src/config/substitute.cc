#include "config/substitute.h"

#include <cstddef>

namespace emplace::config {
namespace {

bool starts_name(char c) {
  return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool continues_name(char c) {
  return starts_name(c) || c == '.' || (c >= '0' && c <= '9');
}

// How long the reference's name at the start of `text` is; 0 if none starts there.
std::size_t name_size(std::string_view text) {
  if (text.empty() || !starts_name(text.front())) return 0;
  std::size_t size = 1;
  while (size < text.size() && continues_name(text[size]))
    ++size;
  return size;
}

struct Reference {
  std::string_view name;
  std::size_t size;  // of the whole reference, with $ and braces; 0: there is none
};

// The reference that starts with the `$` at the front of `text`.
Reference reference_at(std::string_view text) {
  const bool braces = text.size() > 1 && text[1] == '{';
  const auto name_start = braces ? std::size_t{2} : std::size_t{1};
  const auto size = name_size(text.substr(name_start));
  const auto end = name_start + size;
  if (size == 0 || (braces && (end >= text.size() || text[end] != '}'))) return {{}, 0};
  return {text.substr(name_start, size), braces ? end + 1 : end};
}

}  // namespace

Result<std::string> substitute(std::string_view text, const Lookup& lookup) {
  std::string result;
  while (!text.empty()) {
    const auto next = text.find_first_of("$\\");
    result += text.substr(0, next);
    if (next == std::string_view::npos) break;
    text.remove_prefix(next);
    if (text.substr(0, 2) == "$$" || text.substr(0, 2) == "\\$") {
      result += '$';
      text.remove_prefix(2);
      continue;
    }
    const auto reference = text.front() == '$' ? reference_at(text) : Reference{{}, 0};
    if (reference.size == 0) {
      result += text.front();
      text.remove_prefix(1);
      continue;
    }
    const auto value = TRY(lookup(reference.name));
    result += value ? std::string_view(*value) : text.substr(0, reference.size);
    text.remove_prefix(reference.size);
  }
  return result;
}

}  // namespace emplace::config
