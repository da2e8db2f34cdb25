// The head of an answer as bytes.
#pragma once

#include <ctime>
#include <string>
#include <string_view>

#include "http/message.h"

namespace emplace::http {

// What the head says about the connection's future. HTTP/1.1 keeps it without saying so.
enum class Persistence { keep_silently, keep, close };

// The Date line, made anew only when the second changes. Each thread has its own.
class DateLine {
 public:
  std::string_view at(std::time_t second);

 private:
  std::time_t second_ = -1;
  std::string line_;
};

// Replaces `head` by status line, headers and empty line.
void compose_head(std::string& head, const Response& response, std::string_view date_line,
                  Persistence persistence);

// The bytes that follow the head; none for 204, 304 and the answer to HEAD (RFC 9112, 6.3).
std::string_view body_to_send(const Response& response, bool to_head_request);

}  // namespace emplace::http
