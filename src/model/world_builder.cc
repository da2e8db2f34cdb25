#include "model/world_builder.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace emplace {
namespace {

// Adds to or removes from a vector that is kept sorted.
template <class T>
void insert_sorted(std::vector<T>& sorted, const T& value) {
  const auto at = std::lower_bound(sorted.begin(), sorted.end(), value);
  if (at == sorted.end() || *at != value) sorted.insert(at, value);
}
template <class T>
void erase_sorted(std::vector<T>& sorted, const T& value) {
  const auto at = std::lower_bound(sorted.begin(), sorted.end(), value);
  if (at != sorted.end() && *at == value) sorted.erase(at);
}

Inventory* find_inventory(Provider& provider, ClassId resource_class) {
  return const_cast<Inventory*>(std::as_const(provider).find_inventory(resource_class));
}

// Removes a name, unless another one has taken it by now.
template <class Map, class Key, class Value>
void release(Map& map, const Key& key, const Value& holder) {
  const auto* held_by = map.find(key);
  if (held_by && *held_by == holder) map.erase(key);
}

template <class Table>
void create_name(Table& table, const std::string& name, Time at) {
  table.ids.set(name, static_cast<std::uint32_t>(table.names.size()));
  table.names.push_back(Name{name, at});
}
template <class Table, class Id>
void delete_name(Table& table, Id id) {
  const auto index = static_cast<std::size_t>(id);
  release(table.ids, table.names[index].name, static_cast<std::uint32_t>(id));
  table.names.set(index, Name{});
}

// What a tree is indexed by.
struct Keys {
  std::set<ClassId> classes;
  std::set<TraitId> traits;
  std::set<AggregateId> aggregates;

  explicit Keys(const Tree* tree) {
    if (!tree) return;
    for (const auto& node : tree->nodes) {
      for (const auto& inventory : node.provider->inventories) {
        classes.insert(inventory.resource_class);
      }
      traits.insert(node.provider->traits.begin(), node.provider->traits.end());
      aggregates.insert(node.provider->aggregates.begin(), node.provider->aggregates.end());
    }
  }
};

}  // namespace

// A tree being edited. `owned` tells which of its providers are copies made for this.
struct WorldBuilder::Draft {
  TreePtr before;              // what the World's indexes know; nullptr for a new tree
  std::shared_ptr<Tree> tree;  // nullptr once emptied
  std::vector<bool> owned;
  bool shape_changed = false;
};

WorldBuilder::WorldBuilder(World base) : world_(std::move(base)) {
  ++world_.version_;
}
WorldBuilder::~WorldBuilder() = default;

void WorldBuilder::apply(const Change& change, Time at) {
  struct Visitor {
    WorldBuilder& self;
    Time at;
    void operator()(const CreateProvider& c) const { self.create(c, at); }
    void operator()(const UpdateProvider& c) const { self.update(c, at); }
    void operator()(const DeleteProvider& c) const { self.remove(c, at); }
    void operator()(const SetOwner& c) const {
      self.edit(c.provider, false).owner = self.shared(c.owner);
    }
    void operator()(const SetGeneration& c) const {
      Provider& provider = self.edit(c.provider, false);
      provider.generation = c.to;
      provider.updated_at = at;
    }
    void operator()(const PutInventory& c) const { self.put_inventory(c, at); }
    void operator()(const DeleteInventory& c) const { self.delete_inventory(c, at); }
    void operator()(const ChangeTraits& c) const { self.change_traits(c, at); }
    void operator()(const ChangeAggregates& c) const { self.change_aggregates(c, at); }
    void operator()(const CreateTrait& c) const { create_name(self.world_.traits_, c.name, at); }
    void operator()(const DeleteTrait& c) const {
      delete_name(self.world_.traits_, c.trait);
      self.world_.times_.trait_removed = at;
    }
    void operator()(const CreateClass& c) const { create_name(self.world_.classes_, c.name, at); }
    void operator()(const RenameClass& c) const { self.rename_class(c, at); }
    void operator()(const DeleteClass& c) const {
      delete_name(self.world_.classes_, c.resource_class);
      self.world_.times_.class_removed = at;
    }
    void operator()(const PutConsumer& c) const { self.put_consumer(c, at); }
    void operator()(const DeleteConsumer& c) const { self.delete_consumer(c, at); }
    void operator()(const ReplaceAllocations& c) const { self.replace_allocations(c, at); }
  };
  world_.times_.changed = std::max(world_.times_.changed, at);
  std::visit(Visitor{*this, at}, change);
}

