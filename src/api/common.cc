#include "api/common.h"

#include <algorithm>
#include <cmath>

#include "api/python_int.h"
#include "json/schema.h"
#include "json/utf8.h"

namespace emplace::api {
namespace {

constexpr std::string_view bad_query = "Invalid query string parameters: ";

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

template <class T>
void add_once(std::vector<T>& list, T value) {
  if (std::find(list.begin(), list.end(), value) == list.end()) list.push_back(std::move(value));
}

Result<std::vector<std::string_view>> split_list(std::string_view text, std::size_t values_max) {
  auto parts = split(text, ',');
  if (parts.size() <= values_max) return parts;
  return fail(Reason::bad_request, std::string(bad_query) + "more than " +
                                       std::to_string(values_max) + " values in one parameter.");
}

Result<std::int64_t> parse_amount(std::string_view name, std::string_view text) {
  const auto requested = [&] { return "Requested resource " + echo(name); };
  const PythonInt number = parse_python_int(text);
  if (std::holds_alternative<NotANumber>(number)) {
    return fail(Reason::bad_request,
                requested() + " expected positive integer amount. Got: " + echo(text) + ".");
  }
  if (const auto* beyond = std::get_if<BeyondInt64>(&number); beyond && !beyond->negative) {
    return fail(Reason::bad_request,
                requested() + " requires amount <= 9223372036854775807. Got: " + echo(text) + ".");
  }
  const auto* amount = std::get_if<std::int64_t>(&number);
  if (amount && *amount >= 1) return *amount;
  return fail(Reason::bad_request, requested() + " requires amount >= 1. Got: " +
                                       (amount ? std::to_string(*amount) : echo(strip(text))) +
                                       ".");
}

tl::unexpected<Failure> malformed_traits(std::string_view problem, std::string_view text) {
  return fail(Reason::bad_request, std::string(bad_query) + std::string(problem) + echo(text));
}

Result<candidates::TraitFilter> parse_any_of(std::string_view text, TraitSyntax syntax,
                                             std::size_t values_max) {
  if (!syntax.any) {
    return malformed_traits(
        "The format 'in:HW_CPU_X86_VMX,CUSTOM_MAGIC' only supported since microversion 1.39. Got: ",
        text);
  }
  const auto parts = TRY(split_list(text.substr(3), values_max));
  std::vector<std::string> any;
  for (const auto part : parts) {
    add_once(any, std::string(strip(part)));
  }
  if (std::any_of(any.begin(), any.end(), [](const auto& name) { return name.empty(); })) {
    return malformed_traits(
        "Expected 'required' parameter value of the form: in:HW_CPU_X86_VMX,CUSTOM_MAGIC. "
        "Got an empty trait in: ",
        text);
  }
  if (std::any_of(any.begin(), any.end(), [](const auto& name) { return name[0] == '!'; })) {
    return malformed_traits(
        "The format 'in:HW_CPU_X86_VMX,CUSTOM_MAGIC' does not support forbidden traits. Got: ",
        text);
  }
  return candidates::TraitFilter{{std::move(any)}, {}};
}

struct Membership {
  std::vector<Uuid> aggregates;
  bool forbidden = false;
};

// One value: UUID, !UUID, in:UUID,UUID or !in:UUID,UUID.
Result<Membership> parse_membership(std::string_view text, std::size_t values_max) {
  Membership membership;
  auto list = text;
  const bool is_list = text.starts_with("in:") || text.starts_with("!in:");
  if (!is_list && text.find(',') != std::string_view::npos) {
    return fail(Reason::bad_request,
                "Multiple values for 'member_of' must be prefixed with the 'in:' or '!in:' keyword "
                "using the valid microversion. Got: " +
                    echo(text));
  }
  membership.forbidden = list.starts_with('!');
  if (membership.forbidden) list.remove_prefix(1);
  if (is_list) list.remove_prefix(3);
  const auto parts = TRY(split_list(list, values_max));
  for (const auto part : parts) {
    const auto uuid = Uuid::parse(part);
    if (!uuid) {
      return fail(
          Reason::bad_request,
          std::string(bad_query) +
              "Expected 'member_of' parameter to contain valid UUID(s). Got: " + echo(part));
    }
    add_once(membership.aggregates, *uuid);
  }
  return membership;
}

}  // namespace

std::string echo(std::string_view text) {
  constexpr std::size_t echo_max = 200;
  const auto cut = json::cut_to(text, echo_max);
  return std::string(cut) + (cut.size() < text.size() ? "..." : "");
}

std::string_view strip(std::string_view text) {
  constexpr std::string_view spaces = " \t\n\r\f\v";
  const auto first = text.find_first_not_of(spaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(spaces) - first + 1);
}

Result<Uuid> provider_uuid_of_path(std::string_view uuid_text) {
  if (const auto uuid = Uuid::parse(uuid_text)) return *uuid;
  return fail(Reason::no_such_resource,
              "No resource provider with uuid " + echo(uuid_text) + " found");
}

Result<Located> provider_of_path(const Call& call, std::string_view uuid_text) {
  return provider_in(call.world, TRY(provider_uuid_of_path(uuid_text)));
}

Result<Located> provider_in(const World& world, const Uuid& uuid) {
  if (auto located = world.find_provider(uuid)) return *std::move(located);
  return fail(Reason::no_such_resource, "No resource provider with uuid " + uuid.str() + " found");
}

Result<json::Value> body_for_provider(const Call& call, const Uuid& provider,
                                      const json::Schema& schema) {
  auto body = call.body(schema);
  if (!body) CHECK_OK(provider_in(call.world, provider));
  return body;
}

bool is_printable(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const char32_t character = json::next_character(text, at);
    if (character < 0x20 || (character >= 0x7f && character <= 0x9f)) return false;
  }
  return true;
}

