#include "telemetry/line.h"

#include <array>
#include <cstdint>
#include <ctime>
#include <iterator>

#include <fmt/format.h>
#include <pthread.h>
#include <unistd.h>

namespace emplace::telemetry {
namespace {

using Clock = std::chrono::system_clock;
const Clock::time_point process_start = Clock::now();

struct Character {
  std::uint32_t code = 0;
  std::size_t size = 0;  // 0: not UTF-8
};

// The character that `text` begins with. Requires: `text` is not empty.
Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return {};
  std::uint32_t code = lead & (0x7fu >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3f);
  }
  // Overlong spellings, halves of UTF-16 pairs and what lies beyond Unicode.
  constexpr std::array<std::uint32_t, 5> smallest = {0, 0, 0x80, 0x800, 0x10000};
  if (code < smallest[size] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return {};
  return {code, size};
}

// Control characters, among them the 8-bit ones that terminals obey, and Unicode's line breaks.
bool is_control(std::uint32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x2028 || code == 0x2029;
}

// How many bytes at the beginning of `text` stand for themselves in every format.
std::size_t plain_size(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && text[size] > ' ' && text[size] < 0x7f && text[size] != '"' &&
         text[size] != '\\') {
    ++size;
  }
  return size;
}

void append_json_or_null(std::string& out, std::string_view text) {
  if (text.empty()) {
    out += "null";
  } else {
    append_json_string(out, text);
  }
}

// "2026-01-31 13:59:58". What a thread worked out is good for a second.
std::string_view date_text(Clock::time_point time) {
  thread_local std::time_t cached_second = -1;
  thread_local std::array<char, 32> cached_text{};
  thread_local std::size_t cached_size = 0;
  const std::time_t second = Clock::to_time_t(std::chrono::floor<std::chrono::seconds>(time));
  if (second != cached_second) {
    std::tm local{};
    ::localtime_r(&second, &local);
    cached_size =
        std::strftime(cached_text.data(), cached_text.size(), "%Y-%m-%d %H:%M:%S", &local);
    cached_second = second;
  }
  return {cached_text.data(), cached_size};
}

long long milliseconds_of_second(Clock::time_point time) {
  const auto rest = time - std::chrono::floor<std::chrono::seconds>(time);
  return std::chrono::duration_cast<std::chrono::milliseconds>(rest).count();
}

int level_number(Level level) {
  return (static_cast<int>(level) + 1) * 10;
}

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "";
  return name.data();
}

std::string thread_name() {
  std::array<char, 32> name{};
  if (::pthread_getname_np(::pthread_self(), name.data(), name.size()) != 0) return "";
  return name.data();
}

bool has_context(const LogContext& context) {
  return !context.global_request_id.empty() || !context.request_id.empty() ||
         !context.user_id.empty() || !context.project_id.empty();
}

void append_field(std::string& out, std::string_view value) {
  if (value.empty()) {
    out += '-';
  } else {
    append_escaped(out, value, Spaces::escaped);
  }
}

void append_json_context(std::string& out, const LogContext& context) {
  out += "{\"user\":";
  append_json_or_null(out, context.user_id);
  out += ",\"project_id\":";
  append_json_or_null(out, context.project_id);
  out += ",\"project\":";
  append_json_or_null(out, context.project_id);
  out += ",\"request_id\":";
  append_json_or_null(out, context.request_id);
  out += ",\"global_request_id\":";
  append_json_or_null(out, context.global_request_id);
  std::string identity;
  append_field(identity, context.user_id);
  identity += ' ';
  append_field(identity, context.project_id);
  identity += " - - -";  // domain, user's domain, project's domain
  out += ",\"user_identity\":";
  append_json_string(out, identity);
  out += '}';
}

}  // namespace