// --- drafts -------------------------------------------------------------------------------------

const Tree& WorldBuilder::current(std::uint32_t tree) const {
  const auto found = drafts_.find(tree);
  return found == drafts_.end() ? *world_.trees_[tree] : *found->second->tree;
}

WorldBuilder::Draft& WorldBuilder::draft(std::uint32_t tree) {
  auto& draft = drafts_[tree];
  if (!draft) {
    draft = std::make_unique<Draft>();
    draft->before = world_.trees_[tree];
    draft->tree = std::make_shared<Tree>(*draft->before);
    draft->owned.resize(draft->tree->nodes.size(), false);
  }
  return *draft;
}

Provider& WorldBuilder::edit(const Uuid& uuid, bool shape) {
  const Place place = *world_.places_.find(uuid);
  Draft& edited = draft(place.tree);
  auto& pointer = edited.tree->nodes[place.index].provider;
  if (!edited.owned[place.index]) {
    pointer = std::make_shared<Provider>(*pointer);
    edited.owned[place.index] = true;
  }
  edited.shape_changed |= shape;
  return const_cast<Provider&>(*pointer);  // made above, by us, and not yet seen by anyone else
}

void WorldBuilder::place_all(std::uint32_t tree) {
  const auto& nodes = current(tree).nodes;
  for (std::uint32_t i = 0; i < nodes.size(); ++i) {
    world_.places_.set(nodes[i].provider->uuid, Place{tree, i});
  }
}

std::uint32_t WorldBuilder::new_tree(std::vector<Tree::Node> nodes) {
  const auto number = static_cast<std::uint32_t>(world_.trees_.size());
  world_.trees_.push_back(nullptr);
  auto& made = drafts_[number];
  made = std::make_unique<Draft>();
  made->tree = std::make_shared<Tree>();
  made->owned.resize(nodes.size(), false);
  made->tree->nodes = std::move(nodes);
  made->shape_changed = true;
  place_all(number);
  return number;
}

void WorldBuilder::append(std::uint32_t tree, std::vector<Tree::Node> nodes, std::uint32_t parent) {
  Draft& extended = draft(tree);
  auto& all = extended.tree->nodes;
  const auto offset = static_cast<std::int32_t>(all.size());
  for (auto& node : nodes) {
    node.parent = node.parent < 0 ? static_cast<std::int32_t>(parent) : node.parent + offset;
    world_.places_.set(node.provider->uuid, Place{tree, static_cast<std::uint32_t>(all.size())});
    all.push_back(std::move(node));
  }
  extended.owned.resize(all.size(), false);
  extended.shape_changed = true;
}

// Takes a provider and all below it out of its tree; the first of the result is the provider.
std::vector<Tree::Node> WorldBuilder::cut_out(const Place& place) {
  Draft& cut = draft(place.tree);
  std::vector<Tree::Node> taken, left;
  std::vector<std::int32_t> new_index(cut.tree->nodes.size());
  std::vector<bool> is_taken(cut.tree->nodes.size(), false), owned;
  for (std::size_t i = 0; i < cut.tree->nodes.size(); ++i) {
    Tree::Node node = cut.tree->nodes[i];
    is_taken[i] =
        i == place.index || (node.parent >= 0 && is_taken[static_cast<std::size_t>(node.parent)]);
    if (node.parent >= 0) node.parent = new_index[static_cast<std::size_t>(node.parent)];
    if (i == place.index) node.parent = -1;
    auto& side = is_taken[i] ? taken : left;
    new_index[i] = static_cast<std::int32_t>(side.size());
    if (!is_taken[i]) owned.push_back(cut.owned[i]);
    side.push_back(std::move(node));
  }
  cut.shape_changed = true;
  cut.owned = std::move(owned);
  cut.tree->nodes = std::move(left);
  place_all(place.tree);
  return taken;
}

// --- providers ----------------------------------------------------------------------------------

