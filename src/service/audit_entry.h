// A line of the audit trail: who asked for which write, and what came of it. Pure; any thread.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "model/world.h"
#include "policy/identity.h"

namespace emplace::service {

// What a ChangeSet that was planned from `tip` does, as a JSON array: each provider and consumer
// that it touches with its generation before and after (null: it was or is not there), each trait
// and resource class that it creates, renames or deletes.
std::string changes_json(const ChangeSet& changes, const World& tip);

enum class WriteOutcome {
  done,
  refused,  // 4xx: nothing was changed
  failed,   // 5xx: nothing was changed
  unknown   // the store failed while it stored
};

struct AuditEntry {
  std::chrono::system_clock::time_point time;  // when the outcome was known
  std::string_view request_id = {};
  std::string_view global_request_id = {};  // empty: none
  const Identity& identity;                 // empty: nobody, or not known
  std::string_view source = {};             // the peer's address
  std::string_view forwarded_for = {};      // whom a trusted proxy names; empty: nobody
  std::string_view method = {}, path = {};  // as sent
  std::string_view microversion = {};       // "1.39"; empty: not known
  std::string_view operation = {};          // the policy rule's name; empty: no such operation
  unsigned status = 0;
  WriteOutcome outcome = WriteOutcome::done;
  std::string_view error_code = {}, reason = {};  // of an answer that tells an error; else empty
  std::string_view changes = {};                  // made by changes_json; empty: none
};

// One JSON object without line breaks or control characters, whatever the entry holds. Long texts
// are cut and end in "…".
std::string audit_line(const AuditEntry& entry);

}  // namespace emplace::service
