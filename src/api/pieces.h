// Ready-made pieces of JSON for each provider, made when a tree is first asked about and kept with
// it: large lists are then mostly copied memory. Any thread.
#pragma once

#include <cstddef>
#include <string>

#include "api/microversion.h"
#include "model/world.h"

namespace emplace::api {

struct ProviderPieces {
  // The provider's object, with all its links, parent and root (from 1.14).
  std::string listing;
  // Its member of provider_summaries: `"uuid": {…}` (from 1.29).
  std::string summary;
};

// Requires: the tree is one of the World's, `index` one of its nodes.
const ProviderPieces& pieces_of(const World& world, const Tree& tree, std::size_t index);

// The provider's object as a version shows it.
std::string provider_json(const Tree& tree, std::size_t index, Microversion version);

}  // namespace emplace::api