std::int64_t generation_in(const json::Value& value) {
  if (const auto* whole = value.if_int64()) return *whole;
  const double* number = value.if_double();
  // 2^63 is the first double that does not fit.
  if (!number || !(std::abs(*number) < 9223372036854775808.0)) return -1;
  return static_cast<std::int64_t>(*number);
}

std::vector<std::string_view> values_of(const QueryParameters& query, std::string_view name) {
  std::vector<std::string_view> values;
  for (const auto& parameter : query) {
    if (parameter.first == name) values.push_back(parameter.second);
  }
  return values;
}

std::optional<std::string_view> last_value_of(const QueryParameters& query, std::string_view name) {
  const auto found = std::find_if(query.rbegin(), query.rend(),
                                  [&](const auto& parameter) { return parameter.first == name; });
  if (found == query.rend()) return std::nullopt;
  return found->second;
}

Result<void> check_query(const QueryParameters& query, const json::Schema& schema) {
  json::Value parameters = json::Object();
  auto& members = parameters.get_object();
  for (const auto& [name, value] : query)
    members.insert_or_assign(name, value);
  auto checked = schema.check(parameters);
  if (checked) return {};
  // The schema speaks of a body, as most of them do.
  constexpr std::string_view of_body = "JSON does not validate: ";
  std::string_view problem = checked.error().detail;
  if (problem.starts_with(of_body)) problem.remove_prefix(of_body.size());
  return fail(Reason::bad_request, std::string(bad_query) + std::string(problem));
}

Result<std::vector<std::pair<std::string, std::int64_t>>> parse_resources(std::string_view text,
                                                                          std::size_t values_max) {
  const auto badly_formed = [](const std::string& got) {
    return fail(Reason::bad_request,
                "Badly formed resources parameter. Expected resources query string parameter in "
                "form: ?resources=VCPU:2,MEMORY_MB:1024. Got: " +
                    got + ".");
  };
  if (strip(text).empty()) return badly_formed("empty string");
  const auto parts = TRY(split_list(text, values_max));
  std::vector<std::pair<std::string, std::int64_t>> resources;
  for (const auto part : parts) {
    const auto colon = part.find(':');
    if (colon == std::string_view::npos || part.find(':', colon + 1) != std::string_view::npos) {
      return badly_formed(echo(part));
    }
    const auto name = part.substr(0, colon);
    const std::int64_t amount = TRY(parse_amount(name, part.substr(colon + 1)));
    const auto same = std::find_if(resources.begin(), resources.end(),
                                   [&](const auto& resource) { return resource.first == name; });
    if (same == resources.end()) {
      resources.emplace_back(name, amount);
    } else {
      same->second = amount;
    }
  }
  return resources;
}

