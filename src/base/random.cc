#include "base/random.h"

namespace emplace {

Uuid Random::uuid() {
  Uuid uuid;
  const std::uint64_t words[] = {next(), next()};
  std::memcpy(uuid.bytes.data(), words, sizeof words);
  uuid.bytes[6] = static_cast<std::uint8_t>((uuid.bytes[6] & 0x0f) | 0x40);
  uuid.bytes[8] = static_cast<std::uint8_t>((uuid.bytes[8] & 0x3f) | 0x80);
  return uuid;
}

}  // namespace emplace
