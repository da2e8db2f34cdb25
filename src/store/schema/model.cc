#include "store/schema/model.h"

#include <algorithm>

namespace emplace::store {
namespace {

// From this step on …
constexpr std::size_t with_consumer_types = 4;     // … 422ece571366
constexpr std::size_t without_double_indexes = 5;  // … a082b8bb98d0

Column number(std::string name) {
  return {.name = std::move(name), .kind = ColumnKind::integer};
}
Column text(std::string name, int length) {
  return {.name = std::move(name), .kind = ColumnKind::text, .length = length};
}
Column of_kind(ColumnKind kind, std::string name) {
  return {.name = std::move(name), .kind = kind};
}
Column optional(Column column) {
  column.nullable = true;
  return column;
}

// Upstream's tables all begin with two times.
std::vector<Column> dated(std::vector<Column> columns) {
  std::vector<Column> all{optional(of_kind(ColumnKind::time, "created_at")),
                          optional(of_kind(ColumnKind::time, "updated_at"))};
  all.insert(all.end(), columns.begin(), columns.end());
  return all;
}

// The same, with the row id that most have.
std::vector<Column> numbered(std::vector<Column> columns) {
  auto id = number("id");
  id.automatic = true;
  columns.insert(columns.begin(), id);
  return dated(std::move(columns));
}

Index unique_over(std::string name, std::vector<std::string> columns) {
  return {std::move(name), std::move(columns), true};
}

// A table of names, each with its number.
Table names_table(const std::string& table, const std::string& column) {
  return {.name = table,
          .columns = numbered({text(column, 255)}),
          .primary_key = {"id"},
          .indexes = {unique_over("uniq_" + table + "0" + column, {column})}};
}

Table versions() {
  return {.name = "alembic_version",
          .columns = {text("version_num", 32)},
          .primary_key = {"version_num"},
          .primary_key_name = "alembic_version_pkc"};
}

Table providers() {
  return {.name = "resource_providers",
          .columns = numbered({text("uuid", 36), optional(text("name", 200)),
                               optional(number("generation")), optional(number("root_provider_id")),
                               optional(number("parent_provider_id"))}),
          .primary_key = {"id"},
          .indexes = {unique_over("uniq_resource_providers0name", {"name"}),
                      unique_over("uniq_resource_providers0uuid", {"uuid"}),
                      {"resource_providers_name_idx", {"name"}},
                      {"resource_providers_parent_provider_id_idx", {"parent_provider_id"}},
                      {"resource_providers_root_provider_id_idx", {"root_provider_id"}},
                      {"resource_providers_uuid_idx", {"uuid"}}},
          .foreign_keys = {{"", "parent_provider_id", "resource_providers"},
                           {"", "root_provider_id", "resource_providers"}}};
}

Table inventories() {
  return {.name = "inventories",
          .columns =
              numbered({number("resource_provider_id"), number("resource_class_id"),
                        number("total"), number("reserved"), number("min_unit"), number("max_unit"),
                        number("step_size"), of_kind(ColumnKind::real, "allocation_ratio")}),
          .primary_key = {"id"},
          .indexes = {unique_over("uniq_inventories0resource_provider_resource_class",
                                  {"resource_provider_id", "resource_class_id"}),
                      {"inventories_resource_class_id_idx", {"resource_class_id"}},
                      {"inventories_resource_provider_id_idx", {"resource_provider_id"}},
                      {"inventories_resource_provider_resource_class_idx",
                       {"resource_provider_id", "resource_class_id"}}}};
}

Table allocations() {
  return {.name = "allocations",
          .columns = numbered({number("resource_provider_id"), text("consumer_id", 36),
                               number("resource_class_id"), number("used")}),
          .primary_key = {"id"},
          .indexes = {{"allocations_resource_provider_class_used_idx",
                       {"resource_provider_id", "resource_class_id", "used"}},
                      {"allocations_resource_class_id_idx", {"resource_class_id"}},
                      {"allocations_consumer_id_idx", {"consumer_id"}}}};
}

Table consumers(std::size_t steps) {
  auto generation = number("generation");
  generation.default_value = "0";
  Table table{
      .name = "consumers",
      .columns = numbered({text("uuid", 36), number("project_id"), number("user_id"), generation}),
      .primary_key = {"id"},
      .indexes = {unique_over("uniq_consumers0uuid", {"uuid"}),
                  {"consumers_project_id_user_id_uuid_idx", {"project_id", "user_id", "uuid"}},
                  {"consumers_project_id_uuid_idx", {"project_id", "uuid"}}}};
  if (steps >= with_consumer_types) {
    table.columns.push_back(optional(number("consumer_type_id")));
    table.indexes.push_back({"consumers_consumer_type_id_idx", {"consumer_type_id"}});
    table.foreign_keys = {
        {"consumers_consumer_type_id_fkey", "consumer_type_id", "consumer_types"}};
  }
  return table;
}

Table aggregates() {
  return {.name = "placement_aggregates",
          .columns = numbered({optional(text("uuid", 36))}),
          .primary_key = {"id"},
          .indexes = {unique_over("uniq_placement_aggregates0uuid", {"uuid"}),
                      {"ix_placement_aggregates_uuid", {"uuid"}}}};
}

Table provider_aggregates() {
  return {.name = "resource_provider_aggregates",
          .columns = dated({number("resource_provider_id"), number("aggregate_id")}),
          .primary_key = {"resource_provider_id", "aggregate_id"},
          .indexes = {{"resource_provider_aggregates_aggregate_id_idx", {"aggregate_id"}}}};
}

Table provider_traits() {
  return {.name = "resource_provider_traits",
          .columns = dated({number("trait_id"), number("resource_provider_id")}),
          .primary_key = {"trait_id", "resource_provider_id"},
          .indexes = {{"resource_provider_traits_resource_provider_trait_idx",
                       {"resource_provider_id", "trait_id"}}},
          .foreign_keys = {{"", "resource_provider_id", "resource_providers"},
                           {"", "trait_id", "traits"}}};
}

}  // namespace

const Column* Table::column(const std::string& wanted) const {
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [&](const Column& each) { return each.name == wanted; });
  return found == columns.end() ? nullptr : &*found;
}

