// The shared store: a MariaDB (MySQL, Galera) or PostgreSQL database with upstream's tables, under
// any number of emplace processes, and upstream's own beside them.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "store/incomplete_owner.h"
#include "store/sql/connect.h"
#include "store/store.h"

namespace emplace::store {

struct SharedOptions {
  DatabaseUrl url;
  SessionOptions session = {};
  // [placement_database] max_retries, retry_interval: how often a server that is away is tried
  // again at start (-1: without end), and how long after.
  int retries_max = 10;
  std::chrono::seconds retry_interval{10};
  // [placement_database] connection_recycle_time; negative: never.
  std::chrono::seconds recycle_time{3600};
  bool create = false;  // bring the schema up to date first
  IncompleteOwner incomplete_owner = {};
  // How long the truth about a commit is looked for whose answer did not come.
  std::chrono::seconds doubt_max{6};
  std::function<void(const std::string&)> report = {};  // a sentence for the log
};

// Connects, and tries again as the options say. Throws StoreError with one clear sentence: the
// server is away or refuses us, a schema that is missing, older or newer than ours.
std::unique_ptr<Store> open_shared(const SharedOptions& options);

}  // namespace emplace::store
