#include "store/mariadb/connection.h"

#include <new>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "store/mariadb/faults.h"
#include "store/mariadb/literals.h"
#include "store/sql/kept_rows.h"

namespace emplace::store {
namespace {

// What may be sent before answers are read. The buffers of both sockets take this much, so that a
// server that waits for us to read never makes us wait for it to read.
constexpr std::size_t outstanding_max = 64;
constexpr std::size_t outstanding_bytes_max = 64 * 1024;

constexpr unsigned unknown_variable = 1193;

const char* text_or_null(const std::string& text) {
  return text.empty() ? nullptr : text.c_str();
}

void set_option(MYSQL* session, mysql_option option, const void* value) {
  if (mysql_options(session, option, value) != 0) {
    throw std::logic_error("libmariadb does not know option " + std::to_string(option));
  }
}

void set_text(MYSQL* session, mysql_option option, const std::string& value) {
  if (!value.empty()) set_option(session, option, value.c_str());
}

void set_options(MYSQL* session, const MariadbSettings& settings) {
  const my_bool no = 0, yes = 1;
  const unsigned local_infile = 0;  // a server must not ask for files of ours
  set_option(session, MYSQL_OPT_LOCAL_INFILE, &local_infile);
  set_option(session, MYSQL_OPT_RECONNECT, &no);
  set_option(session, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  set_option(session, MYSQL_OPT_CONNECT_TIMEOUT, &settings.connect_timeout_s);
  set_option(session, MYSQL_OPT_READ_TIMEOUT, &settings.read_timeout_s);
  set_option(session, MYSQL_OPT_WRITE_TIMEOUT, &settings.write_timeout_s);
  set_text(session, MYSQL_READ_DEFAULT_FILE, settings.defaults_file);
  set_text(session, MYSQL_READ_DEFAULT_GROUP, settings.defaults_group);
  if (!settings.host.empty() && settings.socket.empty()) {
    const unsigned tcp = MYSQL_PROTOCOL_TCP;  // also to localhost, as PyMySQL has it
    set_option(session, MYSQL_OPT_PROTOCOL, &tcp);
  }
  set_option(session, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, settings.verify_host ? &yes : &no);
  if (!settings.tls) return;
  set_option(session, MYSQL_OPT_SSL_ENFORCE, &yes);
  set_text(session, MYSQL_OPT_SSL_CA, settings.ca_file);
  set_text(session, MYSQL_OPT_SSL_CAPATH, settings.ca_folder);
  set_text(session, MYSQL_OPT_SSL_CERT, settings.certificate_file);
  set_text(session, MYSQL_OPT_SSL_KEY, settings.key_file);
  set_text(session, MYSQL_OPT_SSL_CIPHER, settings.ciphers);
}

// So that a connection whose other end is gone without a word does not stay for hours.
void keep_alive(int socket) {
  const int yes = 1, idle_s = 30, interval_s = 10, probes = 3;
  setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes);
  setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
  setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof interval_s);
  setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
}

std::string address_of(const MariadbSettings& settings) {
  if (!settings.socket.empty()) return settings.socket;
  if (settings.host.empty()) return "the address of " + settings.defaults_file;
  const bool ipv6 = settings.host.find(':') != std::string::npos;
  return (ipv6 ? "[" + settings.host + "]" : settings.host) + ":" + std::to_string(settings.port);
}

struct FreeResult {
  void operator()(MYSQL_RES* result) const { mysql_free_result(result); }
};
using Rows = std::unique_ptr<MYSQL_RES, FreeResult>;

std::vector<KeptRows::Row> keep(MYSQL_RES* rows) {
  std::vector<KeptRows::Row> kept;
  kept.reserve(mysql_num_rows(rows));
  const auto columns = mysql_num_fields(rows);
  while (MYSQL_ROW fields = mysql_fetch_row(rows)) {
    const auto* sizes = mysql_fetch_lengths(rows);
    auto& row = kept.emplace_back(columns);
    for (unsigned column = 0; column < columns; ++column) {
      if (fields[column] != nullptr) row[column].emplace(fields[column], sizes[column]);
    }
  }
  return kept;
}

}  // namespace

// The rows of a query as they come in. What is left of them is read when they are dropped.
class MariadbStream final : public TextRows {
 public:
  MariadbStream(MariadbConnection& connection, MYSQL_RES* rows)
      : connection_(connection), rows_(rows) {
    connection_.streaming_ = true;
  }
  ~MariadbStream() override {
    rows_.reset();
    connection_.streaming_ = false;
  }
  MariadbStream(const MariadbStream&) = delete;
  MariadbStream& operator=(const MariadbStream&) = delete;

  bool next() override {
    fields_ = mysql_fetch_row(rows_.get());
    if (fields_ == nullptr) {
      const auto answer = connection_.failed();
      if (answer.error != 0) connection_.throw_error(answer.error, answer.message);
      return false;
    }
    sizes_ = mysql_fetch_lengths(rows_.get());
    return true;
  }
  bool is_null(int column) const override { return fields_[column] == nullptr; }
  std::string_view text(int column) const override {
    if (is_null(column)) return {};
    return {fields_[column], sizes_[column]};
  }

 private:
  MariadbConnection& connection_;
  Rows rows_;
  MYSQL_ROW fields_ = nullptr;
  const unsigned long* sizes_ = nullptr;
};

MariadbConnection::MariadbConnection(const DatabaseUrl& url, const SessionOptions& options) {
  const auto settings = mariadb_settings(url, options);
  description_ = "MariaDB at " + address_of(settings) + ", database " + url.database;
  open(url, settings);
  set_up(options);
}

