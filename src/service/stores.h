// Opens the database that the configuration names, whichever kind it is.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "config/config.h"
#include "store/store.h"

namespace emplace::service {

// `create`: make the schema, or bring it up to date, first. `report` gets sentences for the log, or
// for the user. Throws std::runtime_error with a sentence.
std::unique_ptr<store::Store> open_store(const config::Config& config, bool create,
                                         std::function<void(const std::string&)> report);

}  // namespace emplace::service
