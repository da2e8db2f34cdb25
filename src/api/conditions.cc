#include "api/conditions.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <utility>

#include <openssl/evp.h>

#include "api/errors.h"
#include "api/guard.h"

namespace emplace::api {
namespace {

constexpr std::string_view white_space = " \t";

// RFC 9110, 8.8.3: etagc.
bool is_tag_character(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == 0x21 || (byte >= 0x23 && byte <= 0x7e) || byte >= 0x80;
}

void skip(std::string_view& text, std::string_view characters) {
  text.remove_prefix(std::min(text.find_first_not_of(characters), text.size()));
}

// Takes one entity tag from the beginning.
std::optional<EntityTag> take_tag(std::string_view& text) {
  EntityTag tag;
  tag.weak = text.starts_with("W/");
  if (tag.weak) text.remove_prefix(2);
  if (!text.starts_with('"')) return std::nullopt;
  std::size_t end = 1;
  while (end < text.size() && is_tag_character(text[end]))
    ++end;
  if (end == text.size() || text[end] != '"') return std::nullopt;
  tag.quoted = text.substr(0, end + 1);
  text.remove_prefix(end + 1);
  return tag;
}

// Appends the tags of one header line; false if it is malformed.
bool append_tags(std::string_view line, std::vector<EntityTag>& tags) {
  for (;;) {
    skip(line, " \t,");
    if (line.empty()) return true;
    const auto tag = take_tag(line);
    if (!tag) return false;
    tags.push_back(*tag);
    skip(line, white_space);
    if (!line.empty() && line.front() != ',') return false;
  }
}

bool is_star(std::string_view line) {
  skip(line, white_space);
  return line.starts_with('*') && line.find_first_not_of(white_space, 1) == std::string_view::npos;
}

class Digest {
 public:
  Digest()
      : method_(EVP_MD_fetch(nullptr, "SHA256", nullptr), EVP_MD_free),
        context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {}

  // The first bytes of SHA-256 over all parts.
  template <std::size_t Size>
  std::array<unsigned char, Size> of(std::initializer_list<std::string_view> parts) {
    static_assert(Size <= 32);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    bool done = method_ && context_ && EVP_DigestInit_ex(context_.get(), method_.get(), nullptr);
    for (const auto part : parts)
      done = done && EVP_DigestUpdate(context_.get(), part.data(), part.size());
    if (!done || !EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr)) {
      throw std::runtime_error("libcrypto has no SHA-256");
    }
    std::array<unsigned char, Size> first{};
    std::copy_n(digest.begin(), Size, first.begin());
    return first;
  }

