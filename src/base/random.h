// Chance, injected: production seeds from the operating system, tests from a number that they
// print.
#pragma once

#include <cstdint>
#include <random>

#include "base/uuid.h"

namespace emplace {

// Not for secrets. Not thread-safe: each thread has its own.
class Random {
 public:
  Random() : Random(std::random_device{}() * 0x100000000ull + std::random_device{}()) {}
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  std::uint64_t next() { return engine_(); }
  // 0 ≤ result < bound. Requires: bound > 0.
  std::uint64_t below(std::uint64_t bound) {
    return std::uniform_int_distribution<std::uint64_t>(0, bound - 1)(engine_);
  }
  // RFC 9562, version 4.
  Uuid uuid();

 private:
  std::mt19937_64 engine_;
};

}  // namespace emplace
