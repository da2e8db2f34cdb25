#include "store/postgresql/session.h"

#include <algorithm>
#include <cerrno>
#include <new>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include <poll.h>

#include "store/postgresql/faults.h"

namespace emplace::store {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// The events of poll() that have come; 0 when the time is up.
short poll_for(int socket, short events, milliseconds timeout) {
  const auto end = steady_clock::now() + timeout;
  while (true) {
    const auto left = std::chrono::ceil<milliseconds>(end - steady_clock::now());
    pollfd watched{socket, events, 0};
    const int count = poll(&watched, 1, static_cast<int>(std::max<std::int64_t>(0, left.count())));
    if (count >= 0) return count == 0 ? short{0} : watched.revents;
    if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "poll");
  }
}

std::string seconds_text(milliseconds time) {
  return std::to_string(std::chrono::ceil<std::chrono::seconds>(time).count()) + " s";
}

std::string text_or_empty(const char* text) {
  return text == nullptr ? "" : text;
}

std::string describe(const PGconn* line) {
  const auto host = text_or_empty(PQhost(line));
  const bool ipv6 = host.find(':') != std::string::npos && !host.starts_with('/');
  return "PostgreSQL at " + (ipv6 ? "[" + host + "]" : host) + ":" + text_or_empty(PQport(line)) +
         ", database " + text_or_empty(PQdb(line));
}

}  // namespace

PostgresqlSession::PostgresqlSession(const DatabaseUrl& url, const SessionOptions& options)
    : answer_timeout_(options.answer_timeout) {
  const auto settings = postgresql_settings(url, options);
  std::optional<SqlError> worst;
  for (const auto& parameters : settings.attempts) {
    try {
      open(parameters, settings.connect_timeout);
      break;
    } catch (const SqlError& error) {
      line_.reset();
      // A host that answers tells more than one that is away.
      if (!worst || worst->fault == SqlFault::lost) worst = error;
    }
  }
  if (!line_) throw *worst;
  check_queued(PQsendQuery(line(), postgresql_session(options).c_str()));
  flush();
  std::optional<SqlError> failed;
  while (const auto result = next()) {
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) failed = error_of(result.get());
  }
  if (failed) throw *failed;
}

void PostgresqlSession::open(const std::map<std::string, std::string>& parameters,
                             std::chrono::seconds timeout) {
  std::vector<const char*> names, values;
  for (const auto& [name, value] : parameters) {
    names.push_back(name.c_str());
    values.push_back(value.c_str());
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  line_.reset(PQconnectStartParams(names.data(), values.data(), 0));
  if (!line_) throw std::bad_alloc();
  auto* line = line_.get();
  PQsetNoticeProcessor(
      line, [](void*, const char*) {}, nullptr);
  PQsetErrorVerbosity(line, PQERRORS_VERBOSE);
  description_ = describe(line);
  const auto end = steady_clock::now() + timeout;
  auto state = PQstatus(line) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (state == PGRES_POLLING_READING || state == PGRES_POLLING_WRITING) {
    const short events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    const auto left = std::chrono::ceil<milliseconds>(end - steady_clock::now());
    if (poll_for(PQsocket(line), events, left) == 0) {
      lose("no connection within " + seconds_text(timeout));
    }
    state = PQconnectPoll(line);
  }
  if (state != PGRES_POLLING_OK) {
    const auto failure = connect_failure(PQerrorMessage(line));
    throw SqlError(failure.fault, failure.code, description_ + ": " + failure.sentence);
  }
  description_ = describe(line);
  PQsetnonblocking(line, 1);
}

PGconn* PostgresqlSession::line() {
  if (!line_) lose("the connection is over");
  return line_.get();
}

void PostgresqlSession::check_queued(int queued) {
  if (queued == 0) lose(connect_failure(PQerrorMessage(line_.get())).sentence);
}

short PostgresqlSession::wait(short events) {
  const short ready = poll_for(PQsocket(line_.get()), events, answer_timeout_);
  if (ready == 0) lose("no answer within " + seconds_text(answer_timeout_));
  return ready;
}

void PostgresqlSession::flush() {
  while (true) {
    const int left = PQflush(line());
    check_queued(left >= 0);
    if (left == 0) return;
    if ((wait(POLLIN | POLLOUT) & POLLIN) != 0) check_queued(PQconsumeInput(line_.get()));
  }
}

PostgresqlResult PostgresqlSession::next() {
  while (PQisBusy(line()) != 0) {
    wait(POLLIN);
    check_queued(PQconsumeInput(line_.get()));
  }
  return PostgresqlResult(PQgetResult(line_.get()));
}

SqlError PostgresqlSession::error_of(const PGresult* result) {
  const auto code = text_or_empty(PQresultErrorField(result, PG_DIAG_SQLSTATE));
  auto sentence = text_or_empty(PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
  if (sentence.empty()) sentence = connect_failure(PQresultErrorMessage(result)).sentence;
  const auto fault = postgresql_fault(code);
  if (fault == SqlFault::lost) line_.reset();
  return {fault, code, description_ + ": " + sentence + (code.empty() ? "" : " (" + code + ")")};
}

void PostgresqlSession::lose(const std::string& why) {
  line_.reset();
  throw SqlError(SqlFault::lost, "", description_ + ": " + why);
}

}  // namespace emplace::store
