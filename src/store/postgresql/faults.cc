#include "store/postgresql/faults.h"

#include <algorithm>
#include <iterator>

#include "base/text.h"

namespace emplace::store {
namespace {

struct Meaning {
  std::string_view code;  // a whole one, or the beginning of many
  SqlFault fault;
};

// The first that fits counts.
constexpr Meaning meanings[] = {
    {"40001", SqlFault::conflict},     // serialization failure
    {"40P01", SqlFault::conflict},     // deadlock
    {"55P03", SqlFault::conflict},     // lock not available
    {"40003", SqlFault::lost},         // statement completion unknown
    {"08", SqlFault::lost},            // connection exceptions
    {"57P01", SqlFault::lost},         // admin shutdown, pg_terminate_backend
    {"57P02", SqlFault::lost},         // crash shutdown
    {"57P05", SqlFault::lost},         // idle session timeout
    {"25P03", SqlFault::lost},         // idle in transaction timeout
    {"25P04", SqlFault::lost},         // transaction timeout
    {"57P03", SqlFault::unavailable},  // cannot connect now: starts or stops
    {"57014", SqlFault::unavailable},  // statement timeout, or canceled
    {"25006", SqlFault::unavailable},  // read-only
    {"53", SqlFault::unavailable},     // disk full, out of memory, too many connections
    {"58", SqlFault::unavailable},     // input and output
    {"22", SqlFault::refused},         // values
    {"23", SqlFault::refused},         // constraints
};

// Of libpq's own sentences, which have no code: those that another try does not change.
constexpr std::string_view settings_at_fault[] = {"certificate", "server does not support SSL",
                                                  "no password supplied", "authentication method",
                                                  "could not load private key"};

bool is_code_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
}

// The code in a line such as `…FATAL:  28P01: password authentication failed…`; empty: none.
std::string_view code_in(std::string_view line) {
  constexpr std::size_t size = 5;
  for (auto at = line.find(":  "); at != std::string_view::npos; at = line.find(":  ", at + 1)) {
    const auto code = line.substr(at + 3, size);
    const auto after = line.substr(std::min(at + 3 + size, line.size()));
    if (code.size() == size && after.starts_with(": ") &&
        std::all_of(code.begin(), code.end(), is_code_character)) {
      return code;
    }
  }
  return {};
}

}  // namespace

SqlFault postgresql_fault(std::string_view code) {
  if (code.empty()) return SqlFault::lost;
  for (const auto& meaning : meanings) {
    if (code.starts_with(meaning.code)) return meaning.fault;
  }
  return SqlFault::other;
}

ConnectFailure connect_failure(std::string_view message) {
  ConnectFailure failure;
  while (!message.empty()) {
    const auto line = message.substr(0, message.find('\n'));
    message.remove_prefix(std::min(line.size() + 1, message.size()));
    const auto words = trimmed(line);
    if (words.empty() || words.starts_with("LOCATION:")) continue;
    const auto code = code_in(words);
    if (!code.empty()) failure.code = code;
    failure.sentence += (failure.sentence.empty() ? "" : "; ") + std::string(words);
  }
  failure.fault = postgresql_fault(failure.code);
  if (!failure.code.empty()) return failure;
  const auto says = [&](std::string_view part) {
    return failure.sentence.find(part) != std::string::npos;
  };
  // libpq begins so if a parameter's value makes no sense to it.
  if (failure.sentence.starts_with("invalid ") ||
      std::any_of(std::begin(settings_at_fault), std::end(settings_at_fault), says)) {
    failure.fault = SqlFault::other;
  }
  return failure;
}

}  // namespace emplace::store