void WorldBuilder::create(const CreateProvider& change, Time at) {
  auto provider = std::make_shared<Provider>();
  provider->uuid = change.uuid;
  provider->name = change.name;
  provider->parent = change.parent;
  provider->owner = shared(change.owner);
  provider->updated_at = provider->traits_updated_at = provider->aggregates_updated_at =
      provider->allocations_updated_at = at;
  std::vector<Tree::Node> nodes{{std::move(provider), -1}};
  if (change.parent) {
    const Place parent = *world_.places_.find(*change.parent);
    append(parent.tree, std::move(nodes), parent.index);
  } else {
    new_tree(std::move(nodes));
  }
  world_.providers_by_name_.set(change.name, change.uuid);
}

void WorldBuilder::update(const UpdateProvider& change, Time at) {
  set_name(change.uuid, change.name);
  Provider& provider = edit(change.uuid, false);
  provider.updated_at = at;
  if (provider.parent == change.parent) return;
  const auto root = [&] { return current(world_.places_.find(change.uuid)->tree).root().uuid; };
  const Uuid old_root = root();
  const auto below = move(change.uuid, change.parent);
  if (root() == old_root) return;
  for (const auto& uuid : below)
    edit(uuid, false).updated_at = at;  // each shows its root
}

// What stands below the provider comes along, and is returned.
std::vector<Uuid> WorldBuilder::move(const Uuid& provider, const std::optional<Uuid>& to) {
  edit(provider, false).parent = to;
  auto nodes = cut_out(*world_.places_.find(provider));
  std::vector<Uuid> below;
  for (std::size_t i = 1; i < nodes.size(); ++i)
    below.push_back(nodes[i].provider->uuid);
  if (to) {
    // The new parent's place is looked up only now: it may be in the tree that was cut.
    const Place parent = *world_.places_.find(*to);
    append(parent.tree, std::move(nodes), parent.index);
  } else {
    new_tree(std::move(nodes));
  }
  return below;
}

void WorldBuilder::remove(const DeleteProvider& change, Time at) {
  const auto nodes = cut_out(*world_.places_.find(change.uuid));
  world_.places_.erase(change.uuid);
  release(world_.providers_by_name_, nodes[0].provider->name, change.uuid);
  world_.times_.provider_removed = at;
}

std::shared_ptr<const Owner> WorldBuilder::shared(const std::optional<CreatedBy>& owner) {
  if (!owner) return nullptr;
  return std::make_shared<const Owner>(Owner{intern(owner->project_id), intern(owner->user_id)});
}

void WorldBuilder::put_inventory(const PutInventory& change, Time at) {
  const Place place = *world_.places_.find(change.provider);
  const Provider& before = *current(place.tree).nodes[place.index].provider;
  const bool is_new = !before.find_inventory(change.resource_class);
  Provider& provider = edit(change.provider, is_new);
  if (is_new) {
    const auto at_class = std::lower_bound(
        provider.inventories.begin(), provider.inventories.end(), change.resource_class,
        [](const Inventory& inventory, ClassId id) { return inventory.resource_class < id; });
    auto& inventory =
        *provider.inventories.insert(at_class, Inventory{change.resource_class, {}, 0, at});
    // A database may hold allocations of a class without inventory: from now on they count.
    provider.consumers.for_each([&](const Uuid& uuid, Nothing) {
      for (const auto& allocation : (*world_.consumers_.find(uuid))->allocations) {
        if (allocation.provider == change.provider &&
            allocation.resource_class == change.resource_class) {
          inventory.used += allocation.used;
        }
      }
    });
  }
  Inventory& inventory = *find_inventory(provider, change.resource_class);
  inventory.values = change.values;
  inventory.updated_at = at;
}

void WorldBuilder::delete_inventory(const DeleteInventory& change, Time at) {
  Provider& provider = edit(change.provider, true);
  std::erase_if(provider.inventories, [&](const Inventory& inventory) {
    return inventory.resource_class == change.resource_class;
  });
  provider.updated_at = at;
}

void WorldBuilder::change_traits(const ChangeTraits& change, Time at) {
  Provider& provider = edit(change.provider, true);
  for (const auto trait : change.removed)
    erase_sorted(provider.traits, trait);
  for (const auto trait : change.added)
    insert_sorted(provider.traits, trait);
  provider.traits_updated_at = at;
}

