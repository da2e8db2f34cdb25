#include "brute_force.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace emplace::candidates {
namespace {

constexpr std::size_t combinations_max = 300'000;

struct Choice {  // a way to serve one group
  std::vector<Part> parts;
  std::set<Place> providers;
};

// Calls visit(picked) for each way to pick one of each list.
template <class T, class Visit>
void for_each_combination(const std::vector<std::vector<T>>& lists, std::vector<T>& picked,
                          const Visit& visit) {
  if (picked.size() == lists.size()) return visit(picked);
  for (const auto& item : lists[picked.size()]) {
    picked.push_back(item);
    for_each_combination(lists, picked, visit);
    picked.pop_back();
  }
}

class BruteForce {
 public:
  BruteForce(const World& world, const Query& query,
             const std::function<bool(const Provider&)>& visible)
      : world_(world), query_(query), visible_(visible) {
    for (const auto tree : world.all_trees().members()) {
      for (std::uint32_t i = 0; i < world.tree(tree)->nodes.size(); ++i) {
        places_.push_back(Place{tree, i});
      }
    }
  }

  PlainResult run() {
    if (!check_traits(query_.root_traits)) return result_;
    const bool asks_for_roots = !query_.root_traits.empty();
    const auto trees = world_.all_trees().members();
    const bool some_root = std::any_of(trees.begin(), trees.end(),
                                       [&](std::uint32_t tree) { return root_matches(tree); });
    if (asks_for_roots && !some_root) return result_;
    for (const auto& group : query_.groups) {
      if (!check_names(group) || is_empty(group)) return result_;
    }
    for (const auto anchor : trees) {
      if (root_matches(anchor)) combine(anchor);
    }
    return result_;
  }

 private:
  const Provider& at(Place place) const {
    return *world_.tree(place.tree)->nodes[place.index].provider;
  }

  // --- names, in upstream's order ---------------------------------------------------------------

  bool check_traits(const TraitFilter& filter) {
    auto lists = filter.any_of;
    for (const auto& name : filter.none_of)
      lists.push_back({name});
    for (const auto& list : lists) {
      for (const auto& name : list) {
        if (world_.find_trait(name)) continue;
        result_.failure = "No such trait(s): " + name + ".";
        return false;
      }
    }
    return true;
  }

  // False: the search ends here, with a failure or with nothing.
  bool check_names(const Group& group) {
    for (const auto& [name, amount] : group.resources) {
      if (world_.find_class(name)) continue;
      result_.failure =
          "Invalid resource class in resources parameter: No such resource class " + name + ".";
      return false;
    }
    if (!group.aggregates.any_of.empty() &&
        std::none_of(places_.begin(), places_.end(),
                     [&](Place place) { return is_member(group, at(place)); })) {
      return false;
    }
    if (!check_traits(group.traits)) return false;
    return !group.in_tree || tree_of(*group.in_tree);
  }

  std::optional<std::uint32_t> tree_of(const Uuid& uuid) const {
    const auto provider = world_.find_provider(uuid);
    if (!provider || !visible_(**provider)) return std::nullopt;
    return provider->place.tree;
  }

  // --- one provider -----------------------------------------------------------------------------

