// The tables of our own in a shared database, beside upstream's. All text is compared byte by byte.
//
//   emplace_clock (id INT PRIMARY KEY, tick BIGINT NOT NULL, coexist SMALLINT NOT NULL)
//     One row, id 1. Whoever changes upstream's tables holds its lock to the end of the transaction
//     and advances `tick`: so there is one order of all writes, and who knows all up to a tick
//     knows what there is. `coexist`: 1 if triggers do it for processes other than emplace's; 2:
//     they are to, but are being made; 0: there are none.
//   emplace_changes (tick BIGINT PRIMARY KEY, batch VARCHAR(36), touched MEDIUMTEXT NOT NULL)
//     What changed from the tick before to this one, as shared/touched.h says; one row for each
//     tick. `batch`: a UUID that the process gave it that wrote; NULL from a trigger. Only the last
//     change_log_kept rows are kept; a process whose own tick is older loads all anew.
//   emplace_provider_owners: as store/sqlite_owners.h has it.
//   emplace_exact_ratios (resource_provider_id INT, resource_class_id INT, stored VARCHAR(32) NOT
//   NULL, exact DOUBLE NOT NULL, PRIMARY KEY (both ids)), MariaDB alone
//     Upstream's column inventories.allocation_ratio is a FLOAT there and keeps about six digits.
//     A row says which ratio it was exactly, for as long as the column still reads as `stored`.
//   emplace_lease (id INT PRIMARY KEY, holder VARCHAR(36) NOT NULL, beat BIGINT NOT NULL), MariaDB
//   alone, of use in a Galera cluster
//     Row 1 says who of those that make tables or triggers may do so (schema/one_at_a_time.h).
//
// Sessions of emplace tell the triggers to stay silent, as they log for themselves: MariaDB
// `SET @emplace_writer = 1`, PostgreSQL `SET emplace.writer = 'on'`.
#pragma once

#include <cstdint>

namespace emplace::store {

inline constexpr std::int64_t change_log_kept = 65536;

}  // namespace emplace::store
