#include "service/audit_entry.h"

#include <array>
#include <cstdio>
#include <optional>
#include <unordered_map>
#include <vector>

#include "json/writer.h"
#include "telemetry/line.h"

namespace emplace::service {
namespace {

constexpr std::size_t id_bytes_max = 255, path_bytes_max = 1024, reason_bytes_max = 256;
constexpr std::size_t roles_max = 64;

// The providers or consumers that a ChangeSet touches, in the order in which it names them.
class Generations {
 public:
  using Generation = std::optional<std::int64_t>;  // none: it does not exist

  // `before()` is asked when the thing is touched for the first time.
  template <class Before>
  Generation& after(const Uuid& uuid, Before before) {
    const auto [place, is_new] = places_.emplace(uuid, touched_.size());
    if (is_new) {
      const Generation generation = before();
      touched_.push_back({uuid, generation, generation});
    }
    return touched_[place->second].after;
  }

  void write(json::Writer& writer, std::string_view kind) const {
    for (const auto& one : touched_) {
      writer.begin_object().key(kind).value(one.uuid);
      write(writer.key("generation_before"), one.before);
      write(writer.key("generation_after"), one.after);
      writer.end_object();
    }
  }

 private:
  struct Touched {
    Uuid uuid;
    Generation before, after;
  };

  static void write(json::Writer& writer, const Generation& generation) {
    if (generation) {
      writer.value(*generation);
    } else {
      writer.null();
    }
  }

  std::vector<Touched> touched_;
  std::unordered_map<Uuid, std::size_t> places_;
};

struct NameChange {
  std::string_view kind, name, change;
  std::string_view new_name = {};
};

// Sorts what a ChangeSet does by what it does it to.
class Summary {
 public:
  explicit Summary(const World& tip) : tip_(tip) {}

  void operator()(const CreateProvider& change) { provider(change.uuid) = 0; }
  void operator()(const UpdateProvider& change) { provider(change.uuid); }
  void operator()(const DeleteProvider& change) { provider(change.uuid) = std::nullopt; }
  void operator()(const SetOwner& change) { provider(change.provider); }
  void operator()(const SetGeneration& change) { provider(change.provider) = change.to; }
  void operator()(const PutInventory& change) { provider(change.provider); }
  void operator()(const DeleteInventory& change) { provider(change.provider); }
  void operator()(const ChangeTraits& change) { provider(change.provider); }
  void operator()(const ChangeAggregates& change) { provider(change.provider); }
  void operator()(const CreateTrait& change) {
    names_.push_back({"trait", change.name, "created"});
  }
  void operator()(const DeleteTrait& change) {
    names_.push_back({"trait", tip_.trait(change.trait).name, "deleted"});
  }
  void operator()(const CreateClass& change) {
    names_.push_back({"resource_class", change.name, "created"});
  }
  void operator()(const RenameClass& change) {
    names_.push_back({"resource_class", tip_.resource_class(change.resource_class).name, "renamed",
                      change.name});
  }
  void operator()(const DeleteClass& change) {
    names_.push_back(
        {"resource_class", tip_.resource_class(change.resource_class).name, "deleted"});
  }
  void operator()(const PutConsumer& change) { consumer(change.uuid) = change.generation; }
  void operator()(const DeleteConsumer& change) { consumer(change.uuid) = std::nullopt; }
  void operator()(const ReplaceAllocations& change) { consumer(change.consumer); }

  std::string json() const {
    std::string text;
    json::Writer writer(text);
    writer.begin_array();
    providers_.write(writer, "provider");
    consumers_.write(writer, "consumer");
    for (const auto& one : names_) {
      writer.begin_object().key(one.kind).value(one.name).key("change").value(one.change);
      if (!one.new_name.empty()) writer.key("new_name").value(one.new_name);
      writer.end_object();
    }
    writer.end_array();
    return text;
  }

 private:
  Generations::Generation& provider(const Uuid& uuid) {
    return providers_.after(uuid, [&]() -> Generations::Generation {
      const auto found = tip_.find_provider(uuid);
      if (!found) return std::nullopt;
      return (*found)->generation;
    });
  }
  Generations::Generation& consumer(const Uuid& uuid) {
    return consumers_.after(uuid, [&]() -> Generations::Generation {
      const auto found = tip_.find_consumer(uuid);
      if (!found) return std::nullopt;
      return found->generation;
    });
  }

