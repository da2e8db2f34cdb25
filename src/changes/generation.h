// Generations: how a provider's or a consumer's state is numbered, so that a client can say which
// one it knows.
#pragma once

#include <cstdint>

#include "model/change_set.h"

namespace emplace::changes {

// The database keeps generations as 32-bit integers.
inline constexpr std::int64_t generation_max = 2147483647;

// Never 0, which means new, and never negative: after the last one comes 1.
constexpr std::int64_t next_generation(std::int64_t generation) {
  return generation < 0 || generation >= generation_max ? 1 : generation + 1;
}

inline SetGeneration next_generation_of(const Provider& provider) {
  return {provider.uuid, provider.generation, next_generation(provider.generation)};
}

}  // namespace emplace::changes
