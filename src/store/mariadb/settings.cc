#include "store/mariadb/settings.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "base/text.h"
#include "store/mariadb/literals.h"

namespace emplace::store {
namespace {

constexpr std::string_view known_parameters[] = {
    "connect_timeout", "read_timeout", "write_timeout", "unix_socket", "read_default_file",
    "read_default_group", "ssl", "ssl_ca", "ssl_capath", "ssl_cert", "ssl_key", "ssl_cipher",
    "ssl_check_hostname", "ssl_verify_cert", "ssl_verify_identity", "ssl_mode", "ssl-mode",
    // How Python's drivers encode text. Here it is always utf8mb4.
    "charset", "use_unicode"};

[[noreturn]] void refuse(std::string_view name, const std::string& wanted) {
  throw SqlError(
      SqlFault::other, "",
      "[placement_database] connection: the parameter " + std::string(name) + " must be " + wanted);
}

class Parameters {
 public:
  explicit Parameters(const DatabaseUrl& url) : url_(url) {}

  bool has(const std::string& name) const { return url_.parameters.contains(name); }
  std::string text(const std::string& name) const {
    const auto found = url_.parameters.find(name);
    return found == url_.parameters.end() ? "" : found->second;
  }
  unsigned seconds(const std::string& name, std::chrono::seconds usual) const {
    if (!has(name)) return static_cast<unsigned>(usual.count());
    const auto value = text(name);
    unsigned number = 0;
    const auto read = std::from_chars(value.data(), value.data() + value.size(), number);
    if (read.ec != std::errc() || read.ptr != value.data() + value.size() || number == 0) {
      refuse(name, "a whole number of seconds above 0");
    }
    return number;
  }
  bool truth(const std::string& name, bool usual) const {
    if (!has(name)) return usual;
    const auto value = text(name);
    const auto is = [&](std::string_view word) { return same_ignoring_case(value, word); };
    if (is("true") || is("yes") || is("on") || is("y") || is("t") || is("1")) return true;
    if (!(is("false") || is("no") || is("off") || is("n") || is("f") || is("0"))) {
      refuse(name, "true or false");
    }
    return false;
  }

