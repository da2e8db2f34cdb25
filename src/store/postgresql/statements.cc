#include "store/postgresql/statements.h"

#include <charconv>

namespace emplace::store {
namespace {

constexpr std::size_t values_max = 65535;

std::optional<std::string> as_text(std::nullptr_t) {
  return std::nullopt;
}
std::optional<std::string> as_text(std::int64_t value) {
  return std::to_string(value);
}
std::optional<std::string> as_text(const std::string& value) {
  return value;
}
std::optional<std::string> as_text(double value) {
  char digits[32];
  return std::string(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

void refuse_nul(const std::string& text) {
  if (text.find('\0') == std::string::npos) return;
  throw SqlError(SqlFault::refused, "", "PostgreSQL cannot hold a text with a NUL in it");
}

}  // namespace

std::string with_numbers(const SqlStatement& statement) {
  refuse_nul(statement.text);
  for (const auto& value : statement.values) {
    if (const auto* text = std::get_if<std::string>(&value)) refuse_nul(*text);
  }
  if (statement.values.empty()) return statement.text;
  std::string text;
  text.reserve(statement.text.size() + 4 * statement.values.size());
  std::size_t number = 0;
  for (const char c : statement.text) {
    text += c == '?' ? '$' : c;
    if (c == '?') text += std::to_string(++number);
  }
  if (number != statement.values.size() || number > values_max) {
    throw SqlError(SqlFault::other, "",
                   "as many values as ? and at most 65535 are needed in: " + statement.text);
  }
  return text;
}

std::vector<std::optional<std::string>> as_parameters(const std::vector<SqlValue>& values) {
  std::vector<std::optional<std::string>> parameters;
  parameters.reserve(values.size());
  for (const auto& value : values)
    parameters.push_back(std::visit([](const auto& held) { return as_text(held); }, value));
  return parameters;
}

std::optional<std::string> PreparedStatements::find(const std::string& text) {
  const auto found = by_text_.find(text);
  if (found == by_text_.end()) return std::nullopt;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->second;
}

void PreparedStatements::add(const std::string& text, const std::string& name) {
  entries_.emplace_front(text, name);
  by_text_.emplace(text, entries_.begin());
  if (entries_.size() <= size_max_) return;
  dropped_.push_back(entries_.back().second);
  by_text_.erase(entries_.back().first);
  entries_.pop_back();
}

void PreparedStatements::forget_dropped(std::size_t count) {
  dropped_.erase(dropped_.begin(), dropped_.begin() + static_cast<std::ptrdiff_t>(count));
}

}  // namespace emplace::store
