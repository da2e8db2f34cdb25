#include "auth/token.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <openssl/sha.h>

#include "json/reader.h"

namespace emplace::auth {
namespace {

constexpr std::size_t token_bytes_max = 8 * 1024;

bool is_token_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view("-._~+/=").find(c) != std::string_view::npos;
}

// The member of an object; nullptr if there is none, it is null, or this is no object.
const json::Value* member(const json::Value* value, std::string_view name) {
  const auto* object = value ? value->if_object() : nullptr;
  const auto* found = object ? object->if_contains(name) : nullptr;
  return found && !found->is_null() ? found : nullptr;
}

std::string text_of(const json::Value* value) {
  const auto* text = value ? value->if_string() : nullptr;
  return text ? std::string(text->data(), text->size()) : std::string();
}

std::string id_of(const json::Value* value) {
  return text_of(member(value, "id"));
}

bool is_true(const json::Value* value) {
  const auto* truth = value ? value->if_bool() : nullptr;
  return truth && *truth;
}

Result<std::vector<std::string>> roles_of(const json::Value* token) {
  std::vector<std::string> names;
  const auto* roles = member(token, "roles");
  if (!roles) return names;  // an unscoped token
  const auto* list = roles->if_array();
  if (!list) return fail(Reason::internal, "its roles are no list");
  for (const auto& role : *list) {
    auto name = text_of(member(&role, "name"));
    if (name.empty()) return fail(Reason::internal, "a role has no name");
    names.push_back(std::move(name));
  }
  return names;
}

// The number in a field of fixed width.
std::optional<int> digits(std::string_view text, std::size_t at, std::size_t width) {
  if (text.size() < at + width) return std::nullopt;
  int number = 0;
  for (const char c : text.substr(at, width)) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  return number;
}

}  // namespace

bool can_be_token(std::string_view text) {
  return !text.empty() && text.size() <= token_bytes_max &&
         std::all_of(text.begin(), text.end(), is_token_character);
}

std::string token_key(std::string_view token, bool allow_expired) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const unsigned char*>(token.data()), token.size(), digest.data());
  std::string key(reinterpret_cast<const char*>(digest.data()), digest.size());
  key += allow_expired ? 'e' : '-';
  return key;
}

std::optional<Time> parse_expiry(std::string_view text) {
  const auto year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
  const auto hour = digits(text, 11, 2), minute = digits(text, 14, 2), second = digits(text, 17, 2);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  if (text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':') {
    return std::nullopt;
  }
  auto rest = text.substr(19);
  if (rest.starts_with('.')) {
    rest.remove_prefix(std::min(rest.find_first_not_of("0123456789", 1), rest.size()));
  }
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (rest != "Z" || !date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return Time(std::chrono::sys_days(date)) + std::chrono::hours(*hour) +
         std::chrono::minutes(*minute) + std::chrono::seconds(*second);
}

Result<Token> parse_token(std::string_view body) {
  const auto document = TRY(json::parse(body, {.items_per_list = 0}));
  const auto* token = member(&document, "token");
  const auto* user = member(token, "user");
  const auto expires_at = parse_expiry(text_of(member(token, "expires_at")));
  if (!expires_at) return fail(Reason::internal, "it does not say when the token expires");

  Token result{.identity = {}, .expires_at = *expires_at};
  auto& identity = result.identity;
  identity.user_id = id_of(user);
  if (identity.user_id.empty()) return fail(Reason::internal, "it names no user");
  identity.user_domain_id = id_of(member(user, "domain"));
  identity.roles = TRY(roles_of(token));
  const auto* project = member(token, "project");
  identity.project_id = id_of(project);
  identity.project_domain_id = id_of(member(project, "domain"));
  identity.domain_id = id_of(member(token, "domain"));
  if (is_true(member(member(token, "system"), "all"))) identity.system_scope = "all";
  const auto* admin_project = member(token, "is_admin_project");
  identity.is_admin_project = !admin_project || is_true(admin_project);
  return result;
}

}  // namespace emplace::auth