 private:
  const DatabaseUrl& url_;
};

// mysqlclient's words; what they say holds whatever else is said.
void apply_mode(const Parameters& parameters, const std::string& name, MariadbSettings& settings) {
  if (!parameters.has(name)) return;
  const auto mode = parameters.text(name);
  const auto is = [&](std::string_view word) { return same_ignoring_case(mode, word); };
  const bool verify = is("VERIFY_CA") || is("VERIFY_IDENTITY");
  if (!verify && !is("DISABLED") && !is("PREFERRED") && !is("REQUIRED")) {
    refuse(name, "one of DISABLED, PREFERRED, REQUIRED, VERIFY_CA and VERIFY_IDENTITY");
  }
  settings.tls = verify || is("REQUIRED");
  settings.verify_host = is("VERIFY_IDENTITY");
  if (!verify) settings.ca_file = settings.ca_folder = "";
  if (verify && settings.ca_file.empty() && settings.ca_folder.empty()) {
    refuse(name, "with ssl_ca or ssl_capath if it is VERIFY_CA or VERIFY_IDENTITY");
  }
}

// With an authority to trust, the certificate is verified, and its name, unless that is turned off.
void apply_tls(const Parameters& parameters, MariadbSettings& settings) {
  settings.ca_file = parameters.text("ssl_ca");
  settings.ca_folder = parameters.text("ssl_capath");
  settings.certificate_file = parameters.text("ssl_cert");
  settings.key_file = parameters.text("ssl_key");
  settings.ciphers = parameters.text("ssl_cipher");
  const bool authority = !settings.ca_file.empty() || !settings.ca_folder.empty();
  const bool identity = parameters.truth("ssl_verify_identity", authority);
  const bool verify = parameters.truth("ssl_verify_cert", authority || identity);
  settings.tls = authority || verify || !settings.certificate_file.empty() ||
                 !settings.key_file.empty() || !settings.ciphers.empty() ||
                 parameters.truth("ssl", false);
  settings.verify_host = verify && parameters.truth("ssl_check_hostname", identity);
  if (verify && !authority) refuse("ssl_verify_cert", "with ssl_ca or ssl_capath");
  if (!verify) settings.ca_file = settings.ca_folder = "";
  apply_mode(parameters, "ssl_mode", settings);
  apply_mode(parameters, "ssl-mode", settings);
}

}  // namespace

MariadbSettings mariadb_settings(const DatabaseUrl& url, const SessionOptions& options) {
  const Parameters parameters(url);
  MariadbSettings settings;
  settings.connect_timeout_s = parameters.seconds("connect_timeout", options.connect_timeout);
  settings.read_timeout_s = parameters.seconds("read_timeout", options.answer_timeout);
  settings.write_timeout_s = parameters.seconds("write_timeout", options.answer_timeout);
  settings.defaults_file = parameters.text("read_default_file");
  settings.defaults_group = parameters.text("read_default_group");
  settings.socket = parameters.text("unix_socket");
  // A socket goes before a host, as upstream's driver has it.
  if (settings.socket.empty()) settings.host = url.host;
  if (settings.host.empty() && settings.socket.empty() && settings.defaults_file.empty()) {
    settings.host = "localhost";
  }
  settings.port = url.port;
  if (url.port == 0 && settings.defaults_file.empty()) settings.port = 3306;
  apply_tls(parameters, settings);
  return settings;
}

std::vector<std::string> unused_mariadb_parameters(const DatabaseUrl& url) {
  std::vector<std::string> unused;
  for (const auto& [name, value] : url.parameters) {
    const auto* end = std::end(known_parameters);
    if (std::find(std::begin(known_parameters), end, name) == end) unused.push_back(name);
  }
  return unused;
}

std::vector<SessionStatement> mariadb_session(const SessionOptions& options, bool mariadb) {
  const auto idle = std::to_string(options.idle_transaction_timeout.count());
  std::vector<SessionStatement> statements{
      {"SET NAMES utf8mb4"},
      {"SET SESSION time_zone = '+00:00'"},
      {std::string("SET SESSION autocommit = ") + (options.autocommit ? "1" : "0")},
      {"SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"},
      // Whoever holds a lock that we need may want ours next: give way at once. The one lock that
      // is worth waiting for is asked for with a time of its own.
      {std::string("SET SESSION innodb_lock_wait_timeout = ") + (mariadb ? "0" : "1")},
      // With a log of statements, InnoDB refuses to write under READ COMMITTED.
      {std::string("SET SESSION ") + (mariadb ? "tx_isolation" : "transaction_isolation") +
           " = IF(@@log_bin AND @@binlog_format = 'STATEMENT', 'REPEATABLE-READ', "
           "'READ-COMMITTED')",
       true},
      {"SET SESSION wsrep_sync_wait = IF(@@wsrep_on, 1, @@wsrep_sync_wait)", true},
  };
  if (!options.mysql_sql_mode.empty()) {
    statements.push_back({with_literals({"SET SESSION sql_mode = ?", {options.mysql_sql_mode}})});
  }
  if (mariadb) {
    statements.push_back({"SET SESSION idle_transaction_timeout = " + idle, true});
    statements.push_back({"SET SESSION idle_write_transaction_timeout = " + idle, true});
  } else if (!options.autocommit && options.idle_transaction_timeout.count() > 0) {
    // MySQL knows no such limit for transactions, but one for all idleness.
    const auto seconds = std::max<std::int64_t>(30, options.idle_transaction_timeout.count());
    statements.push_back({"SET SESSION wait_timeout = " + std::to_string(seconds)});
  }
  return statements;
}

}  // namespace emplace::store
