#include "candidates/tree_search.h"

#include <algorithm>
#include <map>
#include <utility>

#include "candidates/fit.h"

namespace emplace::candidates {

bool TreeSearch::open(std::uint32_t number) {
  const Tree& tree = *space_.world().tree(number);
  work_.add(tree.nodes.size());
  if (!space_.may_anchor(tree.root()) || !find_choices(tree, number)) return false;
  if (chance_) {
    for (auto& slot : problem_.slots) {
      for (std::size_t i = slot.choices.size(); i > 1; --i) {
        std::swap(slot.choices[i - 1], slot.choices[chance_->below(i)]);
      }
    }
  }
  find_room();
  find_needed_traits();
  auto rules = make_rules();
  partitioned_ = !rules.empty();
  if (!partitioned_) {
    assignments_.start(problem_);
    return true;
  }
  std::vector<Choices> choices;
  for (const auto& slot : problem_.slots)
    choices.push_back(slot.choices);
  partition_.start(std::move(choices), std::move(rules), parents());
  return start_next_part();
}

bool TreeSearch::next() {
  while (true) {
    while (assignments_.next()) {
      if (late_traits_.empty() || has_late_traits()) return true;
    }
    if (work_.exhausted() || !partitioned_ || !start_next_part()) return false;
  }
}

bool TreeSearch::start_next_part() {
  if (!partition_.next()) {
    partitioned_ = false;
    return false;
  }
  for (std::size_t i = 0; i < problem_.slots.size(); ++i) {
    problem_.slots[i].choices = partition_.choices()[i];
  }
  assignments_.start(problem_);
  return true;
}

bool TreeSearch::is_shared() const {
  for (std::size_t i = 0; i < problem_.slots.size(); ++i) {
    if (!space_.sharing().includes(*providers_[assignments_[i]].provider)) return false;
  }
  return true;
}

// --- choices ------------------------------------------------------------------------------------

bool TreeSearch::find_choices(const Tree& tree, std::uint32_t number) {
  const auto& slots = space_.slots();
  problem_.slots.resize(slots.size());
  providers_.clear();
  for (std::uint32_t i = 0; i < tree.nodes.size(); ++i) {
    providers_.push_back(Local{Place{number, i}, tree.nodes[i].provider.get()});
  }
  const Provider& root = tree.root();
  bool any_from_outside = false;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    auto& choices = problem_.slots[i].choices;
    choices.clear();
    for (std::uint32_t node = 0; node < tree.nodes.size(); ++node) {
      if (space_.serves_inside(slots[i], number, root, *providers_[node].provider)) {
        choices.push_back(node);
      }
    }
    if (choices.empty() && !slots[i].any_from_outside) return false;
    any_from_outside = any_from_outside || slots[i].any_from_outside;
  }
  if (any_from_outside) add_outsiders(number);
  return std::none_of(problem_.slots.begin(), problem_.slots.end(),
                      [](const auto& slot) { return slot.choices.empty(); });
}

void TreeSearch::add_outsiders(std::uint32_t number) {
  const auto& slots = space_.slots();
  for (const auto index : space_.sharing().serving(number)) {
    const auto local = static_cast<std::uint32_t>(providers_.size());
    bool used = false;
    for (std::size_t i = 0; i < slots.size(); ++i) {
      if (!slots[i].any_from_outside || !slots[i].from_outside[index]) continue;
      problem_.slots[i].choices.push_back(local);
      used = true;
    }
    const auto& member = space_.sharing()[index];
    if (used) providers_.push_back(Local{member.place, member.provider});
  }
}

// Sets up the dimensions in which some provider could be asked for more than it has: in most trees
// there are none, and then any choices go together.
void TreeSearch::find_room() {
  problem_.dimensions = 0;
  problem_.room.clear();
  const auto& slots = space_.slots();
  for (std::size_t i = 0; i < slots.size(); ++i)
    problem_.slots[i].uses.clear();
  const std::uint32_t dimensions = space_.dimensions();
  if (dimensions == 0) return;

  std::vector<std::int64_t> room(providers_.size() * dimensions, 0), asked(room.size(), 0);
  for (std::size_t i = 0; i < providers_.size(); ++i) {
    for (std::uint32_t d = 0; d < space_.contested().size(); ++d) {
      const auto* inventory = providers_[i].provider->find_inventory(space_.contested()[d]);
      room[i * dimensions + d] = inventory ? room_of(*inventory) : 0;
    }
    if (space_.isolates()) room[i * dimensions + dimensions - 1] = 1;
  }
  std::vector<std::int32_t> kept(dimensions, -1);
  for (std::size_t i = 0; i < slots.size(); ++i) {
    for (const auto provider : problem_.slots[i].choices) {
      for (const auto& use : slots[i].uses) {
        const std::size_t at = provider * dimensions + use.dimension;
        asked[at] += use.amount;
        if (asked[at] > room[at]) kept[use.dimension] = 0;
      }
    }
  }
  for (auto& dimension : kept) {
    if (dimension == 0) dimension = static_cast<std::int32_t>(problem_.dimensions++);
  }
  if (problem_.dimensions == 0) return;
  for (std::size_t i = 0; i < room.size(); ++i) {
    if (kept[i % dimensions] >= 0) problem_.room.push_back(room[i]);
  }
  for (std::size_t i = 0; i < slots.size(); ++i) {
    for (const auto& use : slots[i].uses) {
      const auto dimension = kept[use.dimension];
      if (dimension < 0) continue;
      problem_.slots[i].uses.push_back({static_cast<std::uint32_t>(dimension), use.amount});
    }
  }
}

