// The records that a World is made of. All are immutable once they stand in a World; ids are dense
// numbers of this process alone, given in the order of first appearance, stored nowhere.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/lazy.h"
#include "base/persistent_map.h"
#include "base/time.h"
#include "base/uuid.h"

namespace emplace {

enum class ClassId : std::uint32_t {};
enum class TraitId : std::uint32_t {};
enum class AggregateId : std::uint32_t {};

// What a client says of an inventory; all counts are in units of the resource class.
struct InventoryValues {
  std::int32_t total = 0;
  std::int32_t reserved = 0;
  std::int32_t min_unit = 1;
  std::int32_t max_unit = 2147483647;
  std::int32_t step_size = 1;
  double allocation_ratio = 1.0;

  // (total - reserved) × ratio, rounded toward zero as Python's int() does; clamped to ±2^62.
  std::int64_t capacity() const;
  bool operator==(const InventoryValues&) const = default;
};

struct Inventory {
  ClassId resource_class{};
  InventoryValues values;
  std::int64_t used = 0;  // the sum of all allocations against it
  Time updated_at{};
};

// A string that many records share.
using SharedText = std::shared_ptr<const std::string>;

// Who created a provider. That of a root owns its whole tree.
struct Owner {
  SharedText project_id, user_id;  // never nullptr; one of them may be empty
};

struct Provider {
  Uuid uuid;
  std::string name;
  std::int64_t generation = 0;
  std::optional<Uuid> parent;
  // Of name, parent, root, generation, or of inventories and aggregates that went.
  Time updated_at{};
  Time traits_updated_at{}, aggregates_updated_at{}, allocations_updated_at{};
  std::vector<Inventory> inventories;   // by class id
  std::vector<TraitId> traits;          // by id
  std::vector<AggregateId> aggregates;  // by id
  PersistentSet<Uuid> consumers;        // those with an allocation here
  std::shared_ptr<const Owner> owner;   // who created it; nullptr: not known

  const Inventory* find_inventory(ClassId resource_class) const;
  bool has_trait(TraitId trait) const;
  bool in_aggregate(AggregateId aggregate) const;
  bool in_use() const { return !consumers.empty(); }
};
using ProviderPtr = std::shared_ptr<const Provider>;

// A root and all below it. A provider stands after its parent.
struct Tree {
  struct Node {
    ProviderPtr provider;
    std::int32_t parent = -1;  // its index in nodes; -1 for the root
  };
  std::vector<Node> nodes;  // never empty; nodes[0] is the root

  const Provider& root() const { return *nodes[0].provider; }

  LazySlot answer;  // belongs to api/: ready-made pieces of JSON
};
using TreePtr = std::shared_ptr<const Tree>;

// Where a provider stands in a World.
struct Place {
  std::uint32_t tree = 0;   // index of World::tree()
  std::uint32_t index = 0;  // index in Tree::nodes
  auto operator<=>(const Place&) const = default;
};

struct Allocation {
  Uuid provider;
  ClassId resource_class{};
  std::int64_t used = 0;
  auto operator<=>(const Allocation&) const = default;
};

struct Consumer {
  Uuid uuid;
  SharedText project_id, user_id;
  SharedText type;  // nullptr: none known
  std::int64_t generation = 0;
  Time updated_at{};
  std::vector<Allocation> allocations;  // in the order of the claim
};
using ConsumerPtr = std::shared_ptr<const Consumer>;

// A trait or a resource class.
struct Name {
  std::string name;  // empty: deleted
  Time updated_at{};
};

}  // namespace emplace