  bool has_trait(const Provider& provider, const std::string& name) const {
    const auto trait = world_.find_trait(name);
    return trait && std::count(provider.traits.begin(), provider.traits.end(), *trait) > 0;
  }
  bool in_aggregate(const Provider& provider, const Uuid& uuid) const {
    const auto id = world_.find_aggregate(uuid);
    return id && std::count(provider.aggregates.begin(), provider.aggregates.end(), *id) > 0;
  }
  bool is_member(const Group& group, const Provider& provider) const {
    for (const auto& any : group.aggregates.any_of) {
      bool in_one = false;
      for (const auto& uuid : any)
        in_one = in_one || in_aggregate(provider, uuid);
      if (!in_one) return false;
    }
    return true;
  }
  bool is_forbidden_member(const Group& group, const Provider& provider) const {
    for (const auto& uuid : group.aggregates.none_of) {
      if (in_aggregate(provider, uuid)) return true;
    }
    return false;
  }
  bool has_forbidden_trait(const TraitFilter& filter, const Provider& provider) const {
    for (const auto& name : filter.none_of) {
      if (has_trait(provider, name)) return true;
    }
    return false;
  }
  bool have_required_traits(const TraitFilter& filter, const std::set<Place>& providers) const {
    for (const auto& any : filter.any_of) {
      bool found = false;
      for (const auto place : providers) {
        for (const auto& name : any)
          found = found || has_trait(at(place), name);
      }
      if (!found) return false;
    }
    return true;
  }
  bool root_matches(std::uint32_t tree) const {
    if (query_.root_traits.empty()) return true;
    // Whoever may not see a root is not told of its traits either.
    return visible_(at(Place{tree, 0})) &&
           have_required_traits(query_.root_traits, {Place{tree, 0}}) &&
           !has_forbidden_trait(query_.root_traits, at(Place{tree, 0}));
  }
  bool can_give(const Provider& provider, const std::string& name, std::int64_t amount) const {
    if (!visible_(provider)) return false;
    for (const auto& inventory : provider.inventories) {
      if (inventory.resource_class != *world_.find_class(name)) continue;
      const auto& values = inventory.values;
      return inventory.used + amount <= values.capacity() && amount >= values.min_unit &&
             amount <= values.max_unit && amount % values.step_size == 0;
    }
    return false;
  }
  // Whether the provider stands in the anchor's tree, or shares with it.
  bool reaches(Place place, std::uint32_t anchor) const {
    if (place.tree == anchor) return true;
    if (!has_trait(at(place), "MISC_SHARES_VIA_AGGREGATE")) return false;
    for (const auto& node : world_.tree(anchor)->nodes) {
      for (const auto aggregate : at(place).aggregates) {
        if (node.provider->in_aggregate(aggregate)) return true;
      }
    }
    return false;
  }

  // --- one group at one anchor ------------------------------------------------------------------

  std::vector<Choice> choices(const Group& group, std::uint32_t anchor) {
    return group.suffix.empty() ? unsuffixed_choices(group, anchor)
                                : suffixed_choices(group, anchor);
  }

  std::vector<Choice> suffixed_choices(const Group& group, std::uint32_t anchor) const {
    std::vector<Choice> choices;
    if (group.resources.empty() && group.traits.any_of.empty() && group.aggregates.any_of.empty()) {
      return choices;
    }
    for (const auto place : places_) {
      const Provider& provider = at(place);
      bool good = reaches(place, anchor) && visible_(provider) && is_member(group, provider) &&
                  !is_forbidden_member(group, provider) &&
                  !has_forbidden_trait(group.traits, provider) &&
                  have_required_traits(group.traits, {place});
      if (group.in_tree && !group.resources.empty()) {
        good = good && tree_of(*group.in_tree) == place.tree;
      }
      Choice choice{{}, {place}};
      for (const auto& [name, amount] : group.resources) {
        good = good && can_give(provider, name, amount);
        choice.parts.push_back(Part{place, *world_.find_class(name), amount});
      }
      if (good) choices.push_back(choice);
    }
    return choices;
  }

  std::vector<Choice> unsuffixed_choices(const Group& group, std::uint32_t anchor) const {
    std::vector<std::vector<Part>> lists;
    const Provider& root = at(Place{anchor, 0});
    for (const auto& [name, amount] : group.resources) {
      auto& list = lists.emplace_back();
      for (const auto place : places_) {
        const Provider& provider = at(place);
        if (!reaches(place, anchor) || !can_give(provider, name, amount)) continue;
        const bool inside = place.tree == anchor;
        if (group.in_tree && (!inside || tree_of(*group.in_tree) != anchor)) continue;
        const bool member = is_member(group, provider) || (inside && is_member(group, root));
        if (!member || is_forbidden_member(group, provider) || is_forbidden_member(group, root)) {
          continue;
        }
        if (has_forbidden_trait(group.traits, provider)) continue;
        list.push_back(Part{place, *world_.find_class(name), amount});
      }
    }
    std::vector<Choice> choices;
    std::vector<Part> picked;
    for_each_combination(lists, picked, [&](const std::vector<Part>& parts) {
      Choice choice{parts, {}};
      for (const auto& part : parts)
        choice.providers.insert(part.provider);
      if (have_required_traits(group.traits, choice.providers)) choices.push_back(choice);
    });
    return choices;
  }

