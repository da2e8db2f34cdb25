// For tests: whether a World agrees with itself.
#pragma once

#include <map>
#include <optional>
#include <set>

#include <gtest/gtest.h>

#include "model/world.h"

namespace emplace::store {

// Whether the indexes of a World say what its records say.
inline void expect_sound(const World& world) {
  std::map<ClassId, std::set<std::uint32_t>> classes;
  std::map<TraitId, std::set<std::uint32_t>> traits;
  std::map<AggregateId, std::set<std::uint32_t>> aggregates;
  std::size_t providers = 0;
  for (std::uint32_t number = 0; number < world.tree_limit(); ++number) {
    EXPECT_EQ(world.all_trees().contains(number), world.tree(number) != nullptr);
    if (!world.tree(number)) continue;
    const auto& nodes = world.tree(number)->nodes;
    providers += nodes.size();
    for (std::uint32_t i = 0; i < nodes.size(); ++i) {
      const auto& provider = *nodes[i].provider;
      EXPECT_EQ(world.find_place(provider.uuid), (Place{number, i}));
      const auto named = world.find_provider_by_name(provider.name);
      EXPECT_TRUE(named && (*named)->uuid == provider.uuid) << provider.name;
      EXPECT_LT(nodes[i].parent, static_cast<std::int32_t>(i));
      std::optional<Uuid> parent;
      if (nodes[i].parent >= 0) {
        parent = nodes[static_cast<std::size_t>(nodes[i].parent)].provider->uuid;
      }
      EXPECT_EQ(provider.parent, parent);
      for (const auto& inventory : provider.inventories) {
        classes[inventory.resource_class].insert(number);
        std::int64_t used = 0;
        provider.consumers.for_each([&](const Uuid& uuid, Nothing) {
          for (const auto& each : world.find_consumer(uuid)->allocations) {
            if (each.provider == provider.uuid && each.resource_class == inventory.resource_class) {
              used += each.used;
            }
          }
        });
        EXPECT_EQ(inventory.used, used) << provider.name;
      }
      for (const auto trait : provider.traits) {
        EXPECT_EQ(world.find_trait(world.trait(trait).name), trait);
        traits[trait].insert(number);
      }
      for (const auto aggregate : provider.aggregates)
        aggregates[aggregate].insert(number);
    }
  }
  EXPECT_EQ(providers, world.provider_count());
  const auto members = [](const Bitmap& trees) {
    std::set<std::uint32_t> all;
    for (const auto number : trees.members())
      all.insert(number);
    return all;
  };
  for (const auto id : world.class_ids()) {
    EXPECT_EQ(members(world.trees_with(id)), classes[id]) << world.resource_class(id).name;
    EXPECT_EQ(world.find_class(world.resource_class(id).name), id);
  }
  for (const auto id : world.trait_ids()) {
    EXPECT_EQ(members(world.trees_with(id)), traits[id]) << world.trait(id).name;
    EXPECT_EQ(world.find_trait(world.trait(id).name), id);
  }
  for (const auto& [id, trees] : aggregates)
    EXPECT_EQ(members(world.trees_with(id)), trees);
}

}  // namespace emplace::store