const std::vector<std::string>& upstream_revisions() {
  static const std::vector<std::string> all = {"b4ed3a175331", "611cd6dffd7b", "b5c396305c25",
                                               "422ece571366", "a082b8bb98d0"};
  return all;
}

std::size_t steps_to(const std::string& revision) {
  const auto& all = upstream_revisions();
  const auto found = std::find(all.begin(), all.end(), revision);
  return found == all.end() ? 0 : static_cast<std::size_t>(found - all.begin()) + 1;
}

std::vector<DroppedIndex> dropped_indexes(std::size_t steps) {
  if (steps < without_double_indexes) return {};
  return {{"inventories", "inventories_resource_provider_resource_class_idx"},
          {"placement_aggregates", "ix_placement_aggregates_uuid"},
          {"resource_providers", "resource_providers_name_idx"},
          {"resource_providers", "resource_providers_uuid_idx"}};
}

Tables upstream_tables(std::size_t steps) {
  Tables all{versions(), names_table("projects", "external_id"),
             names_table("users", "external_id")};
  if (steps >= with_consumer_types) all.push_back(names_table("consumer_types", "name"));
  for (auto& table : {consumers(steps), names_table("resource_classes", "name"), providers(),
                      inventories(), allocations(), aggregates(), provider_aggregates(),
                      names_table("traits", "name"), provider_traits()}) {
    all.push_back(table);
  }
  for (const auto& dropped : dropped_indexes(steps)) {
    for (auto& table : all) {
      std::erase_if(table.indexes, [&](const Index& each) { return each.name == dropped.name; });
    }
  }
  return all;
}

Tables own_tables(Engine engine) {
  const auto kind = of_kind;
  Tables all{{.name = "emplace_provider_owners",
              .columns = {text("resource_provider_uuid", 36), number("resource_provider_id"),
                          text("project_id", 255), text("user_id", 255)},
              .primary_key = {"resource_provider_uuid"}}};
  if (engine == Engine::sqlite) return all;
  all.push_back({.name = "emplace_clock",
                 .columns = {number("id"), kind(ColumnKind::big_integer, "tick"),
                             kind(ColumnKind::small_integer, "coexist")},
                 .primary_key = {"id"}});
  all.push_back({.name = "emplace_changes",
                 .columns = {kind(ColumnKind::big_integer, "tick"), optional(text("batch", 36)),
                             kind(ColumnKind::long_text, "touched")},
                 .primary_key = {"tick"}});
  if (engine == Engine::mariadb) {
    all.push_back({.name = "emplace_exact_ratios",
                   .columns = {number("resource_provider_id"), number("resource_class_id"),
                               text("stored", 32), kind(ColumnKind::exact, "exact")},
                   .primary_key = {"resource_provider_id", "resource_class_id"}});
    all.push_back(
        {.name = "emplace_lease",
         .columns = {number("id"), text("holder", 36), kind(ColumnKind::big_integer, "beat")},
         .primary_key = {"id"}});
  }
  return all;
}

}  // namespace emplace::store
