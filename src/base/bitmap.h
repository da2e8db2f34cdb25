// Bitmap: a set of small integers, kept as the 64-bit words that are not empty, in order. Compact
// both when dense (16 bytes for 64 members) and when sparse (16 bytes for one).
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

namespace emplace {

class Bitmap {
 public:
  bool contains(std::uint32_t member) const {
    const auto at = find(member >> 6);
    return at != words_.end() && at->index == member >> 6 && (at->bits >> (member & 63) & 1);
  }
  bool empty() const { return words_.empty(); }
  std::size_t count() const {
    std::size_t members = 0;
    for (const auto& word : words_)
      members += static_cast<std::size_t>(std::popcount(word.bits));
    return members;
  }

  void add(std::uint32_t member) {
    const auto at = words_.begin() + (find(member >> 6) - words_.cbegin());
    const std::uint64_t bit = std::uint64_t{1} << (member & 63);
    if (at != words_.end() && at->index == member >> 6) {
      at->bits |= bit;
    } else {
      words_.insert(at, Word{bit, member >> 6});
    }
  }
  void remove(std::uint32_t member) {
    const auto at = words_.begin() + (find(member >> 6) - words_.cbegin());
    if (at == words_.end() || at->index != member >> 6) return;
    at->bits &= ~(std::uint64_t{1} << (member & 63));
    if (at->bits == 0) words_.erase(at);
  }

  Bitmap& operator&=(const Bitmap& other) {
    return merge(other, [](std::uint64_t a, std::uint64_t b) { return a & b; });
  }
  Bitmap& operator|=(const Bitmap& other) {
    return merge(other, [](std::uint64_t a, std::uint64_t b) { return a | b; });
  }
  Bitmap& operator-=(const Bitmap& other) {
    return merge(other, [](std::uint64_t a, std::uint64_t b) { return a & ~b; });
  }
  bool operator==(const Bitmap&) const = default;

  // Calls visit(member) in ascending order; a visit that returns false ends it.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const auto& word : words_) {
      for (std::uint64_t bits = word.bits; bits; bits &= bits - 1) {
        if (!visit(word.index * 64 + static_cast<std::uint32_t>(std::countr_zero(bits)))) return;
      }
    }
  }
  std::vector<std::uint32_t> members() const {
    std::vector<std::uint32_t> all;
    all.reserve(count());
    for_each([&](std::uint32_t member) {
      all.push_back(member);
      return true;
    });
    return all;
  }

 private:
  struct Word {
    std::uint64_t bits;
    std::uint32_t index;
    bool operator==(const Word&) const = default;
  };

  std::vector<Word>::const_iterator find(std::uint32_t index) const {
    return std::lower_bound(words_.begin(), words_.end(), index,
                            [](const Word& word, std::uint32_t i) { return word.index < i; });
  }

  template <class Combine>
  Bitmap& merge(const Bitmap& other, Combine combine) {
    std::vector<Word> merged;
    auto ours = words_.begin();
    auto theirs = other.words_.begin();
    const auto keep = [&](std::uint64_t bits, std::uint32_t index) {
      if (bits) merged.push_back(Word{bits, index});
    };
    while (ours != words_.end() || theirs != other.words_.end()) {
      const bool take_ours =
          theirs == other.words_.end() || (ours != words_.end() && ours->index <= theirs->index);
      const bool take_theirs =
          ours == words_.end() || (theirs != other.words_.end() && theirs->index <= ours->index);
      const std::uint32_t index = take_ours ? ours->index : theirs->index;
      keep(combine(take_ours ? ours->bits : 0, take_theirs ? theirs->bits : 0), index);
      ours += take_ours;
      theirs += take_theirs;
    }
    words_ = std::move(merged);
    return *this;
  }

  std::vector<Word> words_;
};

}  // namespace emplace
