#include "store/mariadb/literals.h"

#include <charconv>
#include <cmath>
#include <string_view>

#include "base/text.h"

namespace emplace::store {
namespace {

void append_literal(std::string& sql, std::nullptr_t) {
  sql += "NULL";
}

void append_literal(std::string& sql, std::int64_t value) {
  sql += std::to_string(value);
}

// With an exponent, as what has none is a DECIMAL to the server.
void append_literal(std::string& sql, double value) {
  if (!std::isfinite(value)) {
    throw SqlError(SqlFault::refused, "", "MariaDB cannot hold a number that is not finite");
  }
  char digits[32];
  const auto end =
      std::to_chars(digits, digits + sizeof digits, value, std::chars_format::scientific);
  sql.append(digits, end.ptr);
}

// Whether a backslash escapes depends on sql_mode, so what holds one is written in hexadecimal
// digits; between quotes only the quote itself is special then.
void append_literal(std::string& sql, const std::string& value) {
  const bool utf8 = is_utf8(value);
  constexpr std::string_view unsafe("\\\0", 2);
  if (utf8 && value.find_first_of(unsafe) == std::string::npos) {
    sql += '\'';
    for (const char c : value) {
      if (c == '\'') sql += '\'';
      sql += c;
    }
  } else {
    constexpr std::string_view digits = "0123456789abcdef";
    sql += utf8 ? "_utf8mb4 X'" : "X'";
    for (const unsigned char c : value) {
      sql += digits[c >> 4];
      sql += digits[c & 15];
    }
  }
  sql += '\'';
}

[[noreturn]] void throw_count(const std::string& text) {
  throw SqlError(SqlFault::other, "", "as many values as ? are needed in: " + text);
}

}  // namespace

std::string with_literals(const SqlStatement& statement) {
  if (statement.values.empty()) return statement.text;
  std::string sql;
  sql.reserve(statement.text.size() + 16 * statement.values.size());
  auto value = statement.values.begin();
  for (const char c : statement.text) {
    if (c != '?') {
      sql += c;
      continue;
    }
    if (value == statement.values.end()) throw_count(statement.text);
    std::visit([&](const auto& held) { append_literal(sql, held); }, *value++);
  }
  if (value != statement.values.end()) throw_count(statement.text);
  return sql;
}

}  // namespace emplace::store
