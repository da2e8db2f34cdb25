#include "model/world_text.h"

#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "model/world_builder.h"

namespace emplace {
namespace {

constexpr Time long_ago{std::chrono::seconds(1'000'000'000)};

ClassId class_named(WorldBuilder& builder, const std::string& name) {
  if (!builder.names().find_class(name)) builder.apply(CreateClass{name}, long_ago);
  return *builder.names().find_class(name);
}

TraitId trait_named(WorldBuilder& builder, const std::string& name) {
  if (!builder.names().find_trait(name)) builder.apply(CreateTrait{name}, long_ago);
  return *builder.names().find_trait(name);
}

// "8/ratio=16/reserved=1"
InventoryValues parse_inventory(const std::string& text) {
  std::istringstream parts(text);
  std::string part;
  std::getline(parts, part, '/');
  InventoryValues values{.total = std::stoi(part)};
  while (std::getline(parts, part, '/')) {
    const auto equals = part.find('=');
    const auto key = part.substr(0, equals), value = part.substr(equals + 1);
    if (key == "ratio") {
      values.allocation_ratio = std::stod(value);
    } else if (key == "reserved") {
      values.reserved = std::stoi(value);
    } else if (key == "min") {
      values.min_unit = std::stoi(value);
    } else if (key == "max") {
      values.max_unit = std::stoi(value);
    } else if (key == "step") {
      values.step_size = std::stoi(value);
    } else {
      throw std::invalid_argument("no such inventory field: " + part);
    }
  }
  return values;
}

// "PROJECT/USER"
CreatedBy parse_owner(const std::string& text) {
  const auto slash = text.find('/');
  if (slash == std::string::npos) throw std::invalid_argument("an owner without user: " + text);
  return {text.substr(0, slash), text.substr(slash + 1)};
}

void parse_line(WorldBuilder& builder, const std::string& line, std::vector<Uuid>& ancestors) {
  const auto depth = line.find_first_not_of(' ') / 2;
  if (depth > ancestors.size()) throw std::invalid_argument("indented too deep: " + line);
  ancestors.resize(depth);
  std::istringstream words(line);
  std::string word;
  words >> word;
  const Uuid uuid = uuid_of(word);
  builder.apply(CreateProvider{uuid, word, depth ? std::optional(ancestors.back()) : std::nullopt},
                long_ago);
  ancestors.push_back(uuid);
  const Uuid consumer = uuid_of("user of " + word);
  ReplaceAllocations allocations{consumer, {}};
  bool used = false;
  while (words >> word) {
    const auto equals = word.find('=');
    if (word == "used") {
      used = true;
    } else if (word.starts_with("@")) {
      builder.set_generation(uuid, std::stoll(word.substr(1)));
    } else if (word.starts_with("trait:")) {
      builder.apply(ChangeTraits{uuid, {trait_named(builder, word.substr(6))}, {}}, long_ago);
    } else if (word.starts_with("in:")) {
      builder.apply(ChangeAggregates{uuid, {uuid_of(word.substr(3))}, {}}, long_ago);
    } else if (word.starts_with("owner:")) {
      builder.apply(SetOwner{uuid, parse_owner(word.substr(6))}, long_ago);
    } else if (equals == std::string::npos) {
      throw std::invalid_argument("not understood: " + word);
    } else if (used) {
      allocations.allocations.push_back(Allocation{
          uuid, class_named(builder, word.substr(0, equals)), std::stoll(word.substr(equals + 1))});
    } else {
      const auto resource_class = class_named(builder, word.substr(0, equals));
      builder.apply(PutInventory{uuid, resource_class, parse_inventory(word.substr(equals + 1))},
                    long_ago);
    }
  }
  if (allocations.allocations.empty()) return;
  builder.apply(PutConsumer{consumer, "project", "user", std::nullopt, 1}, long_ago);
  builder.apply(allocations, long_ago);
}

}  // namespace

Uuid uuid_of(std::string_view name) {
  // FNV-1a, twice: any name gives a UUID that stays the same.
  Uuid uuid;
  for (std::uint64_t half = 0; half < 2; ++half) {
    std::uint64_t hash = 14695981039346656037ull + half;
    for (const char c : name)
      hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ull;
    hash ^= hash >> 31;
    std::memcpy(uuid.bytes.data() + 8 * half, &hash, 8);
  }
  uuid.bytes[6] = static_cast<std::uint8_t>((uuid.bytes[6] & 0x0f) | 0x50);
  uuid.bytes[8] = static_cast<std::uint8_t>((uuid.bytes[8] & 0x3f) | 0x80);
  return uuid;
}

World parse_world(std::string_view text) {
  WorldBuilder builder;
  std::vector<Uuid> ancestors;
  std::istringstream lines{std::string(text)};
  std::string line;
  while (std::getline(lines, line)) {
    if (line.find_first_not_of(' ') != std::string::npos) parse_line(builder, line, ancestors);
  }
  return builder.finish();
}

}  // namespace emplace
