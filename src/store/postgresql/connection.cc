#include "store/postgresql/connection.h"

#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <utility>

#include "store/sql/kept_rows.h"

namespace emplace::store {
namespace {

constexpr std::size_t prepared_max = 200;
// Longer texts have lists of many lengths in them, and seldom come again as they are.
constexpr std::size_t prepared_text_max = 500;
// Shorter ones, COMMIT and its like, cost next to nothing to read.
constexpr std::size_t prepared_text_min = 12;
// What may be queued in memory before it is sent.
constexpr std::size_t queued_bytes_max = 256 * 1024;

std::vector<KeptRows::Row> keep(const PGresult* result) {
  const int columns = PQnfields(result);
  std::vector<KeptRows::Row> rows(static_cast<std::size_t>(PQntuples(result)));
  for (int number = 0; number < PQntuples(result); ++number) {
    auto& row = rows[static_cast<std::size_t>(number)];
    row.reserve(static_cast<std::size_t>(columns));
    for (int column = 0; column < columns; ++column) {
      if (PQgetisnull(result, number, column) != 0) {
        row.emplace_back();
      } else {
        row.emplace_back(std::in_place, PQgetvalue(result, number, column),
                         static_cast<std::size_t>(PQgetlength(result, number, column)));
      }
    }
  }
  return rows;
}

SqlResult as_result(PGresult* result) {
  SqlResult made;
  made.rows = std::strtoll(PQcmdTuples(result), nullptr, 10);
  if (PQresultStatus(result) == PGRES_TUPLES_OK) {
    made.data = std::make_unique<KeptRows>(keep(result));
  }
  return made;
}

}  // namespace

// The rows of a query as they come in. What is left of them is read when they are dropped.
class PostgresqlStream final : public TextRows {
 public:
  explicit PostgresqlStream(PostgresqlConnection& connection) : connection_(connection) {
    connection_.streaming_ = true;
    row_ = connection_.session_.next();
    first_ = true;
  }
  ~PostgresqlStream() override {
    try {
      drain();
    } catch (const SqlError&) {
      // The connection is over, as the next call will say.
    }
    connection_.streaming_ = false;
  }
  PostgresqlStream(const PostgresqlStream&) = delete;
  PostgresqlStream& operator=(const PostgresqlStream&) = delete;

  bool next() override {
    const bool ended = PQresultStatus(row_.get()) == PGRES_TUPLES_OK;
    if (!std::exchange(first_, false) && !ended) row_ = connection_.session_.next();
    check();
    return PQresultStatus(row_.get()) == PGRES_SINGLE_TUPLE;
  }
  // Throws if what came instead of a row is an error.
  void check() {
    const auto status = PQresultStatus(row_.get());
    if (status == PGRES_SINGLE_TUPLE || status == PGRES_TUPLES_OK) return;
    throw connection_.session_.error_of(row_.get());
  }
  bool is_null(int column) const override { return PQgetisnull(row_.get(), 0, column) != 0; }
  std::string_view text(int column) const override {
    return {PQgetvalue(row_.get(), 0, column),
            static_cast<std::size_t>(PQgetlength(row_.get(), 0, column))};
  }

 private:
  void drain() {
    while (row_)
      row_ = connection_.session_.next();
  }

