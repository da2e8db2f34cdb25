#include "service/commands.h"

#include <algorithm>
#include <iostream>
#include <stdexcept>
#include <vector>

#include <unistd.h>

#include "base/time.h"
#include "changes/providers.h"
#include "json/writer.h"
#include "policy/policy.h"
#include "service/settings.h"
#include "service/stores.h"
#include "service/table.h"
#include "store/administration.h"
#include "telemetry/line.h"

namespace emplace::service {
namespace {

// The value, or its failure as an exception.
template <class T>
T value_or_throw(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().detail);
  return std::move(*result);
}

std::unique_ptr<store::Administration> administration(const config::Config& config) {
  return store::administer(
      value_or_throw(database_url(config)),
      {.session = session_options(config), .incomplete_owner = incomplete_owner(config)});
}

enum class Outcome { success, warning, failure };

struct Check {
  std::string name;
  Outcome outcome = Outcome::success;
  std::string details = {};
};

constexpr auto run_migrations = "Run the\n\"placement-manage db online_data_migrations\" command.";

Check check_roots(const store::UpgradeFindings& findings) {
  Check check{"Missing Root Provider IDs"};
  if (findings.providers_without_root > 0) {
    check.outcome = Outcome::failure;
    check.details = std::to_string(findings.providers_without_root) +
                    " resource providers have no root provider id. " + run_migrations;
  }
  return check;
}

Check check_consumers(const store::UpgradeFindings& findings) {
  Check check{"Incomplete Consumers"};
  if (findings.incomplete_consumers > 0) {
    check.outcome = Outcome::warning;
    check.details = "There are " + std::to_string(findings.incomplete_consumers) +
                    " incomplete consumers table records for\nexisting allocations. " +
                    run_migrations;
  }
  return check;
}

Check check_policy(const config::Config& config) {
  Check check{"Policy File JSON to YAML Migration"};
  const auto file = config.text("oslo_policy", "policy_file");
  if (file.ends_with(".json")) {
    check.outcome = Outcome::failure;
    check.details = "The policy file " + file +
                    " is JSON, which upstream\nno longer reads by "
                    "default: convert it to YAML.";
  }
  return check;
}

std::string as_json(const std::vector<Check>& checks) {
  std::string text;
  json::Writer writer(text);
  writer.begin_object().key("name").value("Upgrade Check Results").key("checks").begin_array();
  for (const auto& check : checks) {
    writer.begin_object().key("check").value(check.name);
    writer.key("result").value(static_cast<int>(check.outcome)).key("details");
    if (check.details.empty()) {
      writer.null();
    } else {
      writer.value(check.details);
    }
    writer.end_object();
  }
  writer.end_array().end_object();
  return text + "\n";
}

std::string as_table(const std::vector<Check>& checks) {
  static const char* const names[] = {"Success", "Warning", "Failure"};
  std::vector<std::vector<std::string>> rows{{"Upgrade Check Results"}};
  for (const auto& check : checks) {
    rows.push_back({"Check: " + check.name + "\nResult: " + names[static_cast<int>(check.outcome)] +
                    "\nDetails: " + (check.details.empty() ? "None" : check.details)});
  }
  return table(rows, true);
}

// --- owners -------------------------------------------------------------------------------------

// As a server opens it; but a database that is not ready is not made so.
std::unique_ptr<store::Store> open_as_it_is(const config::Config& config) {
  return open_store(config, false,
                    [](const auto& sentence) { std::cerr << "emplace: " << sentence << "\n"; });
}

// For a terminal.
std::string escaped(const std::string& text) {
  std::string out;
  telemetry::append_escaped(out, text, telemetry::Spaces::stay);
  return out;
}

std::string id_text(const std::string& kind, const std::string& id) {
  return id.empty() ? "no " + kind : kind + " " + escaped(id);
}

std::string owner_text(const std::shared_ptr<const Owner>& owner) {
  if (!owner) return "nobody";
  return id_text("project", *owner->project_id) + ", " + id_text("user", *owner->user_id);
}

std::string tree_text(const Provider& root) {
  return "The tree of " + escaped(root.name) + " (" + root.uuid.str() + ")";
}

}  // namespace

int db_sync(const config::Config& config, const std::string& revision) {
  administration(config)->sync(revision);
  return 0;
}

int db_version(const config::Config& config) {
  const auto revision = administration(config)->revision();
  std::cout << (revision.empty() ? "None" : revision) << "\n";
  return 0;
}

