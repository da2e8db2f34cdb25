// Rows: which database rows the things of a World are. Worlds hold no row ids; a SQL store keeps
// these maps beside them, made by loading and kept up by each commit.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/uuid.h"
#include "model/records.h"

namespace emplace::store {

using RowId = std::int64_t;

struct ProviderRow {
  RowId id = 0;
  RowId root = 0;  // the row id of the root of its tree

  bool operator==(const ProviderRow&) const = default;
};

// As upstream: no class of a user has a smaller row id, whatever standard classes will come.
inline constexpr RowId first_custom_class = 10000;

struct Rows {
  std::unordered_map<Uuid, ProviderRow> providers;
  // By ClassId and TraitId, which are dense; deleted ones keep their place.
  std::vector<RowId> classes, traits;
  // Several rows if a database spells one UUID in several ways.
  std::unordered_map<Uuid, std::vector<RowId>> aggregates;
  std::unordered_map<std::string, RowId> projects, users, consumer_types;
  // The consumers whose uuid is not written in the one canonical way.
  std::unordered_map<Uuid, std::string> consumer_spellings;
  RowId last_provider = 0;
  RowId last_class = 0;  // also counts classes that are gone but still allocated
  RowId last_aggregate = 0;
  // Providers that are roots in the World though their rows name a parent, which does not exist, or
  // the way up goes round in a circle: their row ids, and those of the parents.
  std::map<RowId, RowId> cut_parents;
  // UUIDs of providers and consumers that several rows spell, each in its own way, and those that
  // stand for the rows which came late. Only loading all anew can tell whose they are after one of
  // these rows came or went.
  std::unordered_set<Uuid> contested;
  // Consumers that have allocations but no row (LoadOptions::shows_incomplete).
  std::unordered_set<Uuid> rowless_consumers;

  // The same the other way round, for shared stores alone (LoadOptions::reverse_maps).
  std::unordered_map<RowId, Uuid> provider_uuids, aggregate_uuids;
  std::unordered_map<RowId, TraitId> trait_ids;
  std::unordered_map<RowId, ClassId> class_ids;
  // The inventories, by provider row and class row, that have a row in emplace_exact_ratios.
  std::set<std::pair<RowId, RowId>> exact_ratios;

  bool operator==(const Rows&) const = default;
};

}  // namespace emplace::store
