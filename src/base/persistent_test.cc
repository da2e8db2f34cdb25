#include <map>
#include <set>

#include <gtest/gtest.h>

#include "base/bitmap.h"
#include "base/persistent_map.h"
#include "base/persistent_vector.h"
#include "base/random.h"

namespace emplace {
namespace {

TEST(PersistentMap, AgreesWithStdMapWhileOldCopiesStay) {
  Random random(7);
  std::map<std::string, int> expected, expected_before;
  PersistentMap<std::string, int> map, before;
  for (int step = 0; step < 20000; ++step) {
    const auto key = std::to_string(random.below(3000));
    if (random.below(3) == 0) {
      map.erase(key);
      expected.erase(key);
    } else {
      map.set(key, step);
      expected[key] = step;
    }
    if (step == 10000) {
      before = map;
      expected_before = expected;
    }
  }
  for (const auto& [actual, wanted] :
       {std::pair(map, expected), std::pair(before, expected_before)}) {
    std::map<std::string, int> seen;
    actual.for_each([&](const std::string& key, int value) { seen[key] = value; });
    EXPECT_EQ(seen, wanted);
    EXPECT_EQ(actual.size(), wanted.size());
    for (const auto& [key, value] : wanted) {
      ASSERT_TRUE(actual.find(std::string_view(key)));
      EXPECT_EQ(*actual.find(std::string_view(key)), value);
    }
    EXPECT_FALSE(actual.contains(std::string_view("none")));
  }
}

TEST(PersistentMap, BuiltAtOnceIsTheMapBuiltOneByOne) {
  Random random(11);
  for (const std::size_t count : {0u, 1u, 2u, 40u, 5000u}) {
    std::vector<std::pair<Uuid, int>> entries;
    PersistentMap<Uuid, int> one_by_one;
    for (std::size_t i = 0; i < count; ++i) {
      entries.emplace_back(random.uuid(), static_cast<int>(i));
      one_by_one.set(entries.back().first, entries.back().second);
    }
    const auto all = entries;
    auto at_once = PersistentMap<Uuid, int>::from(std::move(entries));
    const auto listed = [](const PersistentMap<Uuid, int>& map) {
      std::vector<std::pair<Uuid, int>> found;
      map.for_each([&](const Uuid& key, int value) { found.emplace_back(key, value); });
      return found;
    };
    EXPECT_EQ(listed(at_once), listed(one_by_one));
    EXPECT_EQ(at_once.size(), count);
    for (const auto& [key, value] : all) {
      ASSERT_TRUE(at_once.contains(key));
      at_once.erase(key);
    }
    EXPECT_TRUE(at_once.empty());
    EXPECT_TRUE(listed(at_once).empty());
  }
}

TEST(PersistentVector, AgreesWithStdVectorWhileOldCopiesStay) {
  Random random(7);
  std::vector<int> expected;
  PersistentVector<int> vector;
  for (int i = 0; i < 10000; ++i) {
    vector.push_back(i);
    expected.push_back(i);
  }
  const auto before = vector;
  for (int step = 0; step < 5000; ++step) {
    const auto at = random.below(10000);
    vector.set(at, -step);
    expected[at] = -step;
  }
  ASSERT_EQ(vector.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(vector[i], expected[i]);
    EXPECT_EQ(before[i], static_cast<int>(i));
  }
}

TEST(Bitmap, AgreesWithStdSet) {
  Random random(7);
  std::set<std::uint32_t> a, b;
  Bitmap left, right;
  for (int step = 0; step < 5000; ++step) {
    const auto member = static_cast<std::uint32_t>(random.below(2000));
    switch (random.below(3)) {
      case 0:
        a.insert(member), left.add(member);
        break;
      case 1:
        b.insert(member), right.add(member);
        break;
      default:
        a.erase(member), left.remove(member);
        break;
    }
  }
  const auto check = [](const Bitmap& bitmap, const std::set<std::uint32_t>& set) {
    EXPECT_EQ(bitmap.members(), std::vector<std::uint32_t>(set.begin(), set.end()));
    EXPECT_EQ(bitmap.count(), set.size());
    for (std::uint32_t i = 0; i < 2000; ++i)
      EXPECT_EQ(bitmap.contains(i), set.contains(i));
  };
  check(left, a);
  std::set<std::uint32_t> both, any = a, rest;
  any.insert(b.begin(), b.end());
  for (const auto member : a)
    (b.contains(member) ? both : rest).insert(member);
  check(Bitmap(left) &= right, both);
  check(Bitmap(left) |= right, any);
  check(Bitmap(left) -= right, rest);
}

}  // namespace
}  // namespace emplace
