// Catching up: a World and its Rows are brought to what the database says now of the things that
// were touched, at a cost that depends on these alone.
#pragma once

#include <stdexcept>

#include "model/world.h"
#include "store/load.h"
#include "store/rows.h"
#include "store/shared/touched.h"
#include "store/sql/connection.h"

namespace emplace::store {

// What was touched cannot be told from what was read: nothing but loading all anew will do.
class NeedsLoad : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The World with what was touched read anew, all in one round trip for each 500 keys of a kind or
// so. Requires: `rows` belongs to `world` and has reverse maps, and the connection shows one moment
// of the database (the clock's lock, or a snapshot). Times are those of the rows, as load_world()
// takes them; what left no row behind is dated `now`. If nothing differs, the World is the same, of
// the same version. Of projects, users and consumer types, `rows` comes to know those that the
// consumers have which were touched: others may have been made, by somebody who then failed. If it
// throws a SqlError, `rows` is as before; if anything else, NeedsLoad included, of no use any more.
World catch_up(SqlConnection& connection, const World& world, Rows& rows, const Touched& touched,
               const LoadOptions& options, Time now);

}  // namespace emplace::store
