// What the commands other than serve do. Each returns the exit code of the process, prints what the
// user asked for on stdout and what went wrong on stderr; broken infrastructure is thrown as
// std::exception.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "config/config.h"

namespace emplace::service {

// Makes the tables or brings them to `revision` (empty: the newest).
int db_sync(const config::Config& config, const std::string& revision);
// Prints the revision that the tables are at; "None", as upstream, if there is none.
int db_version(const config::Config& config);
// Writes down a revision; fails for one that does not exist.
int db_stamp(const config::Config& config, const std::string& revision);
// At most `max_count` rows, or batches of 50 until nothing is left. 0: done; 1: max_count stopped
// it with work done; 2: errors, and nothing got done in the last batch.
int online_data_migrations(const config::Config& config, std::optional<std::int64_t> max_count);
// Prints each difference between the tables and what they should be, and says 1; or that there is
// none, and 0.
int db_check(const config::Config& config);
// Removes the rows that nothing refers to, and prints how many.
int db_purge(const config::Config& config);
// Whether upstream's own processes may write to the database while emplace does: says so, or first
// makes it so. Fails for SQLite if it is to be changed.
enum class Coexistence { show, on, off };
int db_coexist(const config::Config& config, Coexistence wanted);

// Prints the results of the checks, as a table or as JSON. 0: all well; 1: warnings; 2: failures.
int upgrade_check(const config::Config& config, bool json);

// Prints who owns the tree of a provider, or makes it another's: both ids empty: nobody's. Throws
// if there is no such provider, or if the database has no table of owners. Requires: a UUID.
int provider_show_owner(const config::Config& config, const std::string& uuid);
int provider_set_owner(const config::Config& config, const std::string& uuid,
                       const std::string& project_id, const std::string& user_id);

// Prints a policy file with every rule, commented out.
int policy_sample();

}  // namespace emplace::service
