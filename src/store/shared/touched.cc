#include "store/shared/touched.h"

#include <algorithm>
#include <charconv>

namespace emplace::store {
namespace {

void write(std::string& text, char kind, std::string_view key) {
  if (!text.empty()) text += ' ';
  text += kind;
  text += key;
}

void write(std::string& text, char kind, const std::set<RowId>& ids) {
  for (const RowId id : ids)
    write(text, kind, std::to_string(id));
}

// False if it is no number.
bool add_id(std::set<RowId>& ids, std::string_view digits) {
  RowId id = 0;
  const auto* end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, id);
  if (read.ec != std::errc{} || read.ptr != end) return false;
  ids.insert(id);
  return true;
}

bool add_word(Touched& touched, std::string_view word) {
  if (word == "X") return touched.purged = true;
  if (word.size() < 2) return false;
  const auto key = word.substr(1);
  switch (word.front()) {
    case 'P':
      return add_id(touched.providers, key);
    case 'I':
      return add_id(touched.inventories, key);
    case 'T':
      return add_id(touched.traits_of, key);
    case 'A':
      return add_id(touched.aggregates_of, key);
    case 'O':
      return add_id(touched.owners, key);
    case 'C':
      touched.consumers.emplace(key);
      return true;
    case 't':
      return add_id(touched.traits, key);
    case 'c':
      return add_id(touched.classes, key);
    default:
      return false;
  }
}

}  // namespace

bool Touched::empty() const {
  return providers.empty() && inventories.empty() && traits_of.empty() && aggregates_of.empty() &&
         owners.empty() && consumers.empty() && traits.empty() && classes.empty() && !purged;
}

void Touched::merge(const Touched& other) {
  providers.insert(other.providers.begin(), other.providers.end());
  inventories.insert(other.inventories.begin(), other.inventories.end());
  traits_of.insert(other.traits_of.begin(), other.traits_of.end());
  aggregates_of.insert(other.aggregates_of.begin(), other.aggregates_of.end());
  owners.insert(other.owners.begin(), other.owners.end());
  consumers.insert(other.consumers.begin(), other.consumers.end());
  traits.insert(other.traits.begin(), other.traits.end());
  classes.insert(other.classes.begin(), other.classes.end());
  purged |= other.purged;
}

std::string Touched::text() const {
  std::string text;
  write(text, 'P', providers);
  write(text, 'I', inventories);
  write(text, 'T', traits_of);
  write(text, 'A', aggregates_of);
  write(text, 'O', owners);
  for (const auto& consumer : consumers)
    write(text, 'C', consumer);
  write(text, 't', traits);
  write(text, 'c', classes);
  if (purged) write(text, 'X', std::string_view());
  return text;
}

bool Touched::add(std::string_view text) {
  while (!text.empty()) {
    const auto word = text.substr(0, text.find(' '));
    if (!add_word(*this, word)) return false;
    text.remove_prefix(std::min(word.size() + 1, text.size()));
  }
  return true;
}

}  // namespace emplace::store
