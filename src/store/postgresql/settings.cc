#include "store/postgresql/settings.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <set>
#include <string_view>
#include <utility>

#include <libpq-fe.h>

namespace emplace::store {
namespace {

// What Python's driver or this one sets by itself: how text is encoded.
constexpr std::string_view encoding = "client_encoding";

const std::set<std::string, std::less<>>& known_parameters() {
  static const auto known = [] {
    std::set<std::string, std::less<>> names;
    const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> all(PQconndefaults(),
                                                                             PQconninfoFree);
    for (const auto* option = all.get(); option != nullptr && option->keyword != nullptr; ++option)
      names.insert(option->keyword);
    return names;
  }();
  return known;
}

std::chrono::seconds connect_timeout(const std::string& text, std::chrono::seconds usual) {
  if (text.empty()) return usual;
  unsigned seconds = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || seconds == 0) {
    throw SqlError(SqlFault::other, "",
                   "[placement_database] connection: the parameter connect_timeout must be a "
                   "whole number of seconds above 0");
  }
  return std::chrono::seconds(seconds);
}

std::vector<std::string_view> pieces(std::string_view text) {
  std::vector<std::string_view> found;
  while (true) {
    const auto comma = text.find(',');
    found.push_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return found;
    text.remove_prefix(comma + 1);
  }
}

// One set of parameters for each host: libpq would try them too, but not give up on one that is
// silent when it is watched from outside.
std::vector<std::map<std::string, std::string>> for_each_host(
    const std::map<std::string, std::string>& common) {
  const auto named = common.find("host");
  if (named == common.end() || common.contains("hostaddr")) return {common};
  const auto port = common.find("port");
  const auto ports = pieces(port == common.end() ? std::string_view() : port->second);
  std::vector<std::map<std::string, std::string>> attempts;
  for (const auto host : pieces(named->second)) {
    auto one = common;
    const auto index = std::min(attempts.size(), ports.size() - 1);
    one["port"] = ports[index];
    // SQLAlchemy has host:port here; a socket's folder or an IPv6 address is none.
    const auto colon = host.find(':');
    const bool with_port =
        colon != std::string_view::npos && colon == host.rfind(':') && !host.starts_with('/');
    one["host"] = host.substr(0, with_port ? colon : host.size());
    if (with_port) one["port"] = host.substr(colon + 1);
    if (one["port"].empty()) one.erase("port");
    attempts.push_back(std::move(one));
  }
  return attempts;
}

}  // namespace

PostgresqlSettings postgresql_settings(const DatabaseUrl& url, const SessionOptions& options) {
  PostgresqlSettings settings;
  std::map<std::string, std::string> common{{"fallback_application_name", "emplace"},
                                            {"keepalives_idle", "30"},
                                            {"keepalives_interval", "10"},
                                            {"keepalives_count", "3"},
                                            {"dbname", url.database}};
  if (!url.host.empty()) common["host"] = url.host;
  if (!url.user.empty()) common["user"] = url.user;
  if (!url.password.empty()) common["password"] = url.password;
  if (url.port != 0) common["port"] = std::to_string(url.port);
  for (const auto& [name, value] : url.parameters) {
    if (known_parameters().contains(name) && name != encoding) common[name] = value;
  }
  settings.connect_timeout = connect_timeout(common["connect_timeout"], options.connect_timeout);
  common.erase("connect_timeout");
  settings.attempts = for_each_host(common);
  return settings;
}

std::vector<std::string> unused_postgresql_parameters(const DatabaseUrl& url) {
  std::vector<std::string> unused;
  for (const auto& [name, value] : url.parameters) {
    if (!known_parameters().contains(name)) unused.push_back(name);
  }
  return unused;
}

std::string postgresql_session(const SessionOptions& options) {
  const auto idle_ms = std::chrono::milliseconds(options.idle_transaction_timeout).count();
  return "SET client_encoding = 'UTF8'; SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; "
         "SET standard_conforming_strings = on; SET extra_float_digits = 1; "
         "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED; "
         "SET idle_in_transaction_session_timeout = " +
         std::to_string(idle_ms);
}

}  // namespace emplace::store
