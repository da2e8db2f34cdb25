#include "store/read_rows.h"

#include <algorithm>
#include <limits>

#include "store/time_text.h"

namespace emplace::store {
namespace {

std::int32_t int32_of(std::int64_t value) {
  using Limits = std::numeric_limits<std::int32_t>;
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(value, Limits::min(), Limits::max()));
}

}  // namespace

Time time_of(const SqlRows& row, int updated) {
  return parse_time(row.text(row.is_null(updated) ? updated + 1 : updated));
}

ReadProvider read_provider(const SqlRows& row) {
  ReadProvider read;
  read.id = row.integer(0);
  read.spelling = row.text(1);
  if (!row.is_null(2)) read.name = row.text(2);
  read.generation = row.integer(3);
  read.parent = row.integer(4);
  read.has_root = !row.is_null(5);
  read.updated_at = time_of(row, 6);
  return read;
}

void read_exact_ratio(const SqlRows& row, ExactRatios& ratios) {
  ratios[{row.integer(0), row.integer(1)}] = {std::string(row.text(2)), row.real(3)};
}

InventoryValues read_inventory(const SqlRows& row, const ExactRatios& ratios) {
  InventoryValues values{.total = int32_of(row.integer(2)),
                         .reserved = int32_of(row.integer(3)),
                         .min_unit = int32_of(row.integer(4)),
                         .max_unit = int32_of(row.integer(5)),
                         .step_size = int32_of(row.integer(6)),
                         .allocation_ratio = row.real(7)};
  if (ratios.empty()) return values;
  const auto known = ratios.find({row.integer(0), row.integer(1)});
  // Somebody who does not know of exact ratios may have written another one since.
  if (known != ratios.end() && known->second.stored == row.text(7)) {
    values.allocation_ratio = known->second.exact;
  }
  return values;
}

std::string odd_provider(std::string_view spelling, const Uuid& uuid) {
  return "The uuid of the resource provider " + std::string(spelling) +
         " is not written as a UUID should be; it is taken as " + uuid.str() + ".";
}

std::string odd_aggregate(std::string_view spelling, const Uuid& uuid) {
  return "The aggregate " + std::string(spelling) + " is taken as " + uuid.str() + ".";
}

std::string odd_consumer(std::string_view spelling, const Uuid& uuid) {
  return "The consumer " + std::string(spelling) + " is taken as " + uuid.str() + ".";
}

std::string cut_parent(const Uuid& provider) {
  return "The resource provider " + provider.str() +
         " has no ancestor that is a root; it is taken for a root itself.";
}

}  // namespace emplace::store
