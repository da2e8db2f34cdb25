// For the tests of the search: queries in a few words, and candidates as text.
#pragma once

#include <algorithm>
#include <cstdint>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "candidates/search.h"
#include "model/world_text.h"

namespace emplace::candidates::testing_text {

inline std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> words;
  std::istringstream stream(text);
  for (std::string word; std::getline(stream, word, separator);)
    words.push_back(word);
  return words;
}

// A group in a few words: VCPU:2, +TRAIT, +ONE|OTHER, !TRAIT, in:rack1|rack2, !in:rack, tree:cn1.
inline Group group(const std::string& suffix, const std::string& text) {
  Group group;
  group.suffix = suffix;
  for (const auto& word : split(text, ' ')) {
    if (word.starts_with("+")) {
      group.traits.any_of.push_back(split(word.substr(1), '|'));
    } else if (word.starts_with("in:")) {
      auto& any = group.aggregates.any_of.emplace_back();
      for (const auto& name : split(word.substr(3), '|'))
        any.push_back(uuid_of(name));
    } else if (word.starts_with("!in:")) {
      group.aggregates.none_of.push_back(uuid_of(word.substr(4)));
    } else if (word.starts_with("!")) {
      group.traits.none_of.push_back(word.substr(1));
    } else if (word.starts_with("tree:")) {
      group.in_tree = uuid_of(word.substr(5));
    } else {
      const auto parts = split(word, ':');
      group.resources.emplace_back(parts.at(0), std::stoll(parts.at(1)));
    }
  }
  return group;
}

inline Query ask(std::vector<Group> groups) {
  Query query;
  query.groups = std::move(groups);
  return query;
}
inline Query ask(const std::string& unsuffixed) {
  return ask({group("", unsuffixed)});
}

inline Query isolated(Query query) {
  query.group_policy = GroupPolicy::isolate;
  return query;
}
inline Query limited(Query query, std::int64_t limit) {
  query.limit = limit;
  return query;
}
inline Query flat(Query query) {
  query.nested = false;
  return query;
}

inline const Provider& provider_at(const World& world, Place place) {
  return *world.tree(place.tree)->nodes[place.index].provider;
}

// "cn1 VCPU=2, nfs DISK_GB=10", the parts in alphabetical order.
inline std::vector<std::string> parts_of(const World& world, const Found& found) {
  std::vector<std::string> all;
  for (const auto& candidate : found.candidates) {
    std::vector<std::string> parts;
    for (auto i = candidate.first_part; i < candidate.last_part; ++i) {
      const auto& part = found.parts[i];
      parts.push_back(provider_at(world, part.provider).name + " " +
                      world.resource_class(part.resource_class).name + "=" +
                      std::to_string(part.amount));
    }
    std::sort(parts.begin(), parts.end());
    std::string text;
    for (const auto& part : parts)
      text += (text.empty() ? "" : ", ") + part;
    all.push_back(text);
  }
  return all;
}

// "=cn1 =nfs 1=gpu": suffix and provider.
inline std::vector<std::string> mappings_of(const World& world, const Query& query,
                                            const Found& found) {
  std::vector<std::string> all;
  for (const auto& candidate : found.candidates) {
    std::string text;
    for (auto i = candidate.first_mapping; i < candidate.last_mapping; ++i) {
      const auto& mapping = found.mappings[i];
      text += (text.empty() ? "" : " ") + query.groups[mapping.group].suffix + "=" +
              provider_at(world, mapping.provider).name;
    }
    all.push_back(text);
  }
  return all;
}

inline std::vector<std::string> search(const World& world, const Query& query,
                                       const Options& options = {}) {
  const auto found = find(world, query, options);
  if (!found) return {"failure: " + found.error().detail};
  return parts_of(world, *found);
}
inline std::vector<std::string> mappings(const World& world, const Query& query) {
  return mappings_of(world, query, find(world, query, {}).value());
}
inline std::string failure(const World& world, const Query& query) {
  const auto found = find(world, query, {});
  return found ? "found " + std::to_string(found->candidates.size()) : found.error().detail;
}

}  // namespace emplace::candidates::testing_text
