// For tests: a file of its own, and Worlds compared by all that they say.
#pragma once

#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>

#include <stdlib.h>

#include "model/world.h"
#include "store/describe.h"

namespace emplace::store {

// The path of a database that is gone when the test is over.
class ScratchDatabase {
 public:
  ScratchDatabase() {
    std::string pattern = (std::filesystem::temp_directory_path() / "emplace-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    directory_ = pattern;
  }
  ~ScratchDatabase() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  ScratchDatabase(const ScratchDatabase&) = delete;
  ScratchDatabase& operator=(const ScratchDatabase&) = delete;

  std::string path() const { return directory_ + "/placement.db"; }

 private:
  std::string directory_;
};

// All of a World, thing by thing. Left out: what a database does not keep (the times at which
// traits, aggregates and allocations were last taken away) and the numbers of ids.
inline std::map<std::string, std::string> describe_world(const World& world) {
  std::map<std::string, std::string> all;
  const auto text_of = [](Time time) {
    return " at " + std::to_string(time.time_since_epoch().count());
  };
  const auto add_consumer = [&](const Uuid& uuid) {
    all["consumer " + uuid.str()] =
        describe_consumer(world, uuid) + text_of(world.find_consumer(uuid)->updated_at);
  };
  for (std::uint32_t i = 0; i < world.tree_limit(); ++i) {
    if (!world.tree(i)) continue;
    for (const auto& node : world.tree(i)->nodes) {
      const auto& provider = *node.provider;
      std::string text = describe_provider(world, provider.uuid) + text_of(provider.updated_at);
      std::map<std::string, std::string> times;
      for (const auto& inventory : provider.inventories) {
        times[class_name(world, inventory.resource_class)] = text_of(inventory.updated_at);
      }
      for (const auto& [name, time] : times)
        text += " " + name + time;
      all["provider " + provider.uuid.str()] = text;
      provider.consumers.for_each([&](const Uuid& uuid, Nothing) { add_consumer(uuid); });
    }
  }
  for (const auto id : world.class_ids()) {
    all["class " + world.resource_class(id).name] = text_of(world.resource_class(id).updated_at);
  }
  for (const auto id : world.trait_ids()) {
    all["trait " + world.trait(id).name] = text_of(world.trait(id).updated_at);
  }
  for (const auto* project : {"project", "another project"}) {
    const auto* consumers = world.consumers_of_project(project);
    if (consumers) consumers->for_each([&](const Uuid& uuid, Nothing) { add_consumer(uuid); });
  }
  all["providers"] = std::to_string(world.provider_count());
  all["consumers"] = std::to_string(world.consumer_count());
  return all;
}

}  // namespace emplace::store