  bool is_empty(const Group& group) {
    for (const auto anchor : world_.all_trees().members()) {
      if (root_matches(anchor) && !choices(group, anchor).empty()) return false;
    }
    return true;
  }

  // --- all groups together ----------------------------------------------------------------------

  void combine(std::uint32_t anchor) {
    std::vector<std::vector<Choice>> lists;
    std::size_t combinations = 1;
    for (const auto& group : query_.groups) {
      lists.push_back(choices(group, anchor));
      combinations *= lists.back().size();
      if (combinations > combinations_max) {
        result_.too_large = true;
        return;
      }
    }
    std::vector<Choice> picked;
    for_each_combination(lists, picked, [&](const std::vector<Choice>& all) {
      PlainCandidate candidate;
      for (std::uint32_t i = 0; i < all.size(); ++i) {
        for (const auto& part : all[i].parts) {
          candidate.parts[{part.provider, part.resource_class}] += part.amount;
        }
        candidate.mappings[i] = all[i].providers;
      }
      if (obeys_group_policy(all) && obeys_same_subtree(all) && has_capacity(candidate) &&
          (query_.nested || uses_one_provider_per_tree(candidate))) {
        result_.candidates.insert(candidate);
      }
    });
  }

  bool obeys_group_policy(const std::vector<Choice>& all) const {
    if (query_.group_policy == GroupPolicy::none) return true;
    std::set<Place> used;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (query_.groups[i].suffix.empty()) continue;
      if (!used.insert(*all[i].providers.begin()).second) return false;
    }
    return true;
  }

  bool is_below(Place place, Place ancestor) const {
    if (place.tree != ancestor.tree) return false;
    const auto& nodes = world_.tree(place.tree)->nodes;
    for (auto i = static_cast<std::int32_t>(place.index); i >= 0;
         i = nodes[static_cast<std::size_t>(i)].parent) {
      if (i == static_cast<std::int32_t>(ancestor.index)) return true;
    }
    return false;
  }

  bool obeys_same_subtree(const std::vector<Choice>& all) const {
    for (const auto& suffixes : query_.same_subtree) {
      std::set<Place> used;
      for (std::size_t i = 0; i < all.size(); ++i) {
        if (!std::count(suffixes.begin(), suffixes.end(), query_.groups[i].suffix)) continue;
        used.insert(all[i].providers.begin(), all[i].providers.end());
      }
      const bool rooted = std::any_of(used.begin(), used.end(), [&](Place ancestor) {
        return std::all_of(used.begin(), used.end(),
                           [&](Place place) { return is_below(place, ancestor); });
      });
      if (!rooted) return false;
    }
    return true;
  }

  bool has_capacity(const PlainCandidate& candidate) const {
    for (const auto& [key, amount] : candidate.parts) {
      for (const auto& inventory : at(key.first).inventories) {
        if (inventory.resource_class != key.second) continue;
        if (inventory.used + amount > inventory.values.capacity()) return false;
        if (amount > inventory.values.max_unit) return false;
      }
    }
    return true;
  }

  bool uses_one_provider_per_tree(const PlainCandidate& candidate) const {
    std::set<Place> providers;
    std::set<std::uint32_t> trees;
    for (const auto& [key, amount] : candidate.parts) {
      providers.insert(key.first);
      trees.insert(key.first.tree);
    }
    return providers.size() == trees.size();
  }

  const World& world_;
  const Query& query_;
  const std::function<bool(const Provider&)>& visible_;
  std::vector<Place> places_;
  PlainResult result_;
};

}  // namespace

PlainResult find_by_brute_force(const World& world, const Query& query,
                                const std::function<bool(const Provider&)>& visible) {
  return BruteForce(world, query, visible).run();
}

std::set<PlainCandidate> plain(const Found& found) {
  std::set<PlainCandidate> all;
  for (const auto& candidate : found.candidates) {
    PlainCandidate one;
    for (auto i = candidate.first_part; i < candidate.last_part; ++i) {
      const auto& part = found.parts[i];
      one.parts[{part.provider, part.resource_class}] += part.amount;
    }
    for (auto i = candidate.first_mapping; i < candidate.last_mapping; ++i) {
      one.mappings[found.mappings[i].group].insert(found.mappings[i].provider);
    }
    all.insert(std::move(one));
  }
  return all;
}

}  // namespace emplace::candidates