// --- traits that providers have together --------------------------------------------------------

void TreeSearch::find_needed_traits() {
  constexpr std::size_t bits = 64;
  const auto& slots = space_.slots();
  late_traits_.clear();
  problem_.needed = 0;
  problem_.cover.clear();
  const std::vector<std::vector<TraitId>>* required = nullptr;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    problem_.slots[i].covers = slots[i].covers_traits;
    if (slots[i].covers_traits) required = &space_.plan().groups[slots[i].group].traits.any_of;
  }
  if (!required) return;
  const std::size_t early = std::min(required->size(), bits);
  problem_.needed = early == bits ? ~std::uint64_t{0} : (std::uint64_t{1} << early) - 1;
  for (std::size_t i = early; i < required->size(); ++i)
    late_traits_.push_back(&(*required)[i]);
  for (const auto& local : providers_) {
    std::uint64_t cover = 0;
    for (std::size_t i = 0; i < early; ++i) {
      if (has_any(*local.provider, (*required)[i])) cover |= std::uint64_t{1} << i;
    }
    problem_.cover.push_back(cover);
  }
}

bool TreeSearch::has_late_traits() const {
  return std::all_of(late_traits_.begin(), late_traits_.end(), [&](const auto* any) {
    for (std::size_t i = 0; i < problem_.slots.size(); ++i) {
      if (problem_.slots[i].covers && has_any(*providers_[assignments_[i]].provider, *any)) {
        return true;
      }
    }
    return false;
  });
}

// --- rules --------------------------------------------------------------------------------------

std::vector<Rule> TreeSearch::make_rules() const {
  std::vector<Rule> rules;
  const auto& slots = space_.slots();
  for (const auto& groups : space_.plan().same_subtree) {
    Rule rule;
    for (std::uint32_t i = 0; i < slots.size(); ++i) {
      if (std::find(groups.begin(), groups.end(), slots[i].group) != groups.end()) {
        rule.slots.push_back(i);
      }
    }
    rules.push_back(std::move(rule));
  }
  if (space_.plan().nested) return rules;

  // Below 1.29: no two providers of one tree.
  std::vector<bool> used(providers_.size());
  std::vector<std::uint32_t> takers;
  for (std::uint32_t i = 0; i < slots.size(); ++i) {
    if (slots[i].demands.empty()) continue;
    takers.push_back(i);
    for (const auto provider : problem_.slots[i].choices)
      used[provider] = true;
  }
  std::map<std::uint32_t, std::vector<bool>> trees;
  std::map<std::uint32_t, std::size_t> counts;
  for (std::size_t i = 0; i < providers_.size(); ++i) {
    if (!used[i]) continue;
    const auto tree = providers_[i].place.tree;
    auto& of_tree = trees[tree];
    of_tree.resize(providers_.size());
    of_tree[i] = true;
    ++counts[tree];
  }
  if (takers.size() < 2) return rules;
  for (auto& [tree, of_tree] : trees) {
    if (counts[tree] < 2) continue;
    rules.push_back(Rule{Rule::Kind::one_of_tree, takers, std::move(of_tree)});
  }
  return rules;
}

std::vector<std::int32_t> TreeSearch::parents() const {
  std::map<Place, std::int32_t> numbers;
  for (std::size_t i = 0; i < providers_.size(); ++i) {
    numbers[providers_[i].place] = static_cast<std::int32_t>(i);
  }
  std::vector<std::int32_t> parents;
  for (const auto& local : providers_) {
    const auto& nodes = space_.world().tree(local.place.tree)->nodes;
    std::int32_t parent = -1;
    for (auto up = nodes[local.place.index].parent; up >= 0 && parent < 0;
         up = nodes[static_cast<std::size_t>(up)].parent) {
      const auto found = numbers.find(Place{local.place.tree, static_cast<std::uint32_t>(up)});
      if (found != numbers.end()) parent = found->second;
    }
    parents.push_back(parent);
  }
  return parents;
}

}  // namespace emplace::candidates
