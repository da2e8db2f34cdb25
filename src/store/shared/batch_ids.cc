// The part of BatchWork that makes rows whose ids others need. The ids come from the database:
// upstream's processes take theirs from the same counters.
#include <map>

#include "store/shared/batch_work.h"

namespace emplace::store {

void BatchWork::insert_for_ids() {
  ask_for_texts();
  ask_for_aggregates();
  for (const auto& each : difference_.traits)
    if (each.before.empty()) traits_.add(each.after, {now_, each.after});
  ask_for_providers();
  const auto before = statements_.size();
  const auto all = {&projects_, &users_, &types_, &aggregates_, &traits_, &providers_};
  for (auto* each : all)
    each->append_to(statements_, engine_);
  if (statements_.size() > before) {
    auto results = send();
    for (auto* each : all)
      each->take_ids(results, engine_);
  }
  take_texts();
  for (const auto& [uuid, row] : aggregates_.ids())
    rows_.add_aggregate(*Uuid::parse(uuid), row);
  take_traits();
  take_providers();
}

void BatchWork::ask_for_texts() {
  const auto& known = rows_.rows();
  const auto ask = [&](IdInsert& insert, const auto& table, const std::string& text) {
    if (!table.contains(text)) insert.add(text, {now_, text});
  };
  for (const auto& each : difference_.consumers) {
    if (!each.after) continue;
    // What stays may be a text that has no row: that of a row's project or user that is not there.
    const auto is_new = [&](const SharedText Consumer::*text) {
      const auto& wanted = each.after.get()->*text;
      if (!wanted || !has_row(each)) return wanted != nullptr;
      const auto& had = each.before.get()->*text;
      return !had || *had != *wanted;
    };
    if (is_new(&Consumer::project_id)) ask(projects_, known.projects, *each.after->project_id);
    if (is_new(&Consumer::user_id)) ask(users_, known.users, *each.after->user_id);
    if (is_new(&Consumer::type)) ask(types_, known.consumer_types, *each.after->type);
  }
}

void BatchWork::ask_for_aggregates() {
  // Lists of aggregates are in the order of their rows, and so of AggregateIds.
  std::map<AggregateId, std::string> missing;
  for (const auto& each : difference_.providers) {
    if (!each.after) continue;
    for (const auto aggregate : each.after->aggregates) {
      const auto& uuid = difference_.after->aggregate(aggregate);
      if (rows_.aggregate_rows(uuid).empty()) missing.emplace(aggregate, uuid.str());
    }
  }
  for (const auto& [id, text] : missing)
    aggregates_.add(text, {now_, text});
}

void BatchWork::ask_for_providers() {
  const auto& known = rows_.rows().providers;
  const auto row_or_null = [&](const Uuid& uuid) -> SqlValue {
    const auto found = known.find(uuid);
    if (found == known.end()) return nullptr;  // new too: update_providers() will tell
    return found->second.id;
  };
  for (const auto& each : difference_.providers) {
    if (each.before) continue;
    const Provider& made = *each.after;
    providers_.add(made.uuid.str(), {now_, made.uuid.str(), made.name, made.generation,
                                     row_or_null(each.root_after->uuid),
                                     made.parent ? row_or_null(*made.parent) : nullptr});
  }
}

void BatchWork::take_texts() {
  const auto take = [&](const IdInsert& insert, auto table) {
    for (const auto& [text, row] : insert.ids())
      rows_.add_text(table, text, row);
  };
  take(projects_, &Rows::projects);
  take(users_, &Rows::users);
  take(types_, &Rows::consumer_types);
}

void BatchWork::take_traits() {
  const auto first = rows_.rows().traits.size();
  std::vector<RowId> made(difference_.new_traits, no_row);
  for (const auto& each : difference_.traits) {
    if (!each.before.empty()) continue;
    made.at(static_cast<std::size_t>(each.id) - first) = traits_.id(each.after);
    touched_.traits.insert(traits_.id(each.after));
  }
  for (const RowId row : made)
    rows_.add_trait(row);
}

// Of those that come, and of those that moved: in both, roots stand before what is below them.
void BatchWork::take_providers() {
  for (const auto& each : difference_.providers) {
    if (!each.after) continue;
    const RowId id = each.before ? row_of(each.uuid) : providers_.id(each.uuid.str());
    if (!each.before) touched_.providers.insert(id);
    if (each.before && !each.moves()) continue;
    const auto& root = each.root_after->uuid;
    rows_.put_provider(each.uuid, {id, root == each.uuid ? id : row_of(root)});
  }
}

}  // namespace emplace::store
