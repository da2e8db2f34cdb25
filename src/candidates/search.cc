#include "candidates/search.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "candidates/collector.h"
#include "candidates/fit.h"
#include "candidates/plan.h"
#include "candidates/space.h"
#include "candidates/tree_search.h"

namespace emplace::candidates {
namespace {

Failure too_much_work(const Work& work) {
  return {Reason::overloaded,
          "The search for allocation candidates was given up after " + std::to_string(work.max) +
              " steps. Ask for fewer candidates with limit, or name fewer request groups, or"
              " narrow the groups with traits, aggregates or in_tree."};
}

// Loads what a search reads first of each of some trees, of all at the same time: one after another
// they cost several cache misses each, which is most of what a search of single hosts takes.
void prefetch(const World& world, const std::vector<std::uint32_t>& numbers) {
  constexpr std::ptrdiff_t line_bytes = 64, inventory_lines = 3;
  std::vector<const Tree*> trees;
  trees.reserve(numbers.size());
  for (const auto number : numbers) {
    trees.push_back(world.tree(number).get());
    __builtin_prefetch(trees.back());
  }
  for (const auto* tree : trees)
    __builtin_prefetch(tree->nodes.data());
  for (const auto* tree : trees) {
    __builtin_prefetch(&tree->root().inventories);
    __builtin_prefetch(&tree->root().aggregates);
  }
  for (const auto* tree : trees) {
    const auto* bytes = reinterpret_cast<const char*>(tree->root().inventories.data());
    for (std::ptrdiff_t i = 0; i < inventory_lines; ++i)
      __builtin_prefetch(bytes + i * line_bytes);
  }
}

// The order in which anchors are looked at: drawn as it is asked for, so that a small limit does
// not pay for all of them.
class AnchorOrder {
 public:
  AnchorOrder(const World& world, const Bitmap& anchors, Random* chance)
      : world_(world), anchors_(anchors), chance_(chance) {}

  // Calls visit(tree); a visit that returns false ends it.
  template <class Visit>
  void for_each(Visit&& visit) {
    bool go_on = true;
    const auto add = [&](std::uint32_t number) {
      block_.push_back(number);
      if (block_.size() == block_size) go_on = visit_block(visit);
      return go_on;
    };
    if (chance_) {
      auto left = anchors_.members();
      for (; go_on && !left.empty(); left.pop_back()) {
        std::swap(left.back(), left[chance_->below(left.size())]);
        add(left.back());
      }
    } else {
      anchors_.for_each(add);
    }
    if (go_on) visit_block(visit);
  }

 private:
  static constexpr std::size_t block_size = 16;

  template <class Visit>
  bool visit_block(Visit& visit) {
    prefetch(world_, block_);
    for (const auto number : block_) {
      if (!visit(number)) return false;
    }
    block_.clear();
    return true;
  }

  const World& world_;
  const Bitmap& anchors_;
  Random* chance_;
  std::vector<std::uint32_t> block_;
};

class Search {
 public:
  Search(const World& world, const Plan& plan, Visible visible, Work& work, Random* chance,
         std::uint64_t limit)
      : space_(world, plan, visible),
        work_(work),
        chance_(chance),
        collector_(space_, work, limit) {
    // The commonest case by far: hosts without children, asked for what they have themselves.
    single_ = plan.groups.size() == 1 && !plan.groups[0].suffixed && space_.sharing().empty();
  }

  void run(bool breadth_first) {
    const Bitmap anchors = space_.anchors();
    if (single_) collector_.reserve(anchors.count());
    if (breadth_first) {
      take_turns(anchors);
    } else {
      one_by_one(anchors);
    }
  }
  Found finish() && { return std::move(collector_).finish(); }

 private:
  bool go_on() const { return !collector_.full() && !work_.exhausted(); }

  // Whether the tree is a single provider, and so has been dealt with.
  bool take_single(std::uint32_t number) {
    const Tree& tree = *space_.world().tree(number);
    if (!single_ || tree.nodes.size() != 1) return false;
    work_.add(1);
    const Provider& host = tree.root();
    if (!space_.may_anchor(host)) return true;
    for (const auto& slot : space_.slots()) {
      if (!space_.serves_inside(slot, number, host, host)) return true;
    }
    if (has_all(host, space_.plan().groups[0].traits)) collector_.add_single(Place{number, 0});
    return true;
  }

