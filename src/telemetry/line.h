// One line of the log as bytes: oslo.log's text format or its JSON. Pure; any thread.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "telemetry/log.h"

namespace emplace::telemetry {

struct Line {
  Level level;
  std::chrono::system_clock::time_point time;
  std::string_view logger_name;
  std::string_view message;
  LogContext context;
};

std::string_view level_name(Level level);

// Without the line break. Times are local, as oslo.log's are.
std::string text_line(const Line& line);
std::string json_line(const Line& line);

// Appends `text` as a JSON string, quotes included. What is not UTF-8 becomes U+FFFD; control
// characters, also C1's, and Unicode's line breaks are escaped.
void append_json_string(std::string& out, std::string_view text);

// Appends `text` with everything escaped that could end a line, drive a terminal or that is not
// UTF-8. `spaces`: escapes these too, so that a value cannot look like the field after it.
enum class Spaces { stay, escaped };
void append_escaped(std::string& out, std::string_view text, Spaces spaces);

}  // namespace emplace::telemetry
