#include "http/message.h"

#include "http/head.h"

namespace emplace::http {

std::string_view Request::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (equals_ignoring_case(key, name)) return value;
  }
  return {};
}

void Response::add_header(std::string_view name, std::string_view value) {
  header_lines.append(name).append(": ");
  for (const char character : value) {
    const bool control = static_cast<unsigned char>(character) < 0x20 || character == 0x7f;
    header_lines.push_back(control ? ' ' : character);
  }
  header_lines.append("\r\n");
}

}  // namespace emplace::http
