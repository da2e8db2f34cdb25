#include "api/candidates_answer.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>
#include <vector>

#include "api/pieces.h"
#include "json/writer.h"

namespace emplace::api {
namespace {

using candidates::Candidate;
using candidates::Found;
using candidates::Mapping;
using candidates::Part;
using candidates::Query;

constexpr std::size_t uuid_size = 36;

const Provider& provider_at(const World& world, const Place& place) {
  return *world.tree(place.tree)->nodes[place.index].provider;
}

void append_number(std::string& out, std::int64_t number) {
  char text[20];
  out.append(text, static_cast<std::size_t>(std::to_chars(text, text + 20, number).ptr - text));
}

// before, the UUID, after: at once.
void append_uuid(std::string& out, std::string_view before, const Uuid& uuid,
                 std::string_view after) {
  const std::size_t at = out.size();
  out.resize(at + before.size() + uuid_size + after.size());
  char* to = std::copy(before.begin(), before.end(), out.data() + at);
  std::copy(after.begin(), after.end(), uuid.write_to(to));
}

// The allocation_requests. Most candidates of an answer ask for the same amounts, each of another
// provider: the text of the amounts is made once and copied.
class RequestsWriter {
 public:
  RequestsWriter(const Call& call, const Query& query, const Found& found, std::string& out)
      : world_(call.world),
        found_(found),
        as_object_(call.has(Feature::allocations_as_object)),
        has_mappings_(call.has(Feature::mappings)),
        out_(out) {
    for (const auto& group : query.groups) {
      auto& text = group_keys_.emplace_back();
      json::append_string(text, group.suffix);
      text += ": [";
    }
  }

  void write() {
    out_ += '[';
    bool first = true;
    for (const auto& candidate : found_.candidates) {
      if (!std::exchange(first, false)) out_ += ", ";
      out_ += as_object_ ? "{\"allocations\": {" : "{\"allocations\": [";
      write_parts(candidate);
      out_ += as_object_ ? '}' : ']';
      if (has_mappings_) write_mappings(candidate);
      out_ += '}';
    }
    out_ += ']';
  }

 private:
  // One provider's part of a request: `parts` are all of that provider.
  void write_part_of_provider(const Part* begin, const Part* end) {
    remember_amounts(begin, end);
    const Uuid& uuid = provider_at(world_, begin->provider).uuid;
    append_uuid(out_, as_object_ ? "\"" : "{\"resource_provider\": {\"uuid\": \"", uuid,
                amounts_text_);
  }

  void write_parts(const Candidate& candidate) {
    const Part* begin = found_.parts.data() + candidate.first_part;
    const Part* end = found_.parts.data() + candidate.last_part;
    const auto by_provider = [](const Part& a, const Part& b) { return a.provider < b.provider; };
    if (!std::is_sorted(begin, end, by_provider)) {
      sorted_parts_.assign(begin, end);
      std::stable_sort(sorted_parts_.begin(), sorted_parts_.end(), by_provider);
      begin = sorted_parts_.data();
      end = begin + sorted_parts_.size();
    }
    for (bool first = true; begin != end;) {
      const Part* next = begin;
      while (next != end && next->provider == begin->provider)
        ++next;
      if (!std::exchange(first, false)) out_ += ", ";
      write_part_of_provider(begin, next);
      begin = next;
    }
  }

  // Makes amounts_text_ what follows a provider's UUID, unless it is that already.
  void remember_amounts(const Part* begin, const Part* end) {
    const auto same = [](const Part& part, const Part& old) {
      return part.resource_class == old.resource_class && part.amount == old.amount;
    };
    if (std::equal(begin, end, amounts_.begin(), amounts_.end(), same)) return;
    amounts_.assign(begin, end);
    amounts_text_ = as_object_ ? "\": {\"resources\": {" : "\"}, \"resources\": {";
    for (const Part* part = begin; part != end; ++part) {
      if (part != begin) amounts_text_ += ", ";
      json::append_string(amounts_text_, world_.resource_class(part->resource_class).name);
      amounts_text_ += ": ";
      append_number(amounts_text_, part->amount);
    }
    amounts_text_ += "}}";
  }

