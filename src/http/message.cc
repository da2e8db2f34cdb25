#include "http/message.h"

#include "base/text.h"
#include "http/head.h"

namespace emplace::http {

std::string_view Request::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (equals_ignoring_case(key, name)) return value;
  }
  return {};
}

void Response::add_header(std::string_view name, std::string_view value) {
  append_header_line(header_lines, name, value);
}

}  // namespace emplace::http
