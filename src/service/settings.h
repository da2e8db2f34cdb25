// The configuration, translated for the parts that know nothing of it.
#pragma once

#include <optional>
#include <string>

#include "api/call.h"
#include "api/cors.h"
#include "auth/keystone_config.h"
#include "config/config.h"
#include "http/server.h"
#include "policy/policy_files.h"
#include "store/incomplete_owner.h"
#include "store/ledger.h"
#include "store/sql/connect.h"
#include "store/sql/database_url.h"
#include "telemetry/audit.h"
#include "telemetry/log.h"

namespace emplace::service {

api::Settings api_settings(const config::Config& config);
api::CorsSettings cors_settings(const config::Config& config);
http::ServerOptions server_options(const config::Config& config);
store::LedgerOptions ledger_options(const config::Config& config);
store::IncompleteOwner incomplete_owner(const config::Config& config);
telemetry::AuditOptions audit_options(const config::Config& config);
// The listener for metrics and health; none if its port is 0.
std::optional<http::ServerOptions> monitor_options(const config::Config& config);
telemetry::LogOptions log_options(const config::Config& config);
policy::FileSources policy_sources(const config::Config& config);
policy::Options policy_options(const config::Config& config);

// Whether callers are to be known by Keystone ([api] auth_strategy).
bool uses_keystone(const config::Config& config);
// Failure: what is missing or wrong in [keystone_authtoken], as a sentence; nobody is asked.
Result<auth::KeystoneOptions> keystone_options(const config::Config& config);

// The database that [placement_database] connection names. Failure: a sentence without the
// password.
Result<store::DatabaseUrl> database_url(const config::Config& config);
// What sessions with a database server are to be like.
store::SessionOptions session_options(const config::Config& config);

}  // namespace emplace::service