  void write_mappings(const Candidate& candidate) {
    const Mapping* begin = found_.mappings.data() + candidate.first_mapping;
    const Mapping* end = found_.mappings.data() + candidate.last_mapping;
    const auto by_group = [](const Mapping& a, const Mapping& b) { return a.group < b.group; };
    if (!std::is_sorted(begin, end, by_group)) {
      sorted_mappings_.assign(begin, end);
      std::stable_sort(sorted_mappings_.begin(), sorted_mappings_.end(), by_group);
      begin = sorted_mappings_.data();
      end = begin + sorted_mappings_.size();
    }
    out_ += ", \"mappings\": {";
    for (const Mapping* mapping = begin; mapping != end; ++mapping) {
      const bool new_group = mapping == begin || mapping->group != (mapping - 1)->group;
      if (new_group) {
        if (mapping != begin) out_ += "], ";
        out_ += group_keys_[mapping->group];
      } else {
        out_ += ", ";
      }
      append_uuid(out_, "\"", provider_at(world_, mapping->provider).uuid, "\"");
    }
    out_ += begin == end ? "}" : "]}";
  }

  const World& world_;
  const Found& found_;
  const bool as_object_, has_mappings_;
  std::string& out_;
  std::vector<std::string> group_keys_;  // by group: `"suffix": [`
  std::vector<Part> amounts_;            // those of amounts_text_
  std::string amounts_text_;
  std::vector<Part> sorted_parts_;
  std::vector<Mapping> sorted_mappings_;
};

// The summaries from 1.29: whole trees, of which all is ready.
void append_trees(std::string& out, const Call& call, const std::vector<std::uint32_t>& trees) {
  const World& world = call.world;
  bool first = true;
  for (const auto number : trees) {
    const Tree& tree = *world.tree(number);
    for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
      if (!call.access.sees(world, tree, i)) continue;
      if (!std::exchange(first, false)) out += ", ";
      out += pieces_of(world, tree, i).summary;
    }
  }
}

std::size_t size_of_trees(const World& world, const std::vector<std::uint32_t>& trees) {
  std::size_t size = 0;
  for (const auto number : trees) {
    const Tree& tree = *world.tree(number);
    for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
      size += pieces_of(world, tree, i).summary.size() + 2;
    }
  }
  return size;
}

std::set<ClassId> requested_classes(const World& world, const Query& query) {
  std::set<ClassId> classes;
  for (const auto& group : query.groups) {
    for (const auto& [name, amount] : group.resources) {
      if (const auto id = world.find_class(name)) classes.insert(*id);
    }
  }
  return classes;
}

// The summaries before 1.29: the used providers, before 1.27 with the requested classes alone,
// before 1.17 without traits.
void append_providers(std::string& out, const Call& call, const Query& query,
                      const std::vector<Place>& places) {
  const auto& world = call.world;
  const bool all_classes = call.has(Feature::all_classes_in_summaries);
  const auto requested = requested_classes(world, query);
  json::Writer writer(out);
  for (const auto& place : places) {
    const auto& provider = provider_at(world, place);
    writer.key(provider.uuid).begin_object();
    writer.key("resources").begin_object();
    for (const auto& inventory : provider.inventories) {
      if (!all_classes && !requested.contains(inventory.resource_class)) continue;
      writer.key(world.resource_class(inventory.resource_class).name).begin_object();
      writer.key("capacity").value(inventory.values.capacity());
      writer.key("used").value(inventory.used).end_object();
    }
    writer.end_object();
    if (call.has(Feature::candidates_required)) {
      writer.key("traits").begin_array();
      for (const auto trait : provider.traits)
        writer.value(world.trait(trait).name);
      writer.end_array();
    }
    writer.end_object();
  }
}

}  // namespace

std::string candidates_json(const Call& call, const Query& query, const Found& found) {
  constexpr std::size_t part_size = 96, mapping_size = 56, candidate_size = 48;  // about
  std::string out;
  out.reserve(64 + found.candidates.size() * candidate_size + found.parts.size() * part_size +
              found.mappings.size() * mapping_size +
              size_of_trees(call.world, found.summary_trees));
  out += "{\"allocation_requests\": ";
  RequestsWriter(call, query, found, out).write();
  out += ", \"provider_summaries\": {";
  if (call.has(Feature::nested_candidates)) {
    append_trees(out, call, found.summary_trees);
  } else {
    append_providers(out, call, query, found.summary_providers);
  }
  out += "}}";
  return out;
}

}  // namespace emplace::api
