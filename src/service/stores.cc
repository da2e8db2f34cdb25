#include "service/stores.h"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

#include "service/settings.h"
#include "store/shared/shared_store.h"
#include "store/sqlite_store.h"

namespace emplace::service {
namespace {

int as_int(std::int64_t value) {
  return static_cast<int>(std::clamp<std::int64_t>(value, -1, std::numeric_limits<int>::max()));
}

}  // namespace

std::unique_ptr<store::Store> open_store(const config::Config& config, bool create,
                                         std::function<void(const std::string&)> report) {
  constexpr auto group = "placement_database";
  const auto url = database_url(config);
  if (!url) throw std::runtime_error(url.error().detail);
  if (url->engine == store::Engine::sqlite) {
    return store::open_sqlite({.path = url->path,
                               .synchronous = config.boolean(group, "sqlite_synchronous"),
                               .create = create,
                               .incomplete_owner = incomplete_owner(config),
                               .report = std::move(report)});
  }
  if (report) {
    for (const auto& warning : store::warnings_about(*url))
      report(warning);
  }
  return store::open_shared(
      {.url = *url,
       .session = session_options(config),
       .retries_max = as_int(config.integer(group, "max_retries")),
       .retry_interval =
           std::chrono::seconds(std::max<std::int64_t>(0, config.integer(group, "retry_interval"))),
       .recycle_time = std::chrono::seconds(config.integer(group, "connection_recycle_time")),
       .create = create,
       .incomplete_owner = incomplete_owner(config),
       .report = std::move(report)});
}

}  // namespace emplace::service