 private:
  std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> method_;
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

std::string_view bytes_of(const Response& response) {
  return response.shared_body ? *response.shared_body : response.body;
}

struct Preconditions {
  std::optional<TagList> if_match, if_none_match;  // nothing: not asked for
};

Result<std::optional<TagList>> read_tags(const Request& request, std::string_view name) {
  const auto values = request.header_values(name);
  if (values.empty()) return std::nullopt;
  auto list = parse_tag_list(values);
  if (list) return list;
  return fail(Reason::bad_request, "The header " + std::string(name) +
                                       " is malformed: it takes * or entity tags in double "
                                       "quotes, as ETag has them, separated by commas.");
}

// What a path's GET would show.
struct Selected {
  bool exists = false;
  std::string etag;  // empty: nothing has a tag here
};

// `get` may be nullptr: there is none.
Selected select(const Operation* get, const Call& write, const World& tip, Time now) {
  if (!get || !write.has(get->since)) return {};
  Call call = write.on(tip);
  call.rule = get->rule;
  call.now = now;
  // A caller who may not read it must not find out by guessing what it is.
  auto access = access_to(*get, call);
  if (!access) return {};
  call.access = *std::move(access);
  // A list is always there, and has no tag.
  if (!get->has_etag && call.path.empty()) return {.exists = true, .etag = ""};
  auto outcome = handle(*get, call);
  auto* shown = outcome ? std::get_if<Response>(&*outcome) : nullptr;
  if (!shown) return {};
  if (get->has_etag) add_etag(*shown);
  return {.exists = !shown->is_placeholder, .etag = std::move(shown->etag)};
}

bool names(const TagList& list, const Selected& selected, Comparison comparison) {
  if (list.any) return selected.exists;
  return !selected.etag.empty() && has_tag(list, selected.etag, comparison);
}

Result<void> judge(const Preconditions& asked, const Selected& selected) {
  if (asked.if_match && !names(*asked.if_match, selected, Comparison::strong)) {
    return fail(Reason::precondition_failed,
                "If-Match does not hold: this is not the present state of the resource. Read it "
                "again, then repeat.");
  }
  if (asked.if_none_match && names(*asked.if_none_match, selected, Comparison::weak)) {
    return fail(Reason::precondition_failed,
                "If-None-Match does not hold: the resource exists, or is in the state named.");
  }
  return {};
}

Result<Outcome> judged_read(const Call& call, Response response) {
  if (response.etag.empty()) add_etag(response);
  const Selected selected{.exists = !response.is_placeholder, .etag = response.etag};
  Preconditions asked;
  asked.if_match = TRY(read_tags(call.request, "If-Match"));
  CHECK_OK(judge(asked, selected));
  const auto known = parse_tag_list(call.request.header_values("If-None-Match"));
  if (known && names(*known, selected, Comparison::weak)) {
    response.status = 304;
    response.body.clear();
    response.shared_body = nullptr;
  }
  return response;
}

// Whether a write that found nothing at its path failed for that, and not for what it carries.
bool tells_of_absence(const Failure& failure) {
  const unsigned status = status_of(failure.reason);
  return status == 404 || status == 400;
}

Result<Outcome> guarded_write(const Route& route, const Call& call, Write write) {
  Preconditions asked;
  asked.if_match = TRY(read_tags(call.request, "If-Match"));
  asked.if_none_match = TRY(read_tags(call.request, "If-None-Match"));
  if (!asked.if_match && !asked.if_none_match) return write;
  const Operation* get = route.find("GET");
  write.plan = [get, call, asked, plan = std::move(write.plan)](const World& tip,
                                                                Time now) -> Result<ChangeSet> {
    const auto selected = select(get, call, tip, now);
    auto holds = judge(asked, selected);
    if (holds) return plan(tip, now);
    if (!selected.exists) {
      auto without = plan(tip, now);
      if (!without && tells_of_absence(without.error())) return without;
    }
    return tl::unexpected(std::move(holds.error()));
  };
  return write;
}

}  // namespace

std::optional<TagList> parse_tag_list(const std::vector<std::string_view>& values) {
  TagList list;
  if (values.size() == 1 && is_star(values.front())) {
    list.any = true;
    return list;
  }
  for (const auto line : values) {
    if (!append_tags(line, list.tags)) return std::nullopt;
  }
  return list;
}

bool has_tag(const TagList& list, std::string_view quoted, Comparison comparison) {
  return std::any_of(list.tags.begin(), list.tags.end(), [&](const EntityTag& tag) {
    return tag.quoted == quoted && (comparison == Comparison::weak || !tag.weak);
  });
}

std::string entity_tag(std::string_view content_type, std::string_view body) {
  constexpr std::string_view digits = "0123456789abcdef";
  thread_local Digest digest;
  // A media type holds no line feed, so type and body cannot run into each other.
  std::string tag = "\"";
  for (const unsigned char byte : digest.of<16>({content_type, "\n", body})) {
    tag += digits[byte >> 4];
    tag += digits[byte & 15];
  }
  return tag + '"';
}

void add_etag(Response& response) {
  if (response.status == 200) {
    response.etag = entity_tag(response.content_type, bytes_of(response));
  }
}

Result<Outcome> with_preconditions(const Route& route, const Operation& operation, const Call& call,
                                   Outcome outcome) {
  if (auto* write = std::get_if<Write>(&outcome)) {
    return guarded_write(route, call, std::move(*write));
  }
  if (!operation.has_etag) return outcome;
  return judged_read(call, std::move(std::get<Response>(outcome)));
}

}  // namespace emplace::api
