// The part of catching up that brings consumers and their allocations up to date.
#include <algorithm>
#include <utility>

#include "store/shared/catch_up_run.h"
#include "store/spelling.h"

namespace emplace::store {
namespace {

bool is(const SharedText& text, const std::optional<std::string>& other) {
  return text ? other == *text : !other;
}

}  // namespace

bool CatchUp::apply_consumers() {
  static const ReadConsumer nothing;
  for (const auto& spelling : read().asked.consumers) {
    const auto found = read().consumers.find(spelling);
    const bool is_read = found != read().consumers.end();
    if (!apply_consumer(spelling, is_read ? found->second : nothing)) return false;
  }
  return true;
}

// The UUID that a spelling has in the World; nothing if it has none. `plain`: what it means.
std::optional<Uuid> CatchUp::known_as(const std::string& spelling, const Uuid& plain) const {
  const auto is_spelled_so = [&](const Uuid& uuid) {
    return current().find_consumer(uuid) && spelling_of(uuid) == spelling;
  };
  if (is_spelled_so(plain)) return plain;
  if (rows_.contested.empty()) return std::nullopt;
  const Uuid derived = derived_uuid(spelling);
  return is_spelled_so(derived) ? std::optional(derived) : std::nullopt;
}

bool CatchUp::apply_consumer(const std::string& spelling, const ReadConsumer& read_now) {
  const Uuid plain = uuid_spelled(spelling);
  const auto known = known_as(spelling, plain);
  const bool is_there =
      read_now.has_row || (options_.shows_incomplete && !read_now.allocations.empty());
  if (!known && !is_there) return true;
  const bool was_without_row = known && rows_.rowless_consumers.contains(*known);
  const bool comes_or_goes = known.has_value() != is_there || was_without_row == read_now.has_row;
  if (comes_or_goes && rows_.contested.contains(known.value_or(plain))) return false;
  if (!is_there) {
    remove_consumer(*known);
    return true;
  }
  if (!known) {
    if (current().find_consumer(plain)) return false;  // of another spelling
    if (plain.str() != spelling) {
      rows_.consumer_spellings[plain] = spelling;
      report(odd_consumer(spelling, plain));
    }
  }
  const Uuid uuid = known.value_or(plain);
  if (read_now.has_row) {
    rows_.rowless_consumers.erase(uuid);
  } else {
    rows_.rowless_consumers.insert(uuid);
  }
  put_consumer(uuid, read_now);
  return true;
}

void CatchUp::remove_consumer(const Uuid& uuid) {
  change().apply(DeleteConsumer{uuid}, now_);
  rows_.consumer_spellings.erase(uuid);
  rows_.rowless_consumers.erase(uuid);
}

// The allocations that count. Makes `latest` the time of the latest of them, if it is later.
std::vector<Allocation> CatchUp::allocations_of(const ReadConsumer& read_now, Time& latest) const {
  std::vector<Allocation> allocations;
  for (const auto& each : read_now.allocations) {
    const auto provider = rows_.provider_uuids.find(each.provider);
    const auto resource_class = rows_.class_ids.find(each.resource_class);
    if (provider == rows_.provider_uuids.end() || resource_class == rows_.class_ids.end()) {
      continue;
    }
    latest = std::max(latest, each.updated_at);
    allocations.push_back({provider->second, resource_class->second, each.used});
  }
  return allocations;
}

void CatchUp::put_consumer(const Uuid& uuid, const ReadConsumer& read_now) {
  const auto learn = [](const ReadText& read_text, std::unordered_map<std::string, RowId>& rows) {
    if (read_text.text) rows[*read_text.text] = read_text.id;
  };
  learn(read_now.project, rows_.projects);
  learn(read_now.user, rows_.users);
  learn(read_now.type, rows_.consumer_types);

  Time updated_at = read_now.updated_at;
  auto allocations = allocations_of(read_now, updated_at);
  const auto project = read_now.project.text.value_or(options_.incomplete_owner.project_id);
  const auto user = read_now.user.text.value_or(options_.incomplete_owner.user_id);
  const auto was = world_.find_consumer(uuid);
  if (was && *was->project_id == project && *was->user_id == user &&
      is(was->type, read_now.type.text) && was->generation == read_now.generation &&
      was->updated_at == updated_at && was->allocations == allocations) {
    return;
  }
  // What went has left no time of its own.
  const bool is_newer = !was || updated_at > was->updated_at;
  const Time changed_at = is_newer && !allocations.empty() ? updated_at : now_;
  auto made = std::make_shared<Consumer>();
  made->uuid = uuid;
  made->project_id = change().intern(project);
  made->user_id = change().intern(user);
  if (read_now.type.text) made->type = change().intern(*read_now.type.text);
  made->generation = read_now.generation;
  made->updated_at = updated_at;
  made->allocations = std::move(allocations);
  change().put(std::move(made), changed_at);
}

}  // namespace emplace::store
