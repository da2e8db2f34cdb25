// The part of catching up that says which providers there are, and what stands below what. It goes
// by parents alone, as loading does: where others write too, root ids may be wrong for a while.
#include <algorithm>
#include <utility>

#include "store/shared/catch_up_run.h"
#include "store/spelling.h"

namespace emplace::store {

// The UUID that a row's provider has, or will have, in the World.
Uuid CatchUp::uuid_of(const ReadProvider& provider) const {
  const Uuid plain = uuid_spelled(provider.spelling);
  const auto known = rows_.provider_uuids.find(provider.id);
  if (known == rows_.provider_uuids.end() || known->second == plain) return plain;
  const Uuid derived = derived_uuid(provider.spelling);
  return known->second == derived ? derived : plain;
}

// Whether a row that was known is not there any more, or is another provider's by now.
bool CatchUp::is_lost(RowId provider) const {
  const auto known = rows_.provider_uuids.find(provider);
  if (known == rows_.provider_uuids.end() || !read().asked.providers.contains(provider)) {
    return false;
  }
  const auto found = read().providers.find(provider);
  return found == read().providers.end() || uuid_of(found->second) != known->second;
}

// Requires: as all of this until update_provider_rows(), the maps of rows are still the old ones.
bool CatchUp::exists(RowId provider) const {
  return read().providers.contains(provider) ||
         (rows_.provider_uuids.contains(provider) && !is_lost(provider));
}

// 0: none.
RowId CatchUp::parent_in_database(RowId provider) const {
  const auto found = read().providers.find(provider);
  if (found != read().providers.end()) return found->second.parent;
  const auto cut = rows_.cut_parents.find(provider);
  if (cut != rows_.cut_parents.end()) return cut->second;
  const auto parent = (*world_.find_provider(rows_.provider_uuids.at(provider)))->parent;
  return parent ? rows_.providers.at(*parent).id : 0;
}

// Whether providers came or went whose UUIDs other rows spell too.
bool CatchUp::are_contested() const {
  std::set<Uuid> made;
  for (const RowId row : read().asked.providers) {
    if (is_lost(row) && rows_.contested.contains(rows_.provider_uuids.at(row))) return true;
    const auto found = read().providers.find(row);
    if (found == read().providers.end()) continue;
    const Uuid uuid = uuid_of(found->second);
    if (!made.insert(uuid).second) return true;
    if (rows_.provider_uuids.contains(row) && !is_lost(row)) continue;
    const auto holder = rows_.providers.find(uuid);
    if (rows_.contested.contains(uuid)) return true;
    if (holder != rows_.providers.end() && holder->second.id != row && !is_lost(holder->second.id))
      return true;
  }
  return false;
}

// Those whose place in the World may have to be another.
std::set<RowId> CatchUp::providers_to_place() const {
  std::set<RowId> rows;
  for (const auto& [row, provider] : read().providers)
    rows.insert(row);
  for (const auto& [row, parent] : rows_.cut_parents) {
    if (exists(row)) rows.insert(row);
  }
  for (const RowId row : read().asked.providers) {
    if (!is_lost(row)) continue;
    const auto lost = world_.find_provider(rows_.provider_uuids.at(row));
    const auto& nodes = lost->tree->nodes;
    for (const auto& node : nodes) {
      if (node.parent != static_cast<std::int32_t>(lost->place.index)) continue;
      const RowId child = rows_.providers.at(node.provider->uuid).id;
      if (exists(child)) rows.insert(child);
    }
  }
  return rows;
}

// If a provider stands below itself: the first row of that circle; otherwise 0.
RowId CatchUp::first_of_circle(RowId provider) const {
  std::set<RowId> seen;
  RowId first = provider;
  for (RowId row = parent_in_database(provider); row && exists(row);
       row = parent_in_database(row)) {
    if (row == provider) return first;
    if (!seen.insert(row).second) return 0;  // a circle further up
    first = std::min(first, row);
  }
  return 0;
}

void CatchUp::find_parents() {
  auto waiting = providers_to_place();
  while (!waiting.empty()) {
    const RowId row = waiting.extract(waiting.begin()).value();
    const RowId parent = parent_in_database(row);
    const RowId first = first_of_circle(row);
    parents_[row] = parent && exists(parent) && first != row ? parent : 0;
    // It is cut there, whatever became of it so far.
    if (first && !parents_.contains(first)) waiting.insert(first);
  }
}

void CatchUp::update_provider_rows() {
  std::map<RowId, RowId> cut;
  for (const auto& [row, parent] : parents_) {
    const RowId named = parent_in_database(row);
    if (named && !parent) cut.emplace(row, named);
  }
  std::set<RowId> lost;
  for (const RowId row : read().asked.providers) {
    if (is_lost(row)) lost.insert(row);
  }
  for (const RowId row : lost) {
    const Uuid uuid = rows_.provider_uuids.at(row);
    rows_.provider_uuids.erase(row);
    rows_.providers.erase(uuid);
    gone_.insert(uuid);
  }
  for (const auto& [row, provider] : read().providers) {
    const Uuid uuid = uuid_of(provider);
    rows_.provider_uuids[row] = uuid;
    auto& known = rows_.providers[uuid];
    if (known.id != row) placed_.insert(uuid);
    known.id = row;
    gone_.erase(uuid);
    rows_.last_provider = std::max(rows_.last_provider, row);
  }
  for (const auto& [row, parent] : cut) {
    if (!rows_.cut_parents.contains(row)) report(cut_parent(rows_.provider_uuids.at(row)));
  }
  // All that were cut have been looked at again, but for those that are gone.
  rows_.cut_parents = std::move(cut);
}

void CatchUp::create_providers() {
  for (const auto& [row, provider] : read().providers) {
    // Those above it that are new, too, come first.
    std::vector<RowId> missing;
    for (RowId each = row; each && !current().find_place(rows_.provider_uuids.at(each));
         each = parents_.at(each)) {
      missing.push_back(each);
    }
    for (auto each = missing.rbegin(); each != missing.rend(); ++each)
      create(*each);
  }
}

void CatchUp::create(RowId row) {
  const auto& made = read().providers.at(row);
  const Uuid uuid = rows_.provider_uuids.at(row);
  std::optional<Uuid> parent;
  if (const RowId above = parents_.at(row)) parent = rows_.provider_uuids.at(above);
  std::optional<CreatedBy> owner;
  if (const auto known = read().owners.find(row); known != read().owners.end()) {
    owner = known->second;
  }
  if (uuid.str() != made.spelling) report(odd_provider(made.spelling, uuid));
  change().apply(CreateProvider{uuid, made.name.value_or(uuid.str()), parent, owner},
                 made.updated_at);
  change().set_generation(uuid, made.generation);
}

void CatchUp::move_providers() {
  std::vector<std::pair<Uuid, std::optional<Uuid>>> moves;
  for (const auto& [row, above] : parents_) {
    const Uuid uuid = rows_.provider_uuids.at(row);
    const auto was = world_.find_provider(uuid);
    std::optional<Uuid> parent;
    if (above) parent = rows_.provider_uuids.at(above);
    if (was && (*was)->parent != parent) moves.emplace_back(uuid, parent);
  }
  // Several moves may change places with each other: first all out, then all in.
  if (moves.size() > 1) {
    for (const auto& [uuid, parent] : moves) {
      if ((*world_.find_provider(uuid))->parent) change().set_parent(uuid, std::nullopt);
    }
  }
  for (const auto& [uuid, parent] : moves) {
    placed_.insert(uuid);
    if (parent || moves.size() == 1) change().set_parent(uuid, parent);
  }
}

void CatchUp::delete_providers() {
  std::vector<std::pair<Place, Uuid>> by_place;
  for (const auto& uuid : gone_)
    by_place.emplace_back(*world_.find_place(uuid), uuid);
  // In a tree, whoever stands below another comes after it.
  std::sort(by_place.rbegin(), by_place.rend());
  for (const auto& [place, uuid] : by_place)
    change().apply(DeleteProvider{uuid}, now_);
}

void CatchUp::update_roots(const World& after) {
  std::set<std::uint32_t> trees;
  for (const auto& uuid : placed_)
    trees.insert(after.find_place(uuid)->tree);
  for (const auto number : trees) {
    const auto& tree = *after.tree(number);
    const RowId root = rows_.providers.at(tree.root().uuid).id;
    for (const auto& node : tree.nodes)
      rows_.providers.at(node.provider->uuid).root = root;
  }
}

}  // namespace emplace::store