Result<candidates::TraitFilter> parse_traits(std::string_view text, TraitSyntax syntax,
                                             std::size_t values_max) {
  if (text.starts_with("in:")) return parse_any_of(text, syntax, values_max);
  const auto parts = TRY(split_list(text, values_max));
  candidates::TraitFilter filter;
  bool has_empty = false;
  for (const auto part : parts) {
    auto name = strip(part);
    const bool forbidden = name.starts_with('!');
    // Any number of exclamation marks is as good as one, for upstream too.
    name.remove_prefix(std::min(name.find_first_not_of('!'), name.size()));
    has_empty = has_empty || name.empty();
    if (forbidden) {
      add_once(filter.none_of, std::string(name));
    } else {
      add_once(filter.any_of, {std::string(name)});
    }
  }
  if (has_empty) {
    return malformed_traits("Expected 'required' parameter value of the form: HW_CPU_X86_VMX," +
                                std::string(syntax.forbidden ? "!" : "") +
                                "CUSTOM_MAGIC. Got an empty trait in: ",
                            text);
  }
  if (!filter.none_of.empty() && !syntax.forbidden) {
    return malformed_traits(
        "Expected 'required' parameter value of the form: HW_CPU_X86_VMX,CUSTOM_MAGIC. Got: ",
        text);
  }
  return filter;
}

Result<candidates::TraitFilter> parse_required(const Call& call,
                                               const std::vector<std::string_view>& values,
                                               std::string_view parameter_name) {
  const TraitSyntax syntax{.forbidden = call.has(Feature::forbidden_traits),
                           .any = call.has(Feature::any_traits)};
  candidates::TraitFilter all;
  std::size_t count = 0;
  // Before 1.39 a repeated parameter is not an error: the last one counts.
  const auto first = syntax.any || values.empty() ? values.begin() : values.end() - 1;
  for (auto value = first; value != values.end(); ++value) {
    auto filter = TRY(parse_traits(*value, syntax, call.settings.query_values_max));
    for (auto& any : filter.any_of)
      add_once(all.any_of, std::move(any));
    for (auto& name : filter.none_of)
      add_once(all.none_of, std::move(name));
    count += filter.any_of.size() + filter.none_of.size();
    if (count > call.settings.query_values_max) {
      return fail(Reason::bad_request, std::string(bad_query) + "more than " +
                                           std::to_string(call.settings.query_values_max) +
                                           " traits in " + std::string(parameter_name) + ".");
    }
  }
  return all;
}

Result<candidates::AggregateFilter> parse_member_of(const Call& call,
                                                    const std::vector<std::string_view>& values,
                                                    std::string_view parameter_name) {
  const std::string name(parameter_name);
  const auto values_max = call.settings.query_values_max;
  if (values.size() > 1 && !call.has(Feature::repeated_member_of)) {
    return fail(Reason::bad_request, "Multiple " + name + " parameters are not supported");
  }
  candidates::AggregateFilter filter;
  std::size_t count = 0;
  for (const auto value : values) {
    auto membership = TRY(parse_membership(value, values_max));
    count += membership.aggregates.size();
    if (count > values_max) {
      return fail(Reason::bad_request, std::string(bad_query) + "more than " +
                                           std::to_string(values_max) + " aggregates in " + name +
                                           ".");
    }
    if (!membership.forbidden) {
      filter.any_of.push_back(std::move(membership.aggregates));
    } else if (call.has(Feature::forbidden_aggregates)) {
      for (const auto& uuid : membership.aggregates)
        add_once(filter.none_of, uuid);
    } else {
      return fail(Reason::bad_request, "Forbidden " + name +
                                           " parameters are not supported in the specified "
                                           "microversion");
    }
  }
  return filter;
}

Time usage_changed_at(const World& world, const Provider& provider) {
  Time changed = newer(provider.updated_at, provider.allocations_updated_at);
  for (const auto& inventory : provider.inventories) {
    changed = newer(changed, world.resource_class(inventory.resource_class).updated_at);
  }
  return newer(changed, world.times().taken);
}

Response json_response(std::string body, std::optional<Time> last_modified) {
  Response response;
  response.body = std::move(body);
  response.last_modified = last_modified;
  return response;
}

Response empty_response(unsigned status) {
  Response response;
  response.status = status;
  return response;
}

}  // namespace emplace::api
