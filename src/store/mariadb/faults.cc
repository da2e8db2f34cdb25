#include "store/mariadb/faults.h"

namespace emplace::store {
namespace {

struct Meaning {
  unsigned first, last;  // of the numbers
  SqlFault fault;
};

constexpr auto lost = SqlFault::lost;
constexpr auto unavailable = SqlFault::unavailable;
constexpr auto conflict = SqlFault::conflict;
constexpr auto refused = SqlFault::refused;
constexpr auto other = SqlFault::other;

constexpr Meaning meanings[] = {
    {1020, 1020, conflict},  // record has changed since last read
    {1205, 1205, conflict},  // lock wait timeout
    {1213, 1213, conflict},  // deadlock, and certification on Galera
    {1317, 1317, conflict},  // query was interrupted
    {1412, 1412, conflict},  // table definition has changed, retry the transaction
    {3572, 3572, conflict},  // MySQL: lock was not free, NOWAIT

    {1053, 1053, lost},  // server shutdown in progress
    {1077, 1079, lost},  // shutdown messages
    {1152, 1160, lost},  // aborted connection, network reads and writes
    {1180, 1180, lost},  // error during COMMIT: it may be done or not
    {1184, 1184, lost},  // aborted connection
    {1927, 1927, lost},  // connection was killed
    {4031, 4031, lost},  // MySQL: disconnected for inactivity

    {1021, 1021, unavailable},  // disk full
    {1026, 1026, unavailable},  // error writing file
    {1030, 1030, unavailable},  // error from storage engine
    {1037, 1038, unavailable},  // out of memory
    {1040, 1041, unavailable},  // too many connections, out of memory
    {1047, 1047, unavailable},  // Galera: the node has not joined, or lost its quorum
    {1049, 1049, unavailable},  // unknown database: it may be made yet
    {1114, 1114, unavailable},  // table is full
    {1129, 1129, unavailable},  // host is blocked
    {1135, 1135, unavailable},  // can't create a thread
    {1203, 1203, unavailable},  // too many connections of the user
    {1206, 1206, unavailable},  // no room for more locks
    {1226, 1226, unavailable},  // the user's limit is used up
    {1290, 1290, unavailable},  // --read-only
    {1637, 1637, unavailable},  // too many transactions
    {1792, 1792, unavailable},  // read-only transaction
    {1836, 1836, unavailable},  // read-only mode
    {1969, 1969, unavailable},  // max_statement_time
    {3024, 3024, unavailable},  // MySQL: max_execution_time

    {1048, 1048, refused},  // column cannot be null
    {1062, 1062, refused},  // duplicate key
    {1216, 1217, refused},  // foreign key
    {1263, 1265, refused},  // NULL, out of range, truncated
    {1292, 1292, refused},  // truncated wrong value
    {1300, 1300, refused},  // invalid character string
    {1364, 1367, refused},  // no default, division by zero, incorrect value, illegal value
    {1406, 1406, refused},  // data too long
    {1451, 1452, refused},  // foreign key
    {1586, 1586, refused},  // duplicate key
    {1690, 1690, refused},  // value out of range
    {3819, 3819, refused},  // MySQL: CHECK
    {4025, 4025, refused},  // MariaDB: CHECK

    {2026, 2026, other},  // TLS: a certificate or a setting is wrong
    {2058, 2059, other},  // authentication plugin
    {2061, 2061, other},  // authentication plugin wants TLS
    {2000, 2999, lost},   // whatever else the client library says
};

}  // namespace

SqlFault mariadb_fault(unsigned number) {
  for (const auto& meaning : meanings) {
    if (number >= meaning.first && number <= meaning.last) return meaning.fault;
  }
  return SqlFault::other;
}

}  // namespace emplace::store
