// Sharing: the providers with the trait MISC_SHARES_VIA_AGGREGATE, and which trees they serve:
// their own, and each that has a provider in one of their aggregates.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/bitmap.h"
#include "model/world.h"

namespace emplace::candidates {

class Sharing {
 public:
  struct Member {
    Place place;
    const Provider* provider;
  };

  explicit Sharing(const World& world);

  bool empty() const { return members_.empty(); }
  bool includes(const Provider& provider) const { return trait_ && provider.has_trait(*trait_); }
  std::size_t size() const { return members_.size(); }
  const Member& operator[](std::size_t index) const { return members_[index]; }

  // The trees that a member serves.
  Bitmap trees_of(std::size_t index) const;
  // The members (by index, ascending) outside of this tree that serve it.
  std::vector<std::uint32_t> serving(std::uint32_t number) const;

 private:
  const World& world_;
  std::optional<TraitId> trait_;
  std::vector<Member> members_;
  std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> by_aggregate_;
};

}  // namespace emplace::candidates
