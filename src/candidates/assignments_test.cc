#include "candidates/assignments.h"

#include <cstdint>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"

namespace emplace::candidates {
namespace {

using Assignment = std::vector<std::uint32_t>;

// Tight, so that there are dead ends that no counting foresees; of few kinds of providers, so that
// many are equal.
AssignmentProblem random_problem(std::uint64_t seed) {
  Random random(seed);
  AssignmentProblem problem;
  problem.dimensions = static_cast<std::uint32_t>(random.below(3));
  const auto providers = 2 + random.below(3), kinds = 1 + random.below(2);
  std::vector<std::int64_t> rooms;
  std::vector<std::uint64_t> covers;
  std::vector<bool> rare;
  for (std::uint64_t kind = 0; kind < kinds; ++kind) {
    for (std::uint32_t d = 0; d < problem.dimensions; ++d) {
      rooms.push_back(3 + static_cast<std::int64_t>(random.below(6)));
    }
    covers.push_back(random.below(8));
    rare.push_back(random.below(3) == 0);
  }
  std::vector<std::uint64_t> kind_of;
  for (std::uint64_t i = 0; i < providers; ++i) {
    const auto kind = random.below(kinds);
    kind_of.push_back(kind);
    for (std::uint32_t d = 0; d < problem.dimensions; ++d) {
      problem.room.push_back(rooms[kind * problem.dimensions + d]);
    }
    problem.cover.push_back(random.below(4) == 0 ? random.below(8) : covers[kind]);
  }
  if (random.below(2) == 0) problem.needed = random.below(8);
  const auto slots = 2 + random.below(5);
  for (std::uint64_t i = 0; i < slots; ++i) {
    auto& slot = problem.slots.emplace_back();
    for (std::uint32_t p = 0; p < providers; ++p) {
      if (!rare[kind_of[p]] || random.below(2) == 0) slot.choices.push_back(p);
    }
    if (slot.choices.empty()) slot.choices.push_back(0);
    for (std::uint32_t d = 0; d < problem.dimensions; ++d) {
      if (random.below(4)) slot.uses.push_back({d, 1 + static_cast<std::int64_t>(random.below(5))});
    }
    slot.covers = random.below(2) == 0;
  }
  return problem;
}

bool is_allowed(const AssignmentProblem& problem, const Assignment& assignment) {
  auto room = problem.room;
  std::uint64_t covered = 0;
  for (std::size_t slot = 0; slot < assignment.size(); ++slot) {
    for (const auto& use : problem.slots[slot].uses) {
      auto& left = room[assignment[slot] * problem.dimensions + use.dimension];
      left -= use.amount;
      if (left < 0) return false;
    }
    if (problem.slots[slot].covers) covered |= problem.cover[assignment[slot]];
  }
  return (covered & problem.needed) == problem.needed;
}

void try_all(const AssignmentProblem& problem, Assignment& assignment,
             std::set<Assignment>& allowed) {
  if (assignment.size() == problem.slots.size()) {
    if (is_allowed(problem, assignment)) allowed.insert(assignment);
    return;
  }
  for (const auto provider : problem.slots[assignment.size()].choices) {
    assignment.push_back(provider);
    try_all(problem, assignment, allowed);
    assignment.pop_back();
  }
}

std::vector<Assignment> all_of(Assignments& assignments, const AssignmentProblem& problem) {
  std::vector<Assignment> all;
  assignments.start(problem);
  while (assignments.next()) {
    auto& assignment = all.emplace_back();
    for (std::size_t slot = 0; slot < problem.slots.size(); ++slot) {
      assignment.push_back(assignments[slot]);
    }
  }
  return all;
}

TEST(Assignments, AreAllThatAreAllowedEachOnce) {
  Work work;
  Assignments assignments(work);  // one for all, as the search uses it
  int some = 0, none = 0;
  for (std::uint64_t seed = 1; seed <= 6000; ++seed) {
    const auto problem = random_problem(seed);
    std::set<Assignment> expected;
    Assignment assignment;
    try_all(problem, assignment, expected);
    const auto found = all_of(assignments, problem);
    ASSERT_EQ(found.size(), expected.size()) << "seed " << seed;
    ASSERT_EQ(std::set<Assignment>(found.begin(), found.end()), expected) << "seed " << seed;
    ++(expected.empty() ? none : some);
  }
  EXPECT_GT(some, 1000);
  EXPECT_GT(none, 1000);
}

TEST(Assignments, EndWhenTheWorkIsExhausted) {
  AssignmentProblem problem;
  problem.slots.resize(3);
  for (auto& slot : problem.slots)
    slot.choices = {0, 1, 2, 3};
  Work work{.max = 20};
  Assignments assignments(work);
  EXPECT_LT(all_of(assignments, problem).size(), 20u);
  EXPECT_TRUE(work.exhausted());
  EXPECT_FALSE(assignments.next());
}

// 13 large slots for 12 providers that take one each. All those states that differ in who takes the
// small ones are dead, too many to walk through.
TEST(Assignments, LearnFromADeadEndForAllEqualProviders) {
  AssignmentProblem problem;
  problem.dimensions = 2;
  constexpr std::uint32_t providers = 12, small = 8, large = 13;
  for (std::uint32_t i = 0; i < providers; ++i) {
    problem.room.insert(problem.room.end(), {10, 10});
  }
  for (std::uint32_t i = 0; i < small + large; ++i) {
    auto& slot = problem.slots.emplace_back();
    for (std::uint32_t p = 0; p < providers; ++p)
      slot.choices.push_back(p);
    // The large ones exclude each other by one dimension or the other, so that neither shows it.
    if (i < small) {
      slot.uses = {{0, 1}};
    } else if (i % 2) {
      slot.uses = {{0, 6}, {1, 5}};
    } else {
      slot.uses = {{0, 5}, {1, 6}};
    }
  }
  Work work{.max = 1'000'000};
  Assignments assignments(work);
  EXPECT_TRUE(all_of(assignments, problem).empty());
  EXPECT_FALSE(work.exhausted()) << work.done;
}

}  // namespace
}  // namespace emplace::candidates
