#include "store/sql/database_url.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/text.h"

namespace emplace::store {
namespace {

struct Scheme {
  std::string_view name;
  Engine engine;
};

constexpr Scheme schemes[] = {
    {"sqlite", Engine::sqlite},
    {"sqlite+pysqlite", Engine::sqlite},
    {"mysql", Engine::mariadb},
    {"mysql+pymysql", Engine::mariadb},
    {"mysql+mysqldb", Engine::mariadb},
    {"mariadb", Engine::mariadb},
    {"mariadb+pymysql", Engine::mariadb},
    {"postgresql", Engine::postgresql},
    {"postgresql+psycopg2", Engine::postgresql},
    {"postgres", Engine::postgresql},
};

tl::unexpected<Failure> refuse(const std::string& what) {
  return fail(Reason::bad_request, "[placement_database] connection " + what);
}

// `kind`: what the URL says instead, if that can be no piece of a password.
tl::unexpected<Failure> refuse_kind(const std::string& kind) {
  return refuse(
      "must be sqlite:///PATH (with four slashes for an absolute path), "
      "mysql+pymysql://USER:PASSWORD@HOST/DATABASE or postgresql://USER:PASSWORD@HOST/DATABASE" +
      (kind.empty() ? "" : "; \"" + kind + "\" is none of these"));
}

Result<Engine> engine_of(std::string_view scheme) {
  for (const auto& known : schemes) {
    if (same_ignoring_case(known.name, scheme)) return known.engine;
  }
  constexpr std::string_view usual =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+";
  const bool tells = scheme.find_first_not_of(usual) == std::string_view::npos;
  return refuse_kind(tells ? std::string(scheme.substr(0, 40)) : "");
}

tl::unexpected<Failure> refuse_at() {
  return refuse("has more than one \"@\": in a password it is written %40");
}

// Takes `user:password@` off the front, if it stands there: up to the first `@`, as SQLAlchemy
// reads it, so that a `/` or `?` may stand in a password as it is.
void take_credentials(std::string_view& rest, DatabaseUrl& url) {
  const auto at = rest.find('@');
  if (at == std::string_view::npos) return;
  const auto credentials = rest.substr(0, at);
  const auto colon = credentials.find(':');
  const auto user = credentials.substr(0, colon);
  if (user.find('/') != std::string_view::npos) return;
  url.user = percent_decoded(user, false);
  if (colon != std::string_view::npos) {
    url.password = percent_decoded(credentials.substr(colon + 1), false);
  }
  rest.remove_prefix(at + 1);
}

// Takes `host:port` off the front.
Result<void> take_address(std::string_view& rest, DatabaseUrl& url) {
  if (rest.starts_with('[')) {
    const auto end = rest.find(']');
    if (end == std::string_view::npos) return refuse("has a host with \"[\" and no \"]\"");
    url.host = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
    if (!rest.empty() && rest.find_first_of(":/?") != 0) return refuse("has no port after \"]\"");
  } else {
    const auto end = rest.find_first_of(":/?");
    url.host = rest.substr(0, end);
    rest.remove_prefix(std::min(end, rest.size()));
  }
  if (url.host.find('@') != std::string::npos) return refuse_at();
  if (!rest.starts_with(':')) return {};
  const auto digits = rest.substr(1, rest.find_first_of("/?") - 1);
  rest.remove_prefix(digits.size() + 1);
  if (digits.empty()) return {};
  const auto* end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, url.port);
  // What is no port may be a piece of a password, so it is not repeated.
  if (read.ec != std::errc() || read.ptr != end || url.port == 0) {
    return refuse("has a port that is no number from 1 to 65535");
  }
  return {};
}

// a=b&c=d. Values may have `+` for a space here; empty ones count as absent, as upstream has it.
std::map<std::string, std::string> parse_parameters(std::string_view text) {
  std::map<std::string, std::string> parameters;
  while (!text.empty()) {
    const auto item = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(item.size() + 1, text.size()));
    const auto equals = item.find('=');
    if (equals == std::string_view::npos || equals + 1 == item.size()) continue;
    const auto name = percent_decoded(item.substr(0, equals), true);
    auto value = percent_decoded(item.substr(equals + 1), true);
    auto& known = parameters[name];
    // Several hosts are given by several parameters; of others the last one counts.
    known = name == "host" && !known.empty() ? known + "," + value : std::move(value);
  }
  return parameters;
}

// An `@` in a database's name or a parameter's, before which may stand what nobody is to read in a
// log.
bool holds_piece_of_password(std::string_view rest) {
  const auto path = rest.substr(0, rest.find('?'));
  if (path.find('@') != std::string_view::npos) return true;
  rest.remove_prefix(path.size());
  while (!rest.empty()) {
    const auto item = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(item.size() + 1, rest.size()));
    if (item.substr(0, item.find('=')).find('@') != std::string_view::npos) return true;
  }
  return false;
}

bool holds_nul(const DatabaseUrl& url) {
  const auto has = [](const std::string& text) { return text.find('\0') != std::string::npos; };
  for (const auto& [name, value] : url.parameters) {
    if (has(name) || has(value)) return true;
  }
  return has(url.path) || has(url.user) || has(url.password) || has(url.host) || has(url.database);
}

}  // namespace

Result<DatabaseUrl> parse_database_url(const std::string& url, const std::string& more) {
  const auto end = url.find("://");
  if (end == std::string::npos) return refuse_kind("");
  DatabaseUrl parsed;
  parsed.engine = TRY(engine_of(std::string_view(url).substr(0, end)));
  auto rest = std::string_view(url).substr(end + 3);
  if (parsed.engine != Engine::sqlite) {
    take_credentials(rest, parsed);
    CHECK_OK(take_address(rest, parsed));
  }
  const auto path = rest.substr(0, rest.find('?'));
  if (parsed.engine != Engine::sqlite && holds_piece_of_password(rest)) return refuse_at();
  parsed.parameters = parse_parameters(more);
  parsed.parameters.merge(parse_parameters(rest.substr(std::min(path.size() + 1, rest.size()))));
  auto& named = parsed.engine == Engine::sqlite ? parsed.path : parsed.database;
  if (path.starts_with('/')) named = percent_decoded(path.substr(1), false);
  if (parsed.engine == Engine::sqlite && (named.empty() || named == ":memory:")) {
    return refuse_kind("");
  }
  const auto dbname = parsed.parameters.find("dbname");
  if (parsed.engine == Engine::postgresql && dbname != parsed.parameters.end()) {
    named = dbname->second;  // as psycopg2 takes it, too
    parsed.parameters.erase(dbname);
  }
  if (named.empty()) return refuse("names no database: it ends in @HOST/DATABASE");
  if (holds_nul(parsed)) return refuse("holds a %00");
  return parsed;
}

}  // namespace emplace::store
