#include "store/describe.h"

#include <set>
#include <sstream>

namespace emplace::store {
namespace {

std::string quoted(const SharedText& text) {
  return text ? "'" + *text + "'" : "none";
}

std::string described(const std::shared_ptr<const Owner>& owner) {
  return owner ? quoted(owner->project_id) + "/" + quoted(owner->user_id) : "none";
}

std::string describe_inventory(const World& world, const Inventory& inventory) {
  const auto& values = inventory.values;
  std::ostringstream text;
  text << class_name(world, inventory.resource_class) << '=' << values.total << '/'
       << values.reserved << '/' << values.min_unit << '/' << values.max_unit << '/'
       << values.step_size << '/' << values.allocation_ratio << " used " << inventory.used;
  return text.str();
}

template <class Texts>
std::string joined(const Texts& texts) {
  std::string all;
  for (const auto& text : texts)
    all += " " + text;
  return all;
}

}  // namespace

std::string class_name(const World& world, ClassId id) {
  for (const auto known : world.class_ids()) {
    if (known == id) return world.resource_class(id).name;
  }
  return {};
}

std::string trait_name(const World& world, TraitId id) {
  for (const auto known : world.trait_ids()) {
    if (known == id) return world.trait(id).name;
  }
  return {};
}

std::string describe_provider(const World& world, const Uuid& uuid) {
  const auto provider = world.find_provider(uuid);
  if (!provider) return {};
  std::set<std::string> inventories, traits, aggregates, consumers;
  for (const auto& inventory : (*provider)->inventories) {
    inventories.insert(describe_inventory(world, inventory));
  }
  for (const auto trait : (*provider)->traits)
    traits.insert(trait_name(world, trait));
  for (const auto aggregate : (*provider)->aggregates) {
    aggregates.insert(world.aggregate(aggregate).str());
  }
  (*provider)->consumers.for_each(
      [&](const Uuid& consumer, Nothing) { consumers.insert(consumer.str()); });
  const auto parent = (*provider)->parent;
  return "'" + (*provider)->name + "' @" + std::to_string((*provider)->generation) + " parent " +
         (parent ? parent->str() : "none") + " root " + provider->root().uuid.str() + " owner " +
         described((*provider)->owner) + " inventories" + joined(inventories) + " traits" +
         joined(traits) + " aggregates" + joined(aggregates) + " consumers" + joined(consumers);
}

std::string describe_consumer(const World& world, const Uuid& uuid) {
  const auto consumer = world.find_consumer(uuid);
  if (!consumer) return {};
  std::string text = "project " + quoted(consumer->project_id) + " user " +
                     quoted(consumer->user_id) + " type " + quoted(consumer->type) + " @" +
                     std::to_string(consumer->generation);
  for (const auto& allocation : consumer->allocations) {
    text += " " + allocation.provider.str() + " " + class_name(world, allocation.resource_class) +
            "=" + std::to_string(allocation.used);
  }
  return text;
}

}  // namespace emplace::store
