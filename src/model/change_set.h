// ChangeSet: what one write changes, in the words of the domain. A planner makes it from a World, a
// store makes it durable, World::with() applies it. Its changes are to be applied in order.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "model/records.h"

namespace emplace {

// The project and the user of a request that creates a provider; one of them may be empty.
struct CreatedBy {
  std::string project_id, user_id;

  bool operator==(const CreatedBy&) const = default;
};

struct CreateProvider {  // with generation 0
  Uuid uuid;
  std::string name;
  std::optional<Uuid> parent;
  std::optional<CreatedBy> owner = {};
};
struct UpdateProvider {  // new name and parent; what stands below it comes along
  Uuid uuid;
  std::string name;
  std::optional<Uuid> parent;
};
struct DeleteProvider {  // with its inventories, traits and aggregates. Requires: no children, not
                         // in use
  Uuid uuid;
};
struct SetOwner {  // advances no generation and no time: no client sees an owner
  Uuid provider;
  std::optional<CreatedBy> owner;  // none: nobody's
};
struct SetGeneration {
  Uuid provider;
  std::int64_t from = 0, to = 0;
};
struct PutInventory {
  Uuid provider;
  ClassId resource_class{};
  InventoryValues values;
};
struct DeleteInventory {
  Uuid provider;
  ClassId resource_class{};
};
struct ChangeTraits {
  Uuid provider;
  std::vector<TraitId> added, removed;
};
struct ChangeAggregates {
  Uuid provider;
  std::vector<Uuid> added, removed;
};
struct CreateTrait {
  std::string name;
};
struct DeleteTrait {
  TraitId trait{};
};
struct CreateClass {
  std::string name;
};
struct RenameClass {
  ClassId resource_class{};
  std::string name;
};
struct DeleteClass {
  ClassId resource_class{};
};
struct PutConsumer {  // creates or replaces all but the allocations
  Uuid uuid;
  std::string project_id, user_id;
  std::optional<std::string> type;
  std::int64_t generation = 0;
};
struct DeleteConsumer {  // with its allocations
  Uuid uuid;
};
struct ReplaceAllocations {  // of a consumer that exists by now; empty: none are left
  Uuid consumer;
  std::vector<Allocation> allocations;
};

using Change = std::variant<CreateProvider, UpdateProvider, DeleteProvider, SetOwner, SetGeneration,
                            PutInventory, DeleteInventory, ChangeTraits, ChangeAggregates,
                            CreateTrait, DeleteTrait, CreateClass, RenameClass, DeleteClass,
                            PutConsumer, DeleteConsumer, ReplaceAllocations>;

struct ChangeSet {
  Time at{};  // when it happens
  std::vector<Change> changes;

  bool empty() const { return changes.empty(); }
  template <class T>
  ChangeSet& add(T change) {
    changes.emplace_back(std::move(change));
    return *this;
  }
};

}  // namespace emplace
