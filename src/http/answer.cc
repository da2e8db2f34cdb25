#include "http/answer.h"

#include <charconv>

#include "base/time.h"

namespace emplace::http {
namespace {

std::string_view reason_phrase(unsigned status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 300:
      return "Multiple Choices";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "";  // may be empty (RFC 9112, 4)
  }
}

void append_number(std::string& text, std::size_t number) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  text.append(digits, end);
}

std::string_view whole_body(const Response& response) {
  return response.shared_body ? *response.shared_body : response.body;
}

}  // namespace

std::string_view DateLine::at(std::time_t second) {
  if (second != second_) {
    second_ = second;
    line_ = "Date: " + http_date(Time(std::chrono::seconds(second))) + "\r\n";
  }
  return line_;
}

void compose_head(std::string& head, const Response& response, std::string_view date_line,
                  Persistence persistence) {
  head.assign("HTTP/1.1 ");
  append_number(head, response.status);
  head.push_back(' ');
  head.append(reason_phrase(response.status)).append("\r\n").append(date_line);
  if (response.status != 304) {  // whose length would be that of an answer not given
    head.append("Content-Length: ");
    append_number(head, response.status == 204 ? 0 : whole_body(response).size());
    head.append("\r\n");
  }
  head.append(response.header_lines);
  if (persistence == Persistence::close) head.append("Connection: close\r\n");
  if (persistence == Persistence::keep) head.append("Connection: keep-alive\r\n");
  head.append("\r\n");
}

std::string_view body_to_send(const Response& response, bool to_head_request) {
  if (to_head_request || response.status == 204 || response.status == 304) return {};
  return whole_body(response);
}

}  // namespace emplace::http
