// ExpiringCache: values that may be used until a given moment, at most a given number of them; the
// one that nobody has asked for the longest goes first. Not thread-safe.
#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <string>
#include <unordered_map>
#include <utility>

namespace emplace::auth {

// Of a clock that nobody sets, so that what is kept cannot live longer when the time is put back.
using Moment = std::chrono::steady_clock::time_point;

template <class Value>
class ExpiringCache {
 public:
  explicit ExpiringCache(std::size_t size_max) : size_max_(size_max) {}

  // nullptr if there is none that may still be used. Valid until the next keep() or drop().
  const Value* find(const std::string& key, Moment now) {
    const auto found = places_.find(key);
    if (found == places_.end()) return nullptr;
    if (found->second->until <= now) {
      erase(found);
      return nullptr;
    }
    entries_.splice(entries_.begin(), entries_, found->second);
    return &found->second->value;
  }

  void keep(const std::string& key, Value value, Moment until) {
    drop(key);
    if (size_max_ == 0) return;
    if (entries_.size() == size_max_) erase(places_.find(entries_.back().key));
    entries_.push_front({key, std::move(value), until});
    places_.emplace(key, entries_.begin());
  }

  void drop(const std::string& key) {
    const auto found = places_.find(key);
    if (found != places_.end()) erase(found);
  }

  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::string key;
    Value value;
    Moment until;
  };
  using Places = std::unordered_map<std::string, typename std::list<Entry>::iterator>;

  void erase(typename Places::iterator place) {
    entries_.erase(place->second);
    places_.erase(place);
  }

  std::size_t size_max_;
  std::list<Entry> entries_;  // the one asked for last is first
  Places places_;
};

}  // namespace emplace::auth
