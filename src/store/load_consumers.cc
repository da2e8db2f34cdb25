// The part of load_world() that reads consumers and their allocations.
#include <algorithm>
#include <map>
#include <utility>

#include "store/loader.h"
#include "store/spelling.h"

namespace emplace::store {

void Loader::load_consumers() {
  Rows& rows = loaded_.rows;
  no_project_ = builder_.intern(options_.incomplete_owner.project_id);
  no_user_ = builder_.intern(options_.incomplete_owner.user_id);
  const auto projects = load_texts("projects", "external_id", rows.projects);
  const auto users = load_texts("users", "external_id", rows.users);
  const auto types = load_texts("consumer_types", "name", rows.consumer_types);
  read_consumers(projects, users, types);
  read_allocations();
  name_those_without_row();
}

Loader::Texts Loader::load_texts(const std::string& table, const std::string& column,
                                 std::unordered_map<std::string, RowId>& rows) {
  Texts texts;
  const auto row = source_.query("SELECT id, " + column + " FROM " + table);
  while (row->next()) {
    const std::string text(row->text(1));
    rows.emplace(text, row->integer(0));
    texts.emplace(row->integer(0), builder_.intern(text));
  }
  return texts;
}

void Loader::read_consumers(const Texts& projects, const Texts& users, const Texts& types) {
  const auto text_of = [](const Texts& texts, RowId id, const SharedText& otherwise) {
    const auto found = texts.find(id);
    return found == texts.end() ? otherwise : found->second;
  };
  auto row = source_.query("SELECT count(*) FROM consumers");
  const auto count = static_cast<std::size_t>(row->next() ? row->integer(0) : 0);
  row.reset();
  consumers_.reserve(count);
  consumers_by_uuid_.reserve(count);
  std::map<std::string, Consumer*> odd;
  row = source_.query(
      "SELECT uuid, project_id, user_id, generation, consumer_type_id, updated_at, created_at "
      "FROM consumers ORDER BY id");
  while (row->next()) {
    auto consumer = std::make_shared<Consumer>();
    consumer->project_id = text_of(projects, row->integer(1), no_project_);
    consumer->user_id = text_of(users, row->integer(2), no_user_);
    consumer->generation = row->integer(3);
    if (!row->is_null(4)) consumer->type = text_of(types, row->integer(4), nullptr);
    consumer->updated_at = time_of(*row, 5);
    if (const auto uuid = canonical_uuid(row->text(0))) {
      consumer->uuid = *uuid;
      consumers_by_uuid_.emplace(*uuid, consumer.get());
    } else {
      odd.emplace(row->text(0), consumer.get());
    }
    consumers_.push_back(std::move(consumer));
  }
  // Those with a plain spelling have the first right to their UUID. The others' order depends on
  // nothing but what they are called.
  for (const auto& [spelling, consumer] : odd)
    keep_odd(spelling, consumer);
}

// Gives a consumer the UUID that its spelling means, or another one if that is taken.
void Loader::keep_odd(const std::string& spelling, Consumer* consumer) {
  Rows& rows = loaded_.rows;
  Uuid uuid = uuid_spelled(spelling);
  if (consumers_by_uuid_.contains(uuid) || rows.consumer_spellings.contains(uuid)) {
    rows.contested.insert(uuid);
    uuid = derived_uuid(spelling);
    rows.contested.insert(uuid);
  }
  consumer->uuid = uuid;
  consumers_by_spelling_.emplace(spelling, consumer);
  rows.consumer_spellings.emplace(uuid, spelling);
  report(odd_consumer(spelling, uuid));
}

// nullptr: no row is spelled so.
Consumer* Loader::consumer_spelled(std::string_view spelling) {
  if (const auto uuid = canonical_uuid(spelling)) {
    const auto found = consumers_by_uuid_.find(*uuid);
    return found == consumers_by_uuid_.end() ? nullptr : found->second;
  }
  const auto found = consumers_by_spelling_.find(std::string(spelling));
  return found == consumers_by_spelling_.end() ? nullptr : found->second;
}

// A consumer that has an allocation but no row; its UUID is given to it when all are known.
Consumer* Loader::without_row(std::string_view spelling) {
  auto& known = rowless_[std::string(spelling)];
  if (!known) {
    auto consumer = std::make_shared<Consumer>();
    consumer->project_id = no_project_;
    consumer->user_id = no_user_;
    known = consumers_.emplace_back(std::move(consumer)).get();
  }
  return known;
}

void Loader::name_those_without_row() {
  for (const bool plain : {true, false}) {
    for (const auto& [spelling, consumer] : rowless_) {
      const auto uuid = canonical_uuid(spelling);
      if (plain != uuid.has_value()) continue;
      if (uuid && !loaded_.rows.consumer_spellings.contains(*uuid)) {
        consumer->uuid = *uuid;
        consumers_by_uuid_.emplace(*uuid, consumer);
      } else {
        keep_odd(spelling, consumer);
      }
      loaded_.rows.rowless_consumers.insert(consumer->uuid);
    }
  }
}

void Loader::read_allocations() {
  const auto row = source_.query(
      "SELECT consumer_id, resource_provider_id, resource_class_id, used, updated_at, created_at "
      "FROM allocations ORDER BY id");
  while (row->next()) {
    loaded_.rows.last_class = std::max(loaded_.rows.last_class, row->integer(2));
    Consumer* consumer = consumer_spelled(row->text(0));
    if (!consumer) {
      loaded_.to_be_mended |= !options_.shows_incomplete;
      if (!options_.shows_incomplete) continue;
      consumer = without_row(row->text(0));
    }
    auto* owner = provider(row->integer(1));
    const auto resource_class = classes_.find(row->integer(2));
    without_class_ += resource_class == classes_.end();
    if (!owner || resource_class == classes_.end()) continue;
    const Time time = time_of(*row, 4);
    owner->allocations_updated_at = std::max(owner->allocations_updated_at, time);
    consumer->updated_at = std::max(consumer->updated_at, time);
    consumer->allocations.push_back(
        Allocation{owner->uuid, resource_class->second, row->integer(3)});
  }
}

}  // namespace emplace::store
