// Time as the database and HTTP know it: whole seconds, UTC. Where it comes from is a Clock.
#pragma once

#include <chrono>
#include <string>

namespace emplace {

using Time = std::chrono::sys_seconds;

// RFC 9110, 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT", 29 characters whatever the locale.
std::string http_date(Time time);

// Where the present comes from; tests set it.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() const = 0;
};

class SystemClock final : public Clock {
 public:
  Time now() const override {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  }
};

}  // namespace emplace