  void one_by_one(const Bitmap& anchors) {
    TreeSearch search(space_, work_, chance_);
    AnchorOrder(space_.world(), anchors, chance_).for_each([&](std::uint32_t number) {
      if (!go_on()) return false;
      if (take_single(number) || !search.open(number)) return true;
      while (go_on() && search.next())
        collector_.add(search);
      return true;
    });
  }

  void take_turns(const Bitmap& anchors) {
    std::deque<std::unique_ptr<TreeSearch>> waiting;
    std::unique_ptr<TreeSearch> search;
    const auto take_turn = [&] {
      if (!search->next()) return;
      collector_.add(*search);
      waiting.push_back(std::move(search));
    };
    AnchorOrder(space_.world(), anchors, chance_).for_each([&](std::uint32_t number) {
      if (!go_on()) return false;
      if (take_single(number)) return true;
      if (!search) search = std::make_unique<TreeSearch>(space_, work_, chance_);
      if (search->open(number)) take_turn();
      return true;
    });
    while (go_on() && !waiting.empty()) {
      search = std::move(waiting.front());
      waiting.pop_front();
      take_turn();
    }
  }

  SearchSpace space_;
  Work& work_;
  Random* chance_;
  Collector collector_;
  bool single_ = false;
};

// Whether upstream finds one of these groups empty by itself, and so does not look further.
Result<bool> comes_out_empty(const World& world, const Plan& plan, Visible visible, Work& work) {
  bool any_root = false;
  world.all_trees().for_each([&](std::uint32_t number) {
    const Provider& root = world.tree(number)->root();
    any_root = has_all(root, plan.root_traits) && has_none(root, plan.root_traits) &&
               (!visible || (*visible)(root));
    return !any_root;
  });
  const bool roots_are_asked_for =
      !plan.root_traits.any_of.empty() || !plan.root_traits.none_of.empty();
  if (roots_are_asked_for && !any_root) return true;
  for (const auto& group : plan.groups) {
    Plan alone;
    alone.root_traits = plan.root_traits;
    alone.groups.push_back(group);
    Search search(world, alone, visible, work, nullptr, 1);
    search.run(false);
    if (work.exhausted()) return tl::unexpected(too_much_work(work));
    if (std::move(search).finish().candidates.empty()) return true;
  }
  return false;
}

std::uint64_t limit_of(const Query& query, const Options& options) {
  std::uint64_t limit = Collector::no_limit;
  if (query.limit && *query.limit > 0) limit = static_cast<std::uint64_t>(*query.limit);
  if (options.candidates_max >= 0) {
    limit = std::min(limit, static_cast<std::uint64_t>(options.candidates_max));
  }
  return limit;
}

}  // namespace

Result<Found> find(const World& world, const Query& query, const Options& options) {
  Work work{.max = options.work_max};
  Plan plan;
  plan.isolate = query.group_policy == GroupPolicy::isolate;
  plan.nested = query.nested;
  plan.root_traits = TRY(resolve_traits(world, query.root_traits));
  for (const auto& group : query.groups) {
    auto resolved = resolve_group(world, group, options.visible);
    if (!resolved) {
      const bool empty = TRY(comes_out_empty(world, plan, options.visible, work));
      if (empty) return Found{};
      return tl::unexpected(std::move(resolved.error()));
    }
    if (resolved->hopeless) return Found{};
    plan.groups.push_back(std::move(*resolved));
  }
  plan.same_subtree = resolve_same_subtree(query);
  if (plan.groups.empty()) return Found{};

  std::optional<Random> chance;
  if (options.shuffle_seed) chance.emplace(*options.shuffle_seed);
  Search search(world, plan, options.visible, work, chance ? &*chance : nullptr,
                limit_of(query, options));
  search.run(options.breadth_first);
  if (work.exhausted()) return tl::unexpected(too_much_work(work));
  return std::move(search).finish();
}

}  // namespace emplace::candidates
