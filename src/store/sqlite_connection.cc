#include "store/sqlite_connection.h"

#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "store/sql/kept_rows.h"

namespace emplace::store {
namespace {

class StatementRows final : public SqlRows {
 public:
  StatementRows(const SqliteDatabase& database, const std::string& sql)
      : statement_(database, sql) {}

  bool next() override { return statement_.next(); }
  bool is_null(int column) const override { return statement_.is_null(column); }
  std::int64_t integer(int column) const override { return statement_.integer(column); }
  double real(int column) const override { return statement_.real(column); }
  std::string_view text(int column) const override { return statement_.text(column); }

 private:
  SqliteStatement statement_;
};

// SQLite itself writes 15 digits.
std::string exact_text(double value) {
  std::array<char, 32> text;
  const auto written = std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), written.ptr};
}

}  // namespace

std::unique_ptr<SqlRows> SqliteConnection::query(const std::string& sql) {
  return std::make_unique<StatementRows>(database_, sql);
}

std::vector<SqlResult> SqliteConnection::run(const std::vector<SqlStatement>& statements) {
  std::vector<SqlResult> results;
  for (const auto& each : statements) {
    SqliteStatement statement(database_, each.text);
    int index = 0;
    for (const auto& value : each.values)
      std::visit([&](const auto& held) { statement.bind_at(++index, held); }, value);
    std::vector<KeptRows::Row> rows;
    const int columns = statement.columns();
    while (statement.next()) {
      auto& row = rows.emplace_back();
      for (int column = 0; column < columns; ++column) {
        if (statement.is_null(column)) {
          row.emplace_back();
        } else if (statement.is_real(column)) {
          row.emplace_back(exact_text(statement.real(column)));
        } else {
          row.emplace_back(statement.text(column));
        }
      }
    }
    SqlResult result{.rows = database_.changes(), .inserted_id = database_.inserted_row()};
    if (columns > 0) result.data = std::make_unique<KeptRows>(std::move(rows));
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace emplace::store
