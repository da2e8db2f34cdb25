// Uuid: 128 bits. Spellings of one UUID are one Uuid; it is written lower-case and dashed.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace emplace {

struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  // Any spelling that Python's uuid.UUID() takes: upper or lower case, dashes anywhere or nowhere,
  // braces, a urn:uuid: prefix. Nothing for anything else.
  static std::optional<Uuid> parse(std::string_view text);
  // Only 8-4-4-4-12 hexadecimal digits, in either case.
  static std::optional<Uuid> parse_dashed(std::string_view text);

  // Lower-case and dashed, 36 characters.
  std::string str() const;
  // The same into 36 characters at `out`; returns the end.
  char* write_to(char* out) const;

  auto operator<=>(const Uuid&) const = default;
};

// Uuids are random already, but a client chooses them: mix, so that chosen ones do not collide.
inline std::size_t hash_value(const Uuid& uuid) {
  std::uint64_t high, low;
  std::memcpy(&high, uuid.bytes.data(), 8);
  std::memcpy(&low, uuid.bytes.data() + 8, 8);
  std::uint64_t mixed = (high ^ 0x9e3779b97f4a7c15ull) * 0xff51afd7ed558ccdull;
  mixed ^= (mixed >> 32) ^ low;
  mixed *= 0xc4ceb9fe1a85ec53ull;
  return mixed ^ (mixed >> 29);
}

}  // namespace emplace

template <>
struct std::hash<emplace::Uuid> {
  std::size_t operator()(const emplace::Uuid& uuid) const noexcept { return hash_value(uuid); }
};
