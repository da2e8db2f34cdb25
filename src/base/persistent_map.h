// PersistentMap: an immutable hash map whose copies share what they have in common (a compressed
// hash trie, 32 branches a level). Copying is one pointer; a change copies the path to the entry.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/uuid.h"

namespace emplace {

// Keys are looked up by anything that hashes and compares like them (std::string by string_view).
struct PersistentHash {
  std::size_t operator()(const Uuid& uuid) const { return hash_value(uuid); }
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};

template <class Key, class Value>
class PersistentMap {
 public:
  using Entry = std::pair<Key, Value>;

  // The map of these entries, much faster than set() for each. Requires: no key comes twice.
  static PersistentMap from(std::vector<Entry> entries) {
    std::vector<Hashed> hashed;
    hashed.reserve(entries.size());
    for (std::size_t i = 0; i < entries.size(); ++i) {
      hashed.push_back({PersistentHash{}(entries[i].first), i});
    }
    std::vector<Hashed> scratch(hashed.size());
    PersistentMap map;
    map.size_ = entries.size();
    if (!entries.empty()) {
      map.root_ = build(hashed.data(), scratch.data(), hashed.size(), 0, entries);
    }
    return map;
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // The value, or nullptr. It lives as long as this map or any copy that shares it.
  template <class Lookup>
  const Value* find(const Lookup& key) const {
    const std::size_t hash = PersistentHash{}(key);
    const Node* node = root_.get();
    for (unsigned shift = 0; node; shift += bits) {
      if (shift >= hash_bits) return find_among(node->entries, key);
      const std::uint32_t bit = bit_of(hash, shift);
      if (node->entry_bits & bit) {
        const Entry& entry = node->entries[rank(node->entry_bits, bit)];
        return entry.first == key ? &entry.second : nullptr;
      }
      if (!(node->child_bits & bit)) return nullptr;
      node = node->children[rank(node->child_bits, bit)].get();
    }
    return nullptr;
  }
  template <class Lookup>
  bool contains(const Lookup& key) const {
    return find(key) != nullptr;
  }

  // Adds or replaces.
  void set(Key key, Value value) {
    const std::size_t hash = PersistentHash{}(key);
    bool added = false;
    root_ = with(root_.get(), 0, hash, Entry{std::move(key), std::move(value)}, added);
    size_ += added;
  }

  template <class Lookup>
  void erase(const Lookup& key) {
    if (!contains(key)) return;
    root_ = without(root_.get(), 0, PersistentHash{}(key), key);
    --size_;
  }

  // Calls visit(key, value) for each entry, in an order that depends on nothing but the keys.
  template <class Visit>
  void for_each(Visit&& visit) const {
    if (root_) for_each_below(*root_, visit);
  }

 private:
  static constexpr unsigned bits = 5, hash_bits = 60;

  struct Node {
    std::uint32_t entry_bits = 0, child_bits = 0;
    std::vector<Entry> entries;  // at the deepest level: all that share a hash, unordered
    std::vector<std::shared_ptr<const Node>> children;
  };
  using NodePtr = std::shared_ptr<const Node>;

  struct Hashed {
    std::size_t hash = 0, index = 0;  // of an entry
  };

  // The node of `count` > 0 entries that share their hash below `shift`; moves them out of
  // `entries`, and reorders `hashed` by means of `scratch`, as long as it.
  static NodePtr build(Hashed* hashed, Hashed* scratch, std::size_t count, unsigned shift,
                       std::vector<Entry>& entries) {
    auto node = std::make_shared<Node>();
    if (shift >= hash_bits) {
      for (std::size_t i = 0; i < count; ++i) {
        node->entries.push_back(std::move(entries[hashed[i].index]));
      }
      return node;
    }
    constexpr std::size_t branches = std::size_t{1} << bits;
    const auto branch_of = [shift](const Hashed& each) {
      return (each.hash >> shift) & (branches - 1);
    };
    std::array<std::size_t, branches + 1> begin{};
    for (std::size_t i = 0; i < count; ++i)
      ++begin[branch_of(hashed[i]) + 1];
    std::size_t single = 0, many = 0;
    for (std::size_t i = 0; i < branches; ++i) {
      single += begin[i + 1] == 1;
      many += begin[i + 1] > 1;
      begin[i + 1] += begin[i];
    }
    auto end = begin;
    for (std::size_t i = 0; i < count; ++i)
      scratch[end[branch_of(hashed[i])]++] = hashed[i];
    std::copy(scratch, scratch + count, hashed);
    node->entries.reserve(single);
    node->children.reserve(many);
    for (std::size_t i = 0; i < branches; ++i) {
      const std::size_t size = begin[i + 1] - begin[i];
      if (size == 1) {
        node->entry_bits |= std::uint32_t{1} << i;
        node->entries.push_back(std::move(entries[hashed[begin[i]].index]));
      } else if (size > 1) {
        node->child_bits |= std::uint32_t{1} << i;
        node->children.push_back(
            build(hashed + begin[i], scratch + begin[i], size, shift + bits, entries));
      }
    }
    return node;
  }

  static std::uint32_t bit_of(std::size_t hash, unsigned shift) {
    return std::uint32_t{1} << ((hash >> shift) & 31);
  }
  static std::size_t rank(std::uint32_t set, std::uint32_t bit) {
    return static_cast<std::size_t>(std::popcount(set & (bit - 1)));
  }
  template <class Lookup>
  static const Value* find_among(const std::vector<Entry>& entries, const Lookup& key) {
    for (const auto& entry : entries) {
      if (entry.first == key) return &entry.second;
    }
    return nullptr;
  }

  static NodePtr with(const Node* node, unsigned shift, std::size_t hash, Entry entry,
                      bool& added) {
    auto copy = node ? std::make_shared<Node>(*node) : std::make_shared<Node>();
    if (shift >= hash_bits) {
      for (auto& old : copy->entries) {
        if (old.first == entry.first) {
          old.second = std::move(entry.second);
          return copy;
        }
      }
      copy->entries.push_back(std::move(entry));
      added = true;
      return copy;
    }
    const std::uint32_t bit = bit_of(hash, shift);
    if (copy->child_bits & bit) {
      auto& child = copy->children[rank(copy->child_bits, bit)];
      child = with(child.get(), shift + bits, hash, std::move(entry), added);
      return copy;
    }
    const std::size_t at = rank(copy->entry_bits, bit);
    const auto position = copy->entries.begin() + static_cast<std::ptrdiff_t>(at);
    if (!(copy->entry_bits & bit)) {
      copy->entries.insert(position, std::move(entry));
      copy->entry_bits |= bit;
      added = true;
      return copy;
    }
    if (position->first == entry.first) {
      position->second = std::move(entry.second);
      return copy;
    }
    // Two keys meet here: both move one level down.
    Entry old = std::move(*position);
    copy->entries.erase(position);
    copy->entry_bits &= ~bit;
    bool ignored = false;
    const std::size_t old_hash = PersistentHash{}(old.first);
    auto child = with(nullptr, shift + bits, old_hash, std::move(old), ignored);
    child = with(child.get(), shift + bits, hash, std::move(entry), added);
    copy->children.insert(
        copy->children.begin() + static_cast<std::ptrdiff_t>(rank(copy->child_bits, bit)),
        std::move(child));
    copy->child_bits |= bit;
    return copy;
  }

  // Requires: the key is there. Empty nodes vanish.
  template <class Lookup>
  static NodePtr without(const Node* node, unsigned shift, std::size_t hash, const Lookup& key) {
    auto copy = std::make_shared<Node>(*node);
    if (shift >= hash_bits) {
      std::erase_if(copy->entries, [&](const Entry& entry) { return entry.first == key; });
    } else if (const std::uint32_t bit = bit_of(hash, shift); copy->entry_bits & bit) {
      const auto at = static_cast<std::ptrdiff_t>(rank(copy->entry_bits, bit));
      copy->entries.erase(copy->entries.begin() + at);
      copy->entry_bits &= ~bit;
    } else {
      const auto at = static_cast<std::ptrdiff_t>(rank(copy->child_bits, bit));
      auto child =
          without(copy->children[static_cast<std::size_t>(at)].get(), shift + bits, hash, key);
      if (child) {
        copy->children[static_cast<std::size_t>(at)] = std::move(child);
      } else {
        copy->children.erase(copy->children.begin() + at);
        copy->child_bits &= ~bit;
      }
    }
    if (copy->entries.empty() && copy->children.empty()) return nullptr;
    return copy;
  }

  template <class Visit>
  static void for_each_below(const Node& node, Visit& visit) {
    for (const auto& [key, value] : node.entries)
      visit(key, value);
    for (const auto& child : node.children)
      for_each_below(*child, visit);
  }

  NodePtr root_;
  std::size_t size_ = 0;
};

// A set is a map to nothing.
struct Nothing {};
template <class Key>
using PersistentSet = PersistentMap<Key, Nothing>;

}  // namespace emplace