std::string_view level_name(Level level) {
  constexpr std::array<std::string_view, 5> names = {"DEBUG", "INFO", "WARNING", "ERROR",
                                                     "CRITICAL"};
  return names[static_cast<std::size_t>(level)];
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    if (const std::size_t size = plain_size(text); size > 0) {
      out += text.substr(0, size);
      text.remove_prefix(size);
      continue;
    }
    const Character c = first_character(text);
    if (c.size == 0) {
      out += "\\ufffd";
    } else if (c.code == '"' || c.code == '\\') {
      out += '\\';
      out += text[0];
    } else if (is_control(c.code)) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", c.code);
    } else {
      out += text.substr(0, c.size);
    }
    text.remove_prefix(c.size == 0 ? 1 : c.size);
  }
  out += '"';
}

void append_escaped(std::string& out, std::string_view text, Spaces spaces) {
  while (!text.empty()) {
    if (const std::size_t size = plain_size(text); size > 0) {
      out += text.substr(0, size);
      text.remove_prefix(size);
      continue;
    }
    const Character c = first_character(text);
    if (c.size == 0) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(text[0]));
    } else if (c.code == '\n') {
      out += "\\n";
    } else if (c.code == '\r') {
      out += "\\r";
    } else if (c.code == '\t') {
      out += "\\t";
    } else if (c.code > 0xff && is_control(c.code)) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", c.code);
    } else if (is_control(c.code) || (c.code == ' ' && spaces == Spaces::escaped)) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", c.code);
    } else {
      out += text.substr(0, c.size);
    }
    text.remove_prefix(c.size == 0 ? 1 : c.size);
  }
}

std::string text_line(const Line& line) {
  std::string out;
  out.reserve(line.message.size() + 192);
  fmt::format_to(std::back_inserter(out), "{}.{:03} {} {} ", date_text(line.time),
                 milliseconds_of_second(line.time), ::getpid(), level_name(line.level));
  append_field(out, line.logger_name);
  if (!has_context(line.context)) {
    out += " [-] ";
  } else {
    out += " [";
    append_field(out, line.context.global_request_id);
    out += ' ';
    append_field(out, line.context.request_id);
    out += ' ';
    append_field(out, line.context.user_id);
    out += ' ';
    append_field(out, line.context.project_id);
    out += " - - - -] ";  // domain, system scope, user's domain, project's domain
  }
  append_escaped(out, line.message, Spaces::stay);
  return out;
}

std::string json_line(const Line& line) {
  static const std::string host = host_name();
  using Milliseconds = std::chrono::duration<double, std::milli>;
  std::string out;
  out.reserve(line.message.size() * 2 + 640);
  const auto to = std::back_inserter(out);
  out += "{\"message\":";
  append_json_string(out, line.message);
  fmt::format_to(to, ",\"asctime\":\"{}\",\"name\":", date_text(line.time));
  append_json_string(out, line.logger_name);
  out += ",\"msg\":";
  append_json_string(out, line.message);
  fmt::format_to(to, ",\"args\":[],\"levelname\":\"{}\",\"levelno\":{}", level_name(line.level),
                 level_number(line.level));
  // Where in the source a line comes from is not known here.
  out += ",\"pathname\":null,\"filename\":null,\"module\":null,\"lineno\":null,\"funcname\":null";
  fmt::format_to(to, ",\"created\":{:.6f},\"msecs\":{},\"relative_created\":{:.3f},\"thread\":{}",
                 std::chrono::duration<double>(line.time.time_since_epoch()).count(),
                 milliseconds_of_second(line.time), Milliseconds(line.time - process_start).count(),
                 ::gettid());
  out += ",\"thread_name\":";
  append_json_string(out, thread_name());
  fmt::format_to(
      to,
      ",\"process_name\":\"emplace\",\"process\":{},\"traceback\":null,\"hostname\":", ::getpid());
  append_json_or_null(out, host);
  out += ",\"error_summary\":\"\",\"context\":";
  if (has_context(line.context)) {
    append_json_context(out, line.context);
  } else {
    out += "{}";
  }
  out += ",\"extra\":{}}";
  return out;
}

}  // namespace emplace::telemetry