  PostgresqlConnection& connection_;
  PostgresqlResult row_;
  bool first_ = false;  // the row is not shown yet
};

PostgresqlConnection::PostgresqlConnection(const DatabaseUrl& url, const SessionOptions& options)
    : session_(url, options), prepared_(prepared_max) {}

std::vector<SqlResult> PostgresqlConnection::run(const std::vector<SqlStatement>& statements) {
  check_free();
  std::vector<std::string> texts;
  texts.reserve(statements.size());
  for (const auto& statement : statements)
    texts.push_back(with_numbers(statement));
  if (std::exchange(streamed_, false)) end_single_rows();
  session_.check_queued(PQenterPipelineMode(session_.line()));
  const auto sent = send(statements, texts);
  return receive(sent);
}

// libpq goes on giving rows one by one to the first statement of a pipeline, until there is a query
// without one.
void PostgresqlConnection::end_single_rows() {
  session_.check_queued(PQsendQuery(session_.line(), ""));
  session_.flush();
  while (session_.next()) {
    // The end of its results.
  }
}

std::vector<PostgresqlConnection::Sent> PostgresqlConnection::send(
    const std::vector<SqlStatement>& statements, const std::vector<std::string>& texts) {
  using What = Sent::What;
  auto* line = session_.line();
  std::vector<Sent> sent;
  std::unordered_map<std::string_view, std::string> being_prepared;
  std::size_t queued = 0;
  for (std::size_t i = 0; i < statements.size(); ++i) {
    const auto& text = texts[i];
    const auto values = as_parameters(statements[i].values);
    std::vector<const char*> pointers;
    for (const auto& value : values) {
      pointers.push_back(value ? value->c_str() : nullptr);
      queued += value ? value->size() : 0;
    }
    const int count = static_cast<int>(values.size());
    if (text.size() > prepared_text_max || text.size() < prepared_text_min) {
      session_.check_queued(PQsendQueryParams(line, text.c_str(), count, nullptr, pointers.data(),
                                              nullptr, nullptr, 0));
      queued += text.size();
    } else {
      auto name = prepared_.find(text);
      if (const auto fresh = being_prepared.find(text); fresh != being_prepared.end()) {
        name = fresh->second;
      }
      if (!name) {
        name = prepared_.new_name();
        session_.check_queued(PQsendPrepare(line, name->c_str(), text.c_str(), 0, nullptr));
        sent.push_back({What::preparation, text, *name});
        being_prepared.emplace(text, *name);
      }
      session_.check_queued(
          PQsendQueryPrepared(line, name->c_str(), count, pointers.data(), nullptr, nullptr, 0));
    }
    sent.push_back({});
    if (queued >= queued_bytes_max) {
      session_.flush();
      queued = 0;
    }
  }
  // Behind the rest, as in a transaction that failed only its end is allowed at first.
  for (const auto& name : prepared_.dropped()) {
    session_.check_queued(PQsendQueryParams(line, ("DEALLOCATE " + name).c_str(), 0, nullptr,
                                            nullptr, nullptr, nullptr, 0));
    sent.push_back({What::deallocation});
  }
  session_.check_queued(PQpipelineSync(line));
  session_.flush();
  return sent;
}

std::vector<SqlResult> PostgresqlConnection::receive(const std::vector<Sent>& sent) {
  std::vector<SqlResult> results;
  std::optional<SqlError> failed;
  std::size_t deallocated = 0;
  const auto to_deallocate = prepared_.dropped().size();
  for (const auto& each : sent) {
    const auto result = session_.next();
    const auto status = PQresultStatus(result.get());
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
      switch (each.what) {
        case Sent::What::statement:
          results.push_back(as_result(result.get()));
          break;
        case Sent::What::preparation:
          prepared_.add(each.text, each.name);
          break;
        case Sent::What::deallocation:
          ++deallocated;
          break;
      }
    } else if (!failed) {
      failed = session_.error_of(result.get());
      if (failed->fault == SqlFault::lost) throw *failed;
    }
    while (session_.next()) {
      // The end of this one's results.
    }
  }
  if (PQresultStatus(session_.next().get()) != PGRES_PIPELINE_SYNC) {
    session_.lose("the answers are not in step with the statements");
  }
  session_.check_queued(PQexitPipelineMode(session_.line()));
  if (deallocated == to_deallocate) prepared_.forget_dropped(deallocated);
  if (failed) throw *failed;
  return results;
}

std::unique_ptr<SqlRows> PostgresqlConnection::query(const std::string& sql) {
  check_free();
  session_.check_queued(PQsendQuery(session_.line(), sql.c_str()));
  session_.check_queued(PQsetSingleRowMode(session_.line()));
  streamed_ = true;
  session_.flush();
  auto rows = std::make_unique<PostgresqlStream>(*this);
  rows->check();
  return rows;
}

void PostgresqlConnection::check_free() const {
  if (streaming_) throw std::logic_error("the rows of a query are still being read");
}

}  // namespace emplace::store
