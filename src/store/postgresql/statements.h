// Statements as PostgreSQL takes them, and those that a session has prepared. Pure.
#pragma once

#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "store/sql/connection.h"

namespace emplace::store {

// The text with $1, $2 … for the `?`; as it is if the statement has no values.
// Throws SqlError: refused for a text that holds a NUL, other if the values are not as many as the
// `?`, or more than the protocol can count.
std::string with_numbers(const SqlStatement& statement);

// Values as text; nothing: NULL.
std::vector<std::optional<std::string>> as_parameters(const std::vector<SqlValue>& values);

// The names of prepared statements by their texts, up to a number of them: the one that was not
// used for longest goes first.
class PreparedStatements {
 public:
  explicit PreparedStatements(std::size_t size_max) : size_max_(size_max) {}

  // The name; nothing if the text is not prepared.
  std::optional<std::string> find(const std::string& text);
  // A name that was never used before.
  std::string new_name() { return "emplace_" + std::to_string(++last_name_); }
  // Requires: the server has prepared it, and the text is not known yet.
  void add(const std::string& text, const std::string& name);
  // Those that had to go, and are to be deallocated.
  const std::vector<std::string>& dropped() const { return dropped_; }
  // The first `count` of them are deallocated.
  void forget_dropped(std::size_t count);

 private:
  using Entries = std::list<std::pair<std::string, std::string>>;  // text and name, newest first

  std::size_t size_max_;
  Entries entries_;
  std::unordered_map<std::string, Entries::iterator> by_text_;
  std::vector<std::string> dropped_;
  std::uint64_t last_name_ = 0;
};

}  // namespace emplace::store