int db_stamp(const config::Config& config, const std::string& revision) {
  administration(config)->stamp(revision);
  return 0;
}

int online_data_migrations(const config::Config& config, std::optional<std::int64_t> max_count) {
  constexpr std::int64_t batch = 50;
  if (!max_count) std::cout << "Running batches of " << batch << " until complete\n";
  const auto database = administration(config);
  const auto found = database->upgrade_check();
  store::UpgradeFindings mended, total;
  do {
    mended = database->mend(max_count.value_or(batch));
    total.providers_without_root += mended.providers_without_root;
    total.incomplete_consumers += mended.incomplete_consumers;
  } while (!max_count && mended.providers_without_root + mended.incomplete_consumers > 0);
  const auto row = [](const std::string& name, std::int64_t seen, std::int64_t done) {
    return std::vector<std::string>{name, std::to_string(seen), std::to_string(done)};
  };
  std::cout << table(
      {{"Migration", "Total Found", "Completed"},
       row("set_root_provider_ids", found.providers_without_root, total.providers_without_root),
       row("create_incomplete_consumers", found.incomplete_consumers, total.incomplete_consumers)},
      false);
  return mended.providers_without_root + mended.incomplete_consumers > 0 ? 1 : 0;
}

int db_check(const config::Config& config) {
  const auto differences = administration(config)->check();
  for (const auto& difference : differences)
    std::cout << difference << "\n";
  if (!differences.empty()) return 1;
  std::cout << "The schema is as expected.\n";
  return 0;
}

int db_purge(const config::Config& config) {
  const auto purged = administration(config)->purge();
  std::cout << table({{"Rows", "Removed"},
                      {"projects", std::to_string(purged.projects)},
                      {"users", std::to_string(purged.users)},
                      {"consumer types", std::to_string(purged.consumer_types)},
                      {"aggregates", std::to_string(purged.aggregates)}},
                     false);
  return 0;
}

int db_coexist(const config::Config& config, Coexistence wanted) {
  const auto database = administration(config);
  if (wanted != Coexistence::show) database->set_coexistence(wanted == Coexistence::on);
  std::cout << (database->coexists()
                    ? "on (upstream's own processes may write to the database while emplace does)\n"
                    : "off (nobody but emplace may write to the database while emplace does)\n");
  return 0;
}

int upgrade_check(const config::Config& config, bool json) {
  const auto findings = administration(config)->upgrade_check();
  const std::vector<Check> checks{check_roots(findings), check_consumers(findings),
                                  check_policy(config)};
  std::cout << (json ? as_json(checks) : as_table(checks));
  Outcome worst = Outcome::success;
  for (const auto& check : checks)
    worst = std::max(worst, check.outcome);
  return static_cast<int>(worst);
}

int provider_show_owner(const config::Config& config, const std::string& uuid) {
  const World world = open_as_it_is(config)->load();
  const auto provider = value_or_throw(changes::find_provider(world, Uuid::parse(uuid).value()));
  const auto& root = provider.root();
  std::cout << tree_text(root) << " belongs to " << owner_text(root.owner) << ".\n";
  return 0;
}

int provider_set_owner(const config::Config& config, const std::string& uuid,
                       const std::string& project_id, const std::string& user_id) {
  const auto store = open_as_it_is(config);
  const auto loaded = std::make_shared<const World>(store->load());
  store->enter();
  const auto newest = store->begin(loaded);
  const World& before = *newest;
  changes::ChangeOwner command{Uuid::parse(uuid).value(), std::nullopt};
  if (!project_id.empty() || !user_id.empty()) command.owner = CreatedBy{project_id, user_id};
  const auto changes = value_or_throw(changes::plan(before, command, SystemClock().now()));
  const auto root = before.find_provider(command.provider)->root();
  if (changes.empty()) {
    std::cout << tree_text(root) << " belongs to " << owner_text(root.owner) << " already.\n";
    return 0;
  }
  const World after = before.with(changes);
  store->commit({store::Step{&changes, &before, &after}});
  std::cout << tree_text(root) << " belonged to " << owner_text(root.owner)
            << "; it now belongs to "
            << owner_text(after.find_provider(command.provider)->root().owner) << ".\n";
  return 0;
}

int policy_sample() {
  std::cout << policy::sample_policy_file();
  return 0;
}

}  // namespace emplace::service
