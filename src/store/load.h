// Reads a World, and which rows it is, out of a database with the newest schema.
#pragma once

#include <functional>
#include <string>

#include "model/world.h"
#include "store/incomplete_owner.h"
#include "store/rows.h"
#include "store/sql/source.h"

namespace emplace::store {

struct LoadOptions {
  IncompleteOwner incomplete_owner = {};
  // A sentence for the log about odd data that was found, and how it is taken.
  std::function<void(const std::string&)> report = {};
  bool has_owners = true;         // the table emplace_provider_owners exists
  bool has_exact_ratios = false;  // the table emplace_exact_ratios exists (MariaDB)
  bool reverse_maps = false;      // Rows get them (shared stores)
  // Consumers that have allocations but no row are shown, with the incomplete owner and generation
  // 0, and nothing is to be mended: for stores that others write to while the World is read.
  bool shows_incomplete = false;
};

struct Loaded {
  World world;
  Rows rows;
  // Rows that the upgrade check would complain of; the World is then incomplete. Never with
  // LoadOptions::shows_incomplete.
  bool to_be_mended = false;
};

// Throws what the source throws.
Loaded load_world(SqlSource& source, const LoadOptions& options);

}  // namespace emplace::store
