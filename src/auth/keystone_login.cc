#include "auth/keystone_login.h"

#include <algorithm>

#include "auth/token.h"
#include "base/text.h"
#include "json/reader.h"
#include "json/writer.h"

namespace emplace::auth {
namespace {

void write_domain(json::Writer& writer, const std::string& id, const std::string& name) {
  if (id.empty() && name.empty()) return;
  writer.key("domain").begin_object();
  writer.key(id.empty() ? "name" : "id").value(id.empty() ? name : id).end_object();
}

void write_identity(json::Writer& writer, const Credentials& own) {
  writer.key("identity").begin_object();
  writer.key("methods").begin_array().value("password").end_array();
  writer.key("password").begin_object().key("user").begin_object();
  if (!own.user_id.empty()) {
    writer.key("id").value(own.user_id);
  } else {
    writer.key("name").value(own.username);
    write_domain(writer, own.user_domain_id, own.user_domain_name);
  }
  writer.key("password").value(own.password);
  writer.end_object().end_object().end_object();
}

void write_scope(json::Writer& writer, const Credentials& own) {
  const bool project = !own.project_id.empty() || !own.project_name.empty();
  const bool domain = !own.domain_id.empty() || !own.domain_name.empty();
  if (!project && !domain && own.system_scope.empty() && own.trust_id.empty()) return;
  writer.key("scope").begin_object();
  if (!own.project_id.empty()) {
    writer.key("project").begin_object().key("id").value(own.project_id).end_object();
  } else if (project) {
    writer.key("project").begin_object().key("name").value(own.project_name);
    write_domain(writer, own.project_domain_id, own.project_domain_name);
    writer.end_object();
  } else if (domain) {
    write_domain(writer, own.domain_id, own.domain_name);
  } else if (!own.system_scope.empty()) {
    writer.key("system").begin_object().key("all").raw("true").end_object();
  } else {
    writer.key("OS-TRUST:trust").begin_object().key("id").value(own.trust_id).end_object();
  }
  writer.end_object();
}

std::string_view text_at(const json::Value& value, std::string_view name) {
  const auto* object = value.if_object();
  const auto* found = object ? object->if_contains(name) : nullptr;
  const auto* text = found ? found->if_string() : nullptr;
  return text ? std::string_view(text->data(), text->size()) : std::string_view();
}

const json::Array* list_at(const json::Value& value, std::string_view name) {
  const auto* object = value.if_object();
  const auto* found = object ? object->if_contains(name) : nullptr;
  return found ? found->if_array() : nullptr;
}

// "internalURL" is what version 2 called the interface "internal".
std::string_view without_url(std::string_view interface) {
  if (interface.ends_with("URL")) interface.remove_suffix(3);
  return interface;
}

bool is_chosen(const json::Value& endpoint, const EndpointChoice& choice) {
  if (!same_ignoring_case(text_at(endpoint, "interface"), without_url(choice.interface))) {
    return false;
  }
  return choice.region.empty() || text_at(endpoint, "region_id") == choice.region ||
         text_at(endpoint, "region") == choice.region;
}

std::string find_endpoint(const json::Value& token, const EndpointChoice& choice) {
  const auto* catalog = list_at(token, "catalog");
  if (!catalog) return {};
  for (const auto& service : *catalog) {
    const auto* endpoints = list_at(service, "endpoints");
    if (text_at(service, "type") != "identity" || !endpoints) continue;
    for (const auto& endpoint : *endpoints) {
      const auto url = text_at(endpoint, "url");
      if (!url.empty() && is_chosen(endpoint, choice)) return std::string(url);
    }
  }
  return {};
}

}  // namespace

std::string login_body(const Credentials& credentials) {
  std::string body;
  json::Writer writer(body);
  writer.begin_object().key("auth").begin_object();
  write_identity(writer, credentials);
  write_scope(writer, credentials);
  writer.end_object().end_object();
  return body;
}

Result<Login> parse_login(std::string_view token, std::string_view body,
                          const EndpointChoice& choice, Time now) {
  if (!can_be_token(token)) return fail(Reason::internal, "it holds no token");
  const auto document = TRY(json::parse(body, {.items_per_list = 0}));
  const auto* object = document.if_object();
  const auto* inner = object ? object->if_contains("token") : nullptr;
  const auto expires_at = inner ? parse_expiry(text_at(*inner, "expires_at")) : std::nullopt;
  if (!expires_at) return fail(Reason::internal, "it does not say when the token expires");
  // Early enough for what is under way, and not at once where tokens live for less than that.
  constexpr std::chrono::seconds ahead{120};
  const auto life = *expires_at - now;
  return Login{.token = std::string(token),
               .expires_at = *expires_at,
               .renew_at = *expires_at - std::min(ahead, life / 2),
               .endpoint = find_endpoint(*inner, choice)};
}

std::string with_version_3(std::string_view url) {
  const auto trim_slashes = [&url] {
    while (url.ends_with('/'))
      url.remove_suffix(1);
  };
  trim_slashes();
  if (url.ends_with("/v2.0")) {
    url.remove_suffix(5);
    trim_slashes();
  }
  return std::string(url) + (url.ends_with("/v3") ? "" : "/v3");
}

}  // namespace emplace::auth
