// What loading and catching up both read of a database's rows, so that they take them alike. The
// SQL is that of all engines.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "model/change_set.h"
#include "store/rows.h"
#include "store/sql/source.h"

namespace emplace::store {

// The time in column `updated`, or in the next one, created_at, if there is none.
Time time_of(const SqlRows& row, int updated);

// A row of resource_providers.
struct ReadProvider {
  RowId id = 0, parent = 0;  // parent 0: none; row ids start at 1
  bool has_root = false;
  std::string spelling;             // of its uuid
  std::optional<std::string> name;  // none: that of the UUID that it is taken as
  std::int64_t generation = 0;
  Time updated_at{};
};
inline const std::string select_providers =
    "SELECT id, uuid, name, generation, parent_provider_id, root_provider_id, updated_at, "
    "created_at FROM resource_providers";
ReadProvider read_provider(const SqlRows& row);

// The rows that count, which are those of providers that have the same uuid and the same id: by
// provider.id, project and user. May be followed by a WHERE.
inline const std::string select_owners =
    "SELECT provider.id, owner.project_id, owner.user_id FROM resource_providers AS provider "
    "JOIN emplace_provider_owners AS owner ON owner.resource_provider_uuid = provider.uuid "
    "AND owner.resource_provider_id = provider.id";

// The rows of emplace_exact_ratios, by provider row and class row.
struct ExactRatio {
  std::string stored;
  double exact = 0;
};
using ExactRatios = std::map<std::pair<RowId, RowId>, ExactRatio>;
inline const std::string select_exact_ratios =
    "SELECT resource_provider_id, resource_class_id, stored, exact FROM emplace_exact_ratios";
void read_exact_ratio(const SqlRows& row, ExactRatios& ratios);

// Columns 0 and 1 are the row ids of the provider and of the class, 8 is for time_of().
inline const std::string select_inventories =
    "SELECT resource_provider_id, resource_class_id, total, reserved, min_unit, max_unit, "
    "step_size, allocation_ratio, updated_at, created_at FROM inventories";
InventoryValues read_inventory(const SqlRows& row, const ExactRatios& ratios);

// Sentences for the log.
std::string odd_provider(std::string_view spelling, const Uuid& uuid);
std::string odd_aggregate(std::string_view spelling, const Uuid& uuid);
std::string odd_consumer(std::string_view spelling, const Uuid& uuid);
std::string cut_parent(const Uuid& provider);

}  // namespace emplace::store
