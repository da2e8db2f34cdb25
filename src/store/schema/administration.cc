#include "store/administration.h"

#include "store/schema/shared_administration.h"
#include "store/schema/sqlite_administration.h"

namespace emplace::store {

std::unique_ptr<Administration> administer(const DatabaseUrl& url,
                                           const AdministrationOptions& options) {
  if (url.engine == Engine::sqlite) {
    return std::make_unique<SqliteAdministration>(url.path, options.incomplete_owner);
  }
  auto session = options.session;
  // A large table may take long to be converted, and a lock long to be free.
  session.answer_timeout = std::chrono::hours(24);
  // So the URL's own limits, which are meant for requests, do not count.
  auto patient = url;
  patient.parameters.erase("read_timeout");
  patient.parameters.erase("write_timeout");
  return std::make_unique<SharedAdministration>(
      [patient, session] { return connect(patient, session); }, options.incomplete_owner);
}

}  // namespace emplace::store