  const World& tip_;
  Generations providers_, consumers_;
  std::vector<NameChange> names_;
};

// RFC 3339, 5.6, in UTC with milliseconds: "2026-01-31T11:59:58.007Z".
std::string rfc_3339(std::chrono::system_clock::time_point time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::milliseconds>(time - day));
  std::array<char, 64> text;
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()),
                static_cast<int>(clock.subseconds().count()));
  return text.data();
}

// A JSON string of at most so many bytes of the text, not cut within a UTF-8 sequence.
std::string json_string(std::string_view text, std::size_t bytes_max) {
  std::string out;
  if (text.size() <= bytes_max) {
    telemetry::append_json_string(out, text);
    return out;
  }
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
    --end;
  telemetry::append_json_string(out, std::string(text.substr(0, end)) + "…");
  return out;
}

class Members {
 public:
  explicit Members(std::string& out) : writer_(out) { writer_.begin_object(); }

  Members& text(std::string_view name, std::string_view value, std::size_t bytes_max) {
    writer_.key(name).raw(json_string(value, bytes_max));
    return *this;
  }
  Members& text_or_null(std::string_view name, std::string_view value, std::size_t bytes_max) {
    if (!value.empty()) return text(name, value, bytes_max);
    writer_.key(name).null();
    return *this;
  }
  Members& text_if_any(std::string_view name, std::string_view value, std::size_t bytes_max) {
    return value.empty() ? *this : text(name, value, bytes_max);
  }
  Members& roles(const std::vector<std::string>& roles) {
    writer_.key("roles").begin_array();
    for (std::size_t i = 0; i < roles.size() && i < roles_max; ++i)
      writer_.raw(json_string(roles[i], id_bytes_max));
    writer_.end_array();
    return *this;
  }
  json::Writer& writer() { return writer_; }

 private:
  json::Writer writer_;
};

std::string_view outcome_name(WriteOutcome outcome) {
  constexpr std::array<std::string_view, 4> names = {"done", "refused", "failed", "unknown"};
  return names[static_cast<std::size_t>(outcome)];
}

}  // namespace

std::string changes_json(const ChangeSet& changes, const World& tip) {
  Summary summary(tip);
  for (const auto& change : changes.changes)
    std::visit(summary, change);
  return summary.json();
}

std::string audit_line(const AuditEntry& entry) {
  const Identity& who = entry.identity;
  std::string out;
  out.reserve(768 + entry.path.size() + entry.changes.size());
  Members members(out);
  members.writer().key("time").value(rfc_3339(entry.time));
  members.text("request_id", entry.request_id, id_bytes_max)
      .text_if_any("global_request_id", entry.global_request_id, id_bytes_max)
      .text_or_null("user_id", who.user_id, id_bytes_max)
      .text_or_null("project_id", who.project_id, id_bytes_max)
      .text_if_any("user_domain_id", who.user_domain_id, id_bytes_max)
      .text_if_any("project_domain_id", who.project_domain_id, id_bytes_max)
      .text_if_any("domain_id", who.domain_id, id_bytes_max)
      .text_if_any("system_scope", who.system_scope, id_bytes_max)
      .roles(who.roles)
      .text("source", entry.source, id_bytes_max)
      .text_if_any("forwarded_for", entry.forwarded_for, id_bytes_max)
      .text("method", entry.method, id_bytes_max)
      .text("path", entry.path, path_bytes_max)
      .text_or_null("microversion", entry.microversion, id_bytes_max)
      .text_or_null("operation", entry.operation, id_bytes_max);
  members.writer().key("status").value(static_cast<int>(entry.status));
  members.writer().key("outcome").value(outcome_name(entry.outcome));
  members.text_if_any("error_code", entry.error_code, id_bytes_max)
      .text_if_any("reason", entry.reason, reason_bytes_max);
  members.writer().key("changes").raw(entry.changes.empty() ? "[]" : entry.changes);
  members.writer().end_object();
  return out;
}

}  // namespace emplace::service