void WorldBuilder::change_aggregates(const ChangeAggregates& change, Time at) {
  Provider& provider = edit(change.provider, true);
  for (const auto& uuid : change.removed)
    erase_sorted(provider.aggregates, intern_aggregate(uuid));
  for (const auto& uuid : change.added)
    insert_sorted(provider.aggregates, intern_aggregate(uuid));
  provider.aggregates_updated_at = at;
  // As in the store, where what is removed leaves no time of its own.
  if (!change.removed.empty()) provider.updated_at = at;
}

// --- names --------------------------------------------------------------------------------------

void WorldBuilder::rename_class(const RenameClass& change, Time at) {
  auto& table = world_.classes_;
  const auto index = static_cast<std::uint32_t>(change.resource_class);
  release(table.ids, table.names[index].name, index);
  table.ids.set(change.name, index);
  table.names.set(index, Name{change.name, at});
  // Pieces of answers that are kept with providers and trees hold the old name.
  for (const auto number : world_.trees_with(change.resource_class).members()) {
    const auto count = current(number).nodes.size();
    for (std::size_t i = 0; i < count; ++i) {
      edit(Uuid(current(number).nodes[i].provider->uuid), false);
    }
  }
}

AggregateId WorldBuilder::intern_aggregate(const Uuid& uuid) {
  if (const auto id = world_.find_aggregate(uuid)) return *id;
  const auto id = static_cast<std::uint32_t>(world_.aggregate_uuids_.size());
  world_.aggregate_uuids_.push_back(uuid);
  world_.aggregate_ids_.set(uuid, id);
  return static_cast<AggregateId>(id);
}

SharedText WorldBuilder::intern(const std::string& text) {
  if (const auto* shared = world_.texts_.find(text)) return *shared;
  auto shared = std::make_shared<const std::string>(text);
  world_.texts_.set(text, shared);
  return shared;
}

// --- indexes ------------------------------------------------------------------------------------

namespace {

// The sets of one index while trees move between them: each set that changes is copied once.
template <class Id>
class IndexDraft {
 public:
  using Sets = PersistentVector<std::shared_ptr<const Bitmap>>;

  void move(const Sets& sets, std::uint32_t tree, const std::set<Id>& before,
            const std::set<Id>& after) {
    for (const auto id : before) {
      if (!after.contains(id)) edit(sets, id).remove(tree);
    }
    for (const auto id : after) {
      if (!before.contains(id)) edit(sets, id).add(tree);
    }
  }

  void finish(Sets& sets) {
    for (auto& [index, set] : drafts_) {
      while (sets.size() <= index)
        sets.push_back(nullptr);
      sets.set(index, std::move(set));
    }
  }

 private:
  Bitmap& edit(const Sets& sets, Id id) {
    const auto index = static_cast<std::size_t>(id);
    auto& set = drafts_[index];
    if (!set) {
      const bool exists = index < sets.size() && sets[index];
      set = exists ? std::make_shared<Bitmap>(*sets[index]) : std::make_shared<Bitmap>();
    }
    return *set;
  }

  std::map<std::size_t, std::shared_ptr<Bitmap>> drafts_;
};

}  // namespace

World WorldBuilder::finish() {
  IndexDraft<ClassId> classes;
  IndexDraft<TraitId> traits;
  IndexDraft<AggregateId> aggregates;
  std::shared_ptr<Bitmap> all;
  for (auto& [number, draft] : drafts_) {
    TreePtr tree = draft->tree->nodes.empty() ? nullptr : std::move(draft->tree);
    if (draft->shape_changed) {
      const Keys before(draft->before.get()), after(tree.get());
      classes.move(world_.trees_by_class_, number, before.classes, after.classes);
      traits.move(world_.trees_by_trait_, number, before.traits, after.traits);
      aggregates.move(world_.trees_by_aggregate_, number, before.aggregates, after.aggregates);
      if (!draft->before != !tree) {
        if (!all) all = std::make_shared<Bitmap>(*world_.all_trees_);
        if (tree) {
          all->add(number);
        } else {
          all->remove(number);
        }
      }
    }
    world_.trees_.set(number, std::move(tree));
  }
  drafts_.clear();
  classes.finish(world_.trees_by_class_);
  traits.finish(world_.trees_by_trait_);
  aggregates.finish(world_.trees_by_aggregate_);
  if (all) world_.all_trees_ = std::move(all);
  return std::exchange(world_, World());
}

}  // namespace emplace
