// What the fuzzers share: the entry point that libFuzzer calls, and checks that stay in any build.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "base/result.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace emplace::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Ends the program, so that libFuzzer keeps the input, unless the rule holds.
inline void require(bool holds, const char* rule) {
  if (holds) return;
  std::fprintf(stderr, "broken rule: %s\n", rule);
  std::abort();
}

// What a client sent must not come back at any length.
inline constexpr std::size_t refusal_bytes_max = 1024;

inline void require_short(const Failure& failure) {
  require(!failure.detail.empty(), "a refusal says why");
  require(failure.detail.size() <= refusal_bytes_max, "a refusal is no longer than 1 KiB");
}

}  // namespace emplace::fuzz
