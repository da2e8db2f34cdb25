#include "store/spelling.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace emplace::store {

std::optional<Uuid> canonical_uuid(std::string_view text) {
  const auto is_upper = [](char c) { return c >= 'A' && c <= 'F'; };
  if (std::any_of(text.begin(), text.end(), is_upper)) return std::nullopt;
  return Uuid::parse_dashed(text);
}

Uuid uuid_spelled(std::string_view text) {
  const auto uuid = Uuid::parse(text);
  return uuid ? *uuid : derived_uuid(text);
}

Uuid derived_uuid(std::string_view text) {
  // FNV-1a from two starting points, which is as good as the few odd texts of a database need.
  Uuid uuid;
  for (std::uint64_t half = 0; half < 2; ++half) {
    std::uint64_t hash = 14695981039346656037ull ^ (half * 0x9e3779b97f4a7c15ull);
    for (const char c : text)
      hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ull;
    hash ^= hash >> 32;
    std::memcpy(uuid.bytes.data() + 8 * half, &hash, 8);
  }
  uuid.bytes[6] = static_cast<std::uint8_t>((uuid.bytes[6] & 0x0f) | 0x80);
  uuid.bytes[8] = static_cast<std::uint8_t>((uuid.bytes[8] & 0x3f) | 0x80);
  return uuid;
}

}  // namespace emplace::store