void MariadbConnection::open(const DatabaseUrl& url, const MariadbSettings& settings) {
  // Once, before threads make sessions at the same time.
  static const int library = mysql_library_init(0, nullptr, nullptr);
  session_.reset(library == 0 ? mysql_init(nullptr) : nullptr);
  if (!session_) throw std::bad_alloc();
  set_options(session_.get(), settings);
  if (mysql_real_connect(session_.get(), text_or_null(settings.host), text_or_null(url.user),
                         text_or_null(url.password), url.database.c_str(), settings.port,
                         text_or_null(settings.socket), CLIENT_FOUND_ROWS) == nullptr) {
    const auto answer = failed();
    throw_error(answer.error, answer.message);
  }
  // libmariadb itself insists on TLS only where it compares the host's name, too.
  if (settings.tls && mysql_get_ssl_cipher(session_.get()) == nullptr) {
    throw SqlError(SqlFault::other, "", description_ + ": the server does not offer TLS");
  }
  keep_alive(mysql_get_socket(session_.get()));
}

void MariadbConnection::set_up(const SessionOptions& options) {
  const bool mariadb = mariadb_connection(session_.get()) != 0;
  if (!mariadb) description_.replace(0, std::string_view("MariaDB").size(), "MySQL");
  const auto statements = mariadb_session(options, mariadb);
  std::vector<std::string> texts;
  for (const auto& statement : statements)
    texts.push_back(statement.text);
  texts.push_back("SELECT @@max_allowed_packet");
  const auto answers = exchange(texts, false);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto& answer = answers[i];
    if (answer.error == 0) continue;
    if (i < statements.size() && statements[i].optional && answer.error == unknown_variable) {
      continue;
    }
    throw_error(answer.error, answer.message);
  }
  auto& size = *answers.back().result.data;
  size.next();
  text_size_max_ = static_cast<std::size_t>(size.integer(0)) - 1;  // a packet names its command
}

std::vector<SqlResult> MariadbConnection::run(const std::vector<SqlStatement>& statements) {
  check_free();
  std::vector<std::string> texts;
  texts.reserve(statements.size());
  for (const auto& statement : statements) {
    texts.push_back(with_literals(statement));
    if (texts.back().size() >= text_size_max_) {
      throw SqlError(SqlFault::refused, "",
                     description_ + ": a statement of " + std::to_string(texts.back().size()) +
                         " bytes is larger than max_allowed_packet");
    }
  }
  auto answers = exchange(texts, true);
  std::vector<SqlResult> results;
  results.reserve(answers.size());
  for (auto& answer : answers) {
    if (answer.error != 0) throw_error(answer.error, answer.message);
    results.push_back(std::move(answer.result));
  }
  return results;
}

std::vector<MariadbConnection::Answer> MariadbConnection::exchange(
    const std::vector<std::string>& texts, bool stop) {
  std::vector<Answer> answers;
  answers.reserve(texts.size());
  std::size_t sent = 0, outstanding_bytes = 0;
  const auto over = [&](std::size_t size) {
    return sent - answers.size() >= outstanding_max ||
           outstanding_bytes + size > outstanding_bytes_max;
  };
  bool ended = false;  // nothing more is sent
  const auto read_one = [&] {
    outstanding_bytes -= texts[answers.size()].size();
    answers.push_back(receive());
    const auto error = answers.back().error;
    if (error != 0 && (stop || mariadb_fault(error) == SqlFault::lost)) ended = true;
    return error == 0 || mariadb_fault(error) != SqlFault::lost;
  };
  for (const auto& text : texts) {
    while (!ended && sent > answers.size() && over(text.size())) {
      if (!read_one()) return answers;
    }
    if (ended) break;
    if (mysql_send_query(session_.get(), text.data(), text.size()) != 0) {
      answers.push_back(failed());
      return answers;
    }
    ++sent;
    outstanding_bytes += text.size();
  }
  while (answers.size() < sent) {
    if (!read_one()) break;
  }
  return answers;
}

MariadbConnection::Answer MariadbConnection::receive() {
  auto* session = session_.get();
  if (mysql_read_query_result(session) != 0) return failed();
  Answer answer;
  if (mysql_field_count(session) == 0) {
    answer.result.rows = static_cast<std::int64_t>(mysql_affected_rows(session));
    answer.result.inserted_id = static_cast<std::int64_t>(mysql_insert_id(session));
    return answer;
  }
  const Rows rows(mysql_store_result(session));
  if (!rows) return failed();
  answer.result.rows = static_cast<std::int64_t>(mysql_num_rows(rows.get()));
  answer.result.data = std::make_unique<KeptRows>(keep(rows.get()));
  return answer;
}

std::unique_ptr<SqlRows> MariadbConnection::query(const std::string& sql) {
  check_free();
  auto* session = session_.get();
  MYSQL_RES* rows = nullptr;
  if (mysql_real_query(session, sql.data(), sql.size()) == 0) rows = mysql_use_result(session);
  if (rows == nullptr) {
    const auto answer = failed();
    throw_error(answer.error, answer.message);
  }
  return std::make_unique<MariadbStream>(*this, rows);
}

MariadbConnection::Answer MariadbConnection::failed() const {
  Answer answer;
  answer.error = mysql_errno(session_.get());
  answer.message = mysql_error(session_.get());
  return answer;
}

void MariadbConnection::throw_error(unsigned number, const std::string& message) const {
  throw SqlError(mariadb_fault(number), std::to_string(number),
                 description_ + ": " + message + " (" + std::to_string(number) + ")");
}

void MariadbConnection::check_free() const {
  if (streaming_) throw std::logic_error("the rows of a query are still being read");
}

}  // namespace emplace::store
