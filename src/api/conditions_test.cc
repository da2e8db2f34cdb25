#include "api/conditions.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/dispatch.h"
#include "model/world_text.h"

namespace emplace::api {
namespace {

using testing::HasSubstr;

// --- the parts ----------------------------------------------------------------------------------

std::vector<std::string> texts_of(const std::optional<TagList>& list) {
  std::vector<std::string> texts;
  if (!list) return {"malformed"};
  if (list->any) texts.emplace_back("*");
  for (const auto& tag : list->tags)
    texts.push_back((tag.weak ? "W/" : "") + std::string(tag.quoted));
  return texts;
}

TEST(TagList, IsAStarOrTagsOverAnyNumberOfLines) {
  using Texts = std::vector<std::string>;
  EXPECT_EQ(texts_of(parse_tag_list({"*"})), Texts{"*"});
  EXPECT_EQ(texts_of(parse_tag_list({" * "})), Texts{"*"});
  EXPECT_EQ(texts_of(parse_tag_list({R"("a")"})), Texts{R"("a")"});
  EXPECT_EQ(texts_of(parse_tag_list({R"("")"})), Texts{R"("")"});
  EXPECT_EQ(texts_of(parse_tag_list({R"("a" ,W/"b,c", "d")", R"("e")"})),
            (Texts{R"("a")", R"(W/"b,c")", R"("d")", R"("e")"}));
  EXPECT_EQ(texts_of(parse_tag_list({",, \"a\",\t,\"b\",", ""})), (Texts{R"("a")", R"("b")"}));
  EXPECT_EQ(texts_of(parse_tag_list({""})), Texts{});
}

TEST(TagList, IsNothingIfItIsMalformed) {
  for (const auto* text :
       {"a", "\"a", "a\"", "\"a\"b\"", "\"a\" \"b\"", "w/\"a\"", "W/ \"a\"", "W/a", "W/", "* *",
        "*, \"a\"", "\"a\", *", "**", "\"a b\"", "'a'", "\"a\\\"\"", "\"\x01\"", "\"\x7f\""}) {
    EXPECT_FALSE(parse_tag_list({text})) << text;
  }
  EXPECT_FALSE(parse_tag_list({"*", "*"}));
  EXPECT_FALSE(parse_tag_list({"\"a\"", "*"}));
}

TEST(TagList, ComparesAsRfc9110Says) {
  const auto list = *parse_tag_list({R"("1", W/"2")"});
  EXPECT_TRUE(has_tag(list, R"("1")", Comparison::strong));
  EXPECT_TRUE(has_tag(list, R"("1")", Comparison::weak));
  EXPECT_FALSE(has_tag(list, R"("2")", Comparison::strong));
  EXPECT_TRUE(has_tag(list, R"("2")", Comparison::weak));
  EXPECT_FALSE(has_tag(list, R"("3")", Comparison::weak));
}

TEST(EntityTag, IsTheBeginningOfSha256OverTypeAndBytes) {
  // printf 'application/json\n{}' | sha256sum
  EXPECT_EQ(entity_tag("application/json", "{}"), "\"6f89e8db990a1570ff94022ac5bb70c8\"");
  EXPECT_EQ(entity_tag("application/json", "{}"), entity_tag("application/json", "{}"));
  EXPECT_NE(entity_tag("application/json", "{}"), entity_tag("application/json", "{ }"));
  EXPECT_NE(entity_tag("application/json", "{}"), entity_tag("text/plain", "{}"));
  EXPECT_NE(entity_tag("a", "b"), entity_tag("", "a\nb"));
}

TEST(EntityTag, OfASharedBodyIsThatOfTheSameBytes) {
  Response own, shared;
  own.body = "{}";
  shared.shared_body = std::make_shared<const std::string>("{}");
  add_etag(own);
  add_etag(shared);
  EXPECT_EQ(own.etag, shared.etag);
  Response created;
  created.status = 201;
  add_etag(created);
  EXPECT_EQ(created.etag, "");
}

// --- the whole ----------------------------------------------------------------------------------

using Headers = std::vector<std::pair<std::string_view, std::string_view>>;

class Cache final : public AnswerCache {
 public:
  std::shared_ptr<const Response> find(std::string_view key) override {
    const auto found = kept.find(std::string(key));
    return found == kept.end() ? nullptr : found->second;
  }
  void keep(std::string key, std::shared_ptr<const Response> response) override {
    kept[std::move(key)] = std::move(response);
  }
  std::map<std::string, std::shared_ptr<const Response>> kept;
};

Identity admin() {
  Identity identity;
  identity.user_id = identity.project_id = "admin";
  identity.roles = {"admin"};
  return identity;
}

class Conditions : public testing::Test {
 protected:
  struct Asked {
    std::string_view method, target, body = {};
    Headers headers = {};
    std::string_view version = "placement 1.39";
  };

  Outcome dispatch(const Asked& asked) {
    auto headers = asked.headers;
    headers.emplace_back("OpenStack-API-Version", asked.version);
    headers.emplace_back("Content-Type", "application/json");
    exchange_ = std::make_unique<Exchange>(
        Exchange{.request = {asked.method, asked.target, asked.body, headers, false},
                 .request_id = "req-1",
                 .version = std::nullopt});
    return api::dispatch(*exchange_, &identity_,
                         {.rules = rules_,
                          .world = world_,
                          .settings = settings_,
                          .now = now_,
                          .random = 1,
                          .cache = cache_});
  }
  Response finish(const Write& write) {
    const auto changes = write.plan(world_, now_);
    if (!changes) return refuse(*exchange_, changes.error());
    world_ = world_.with(*changes);
    return write.answer(world_);
  }
  Response ask(const Asked& asked) {
    auto outcome = dispatch(asked);
    const auto* write = std::get_if<Write>(&outcome);
    return write ? finish(*write) : std::get<Response>(std::move(outcome));
  }
  std::string tag_of(std::string_view target, std::string_view version = "placement 1.39") {
    return ask({.method = "GET", .target = target, .version = version}).etag;
  }
  std::string lines_of(const Response& response) {
    return header_lines(*exchange_, response, settings_, now_);
  }

  const std::string provider_ = "/resource_providers/" + uuid_of("cn1").str();
  const std::string inventories_ = provider_ + "/inventories";
  const std::string consumer_ = "/allocations/" + uuid_of("user of cn1").str();
  const std::string stranger_ = "/allocations/" + uuid_of("stranger").str();
  World world_ = parse_world("cn1 @5 VCPU=8 DISK_GB=5 used VCPU=2");
  Settings settings_;
  Time now_{std::chrono::seconds(2'000'000'000)};
  Identity identity_ = admin();
  policy::RuleSet rules_ = policy::RuleSet::make({}, {}).value();
  AnswerCache* cache_ = nullptr;
  std::unique_ptr<Exchange> exchange_;

  static constexpr std::string_view replacement =
      R"({"resource_provider_generation": 5, "inventories": {"VCPU": {"total": 99}, )"
      R"("DISK_GB": {"total": 5}}})";
};

TEST_F(Conditions, EveryGetOfOneThingHasATagAndNoOtherAnswerHas) {
  const auto name = [&](std::string_view of) { return provider_ + std::string(of); };
  for (const auto& target : {provider_, inventories_, name("/inventories/VCPU"), name("/usages"),
                             name("/aggregates"), name("/traits"), name("/allocations"), consumer_,
                             stranger_, std::string("/resource_classes/VCPU")}) {
    const auto answer = ask({.method = "GET", .target = target});
    EXPECT_EQ(answer.status, 200u) << target;
    EXPECT_EQ(answer.etag, entity_tag("application/json", answer.body)) << target;
    EXPECT_THAT(lines_of(answer), HasSubstr("\r\nETag: " + answer.etag + "\r\n"));
  }
  for (const auto* target :
       {"/", "/resource_providers", "/resource_classes", "/traits", "/usages?project_id=p",
        "/allocation_candidates?resources=VCPU:1", "/resource_providers/nowhere", "/nowhere"}) {
    const auto answer = ask({.method = "GET", .target = target});
    EXPECT_EQ(answer.etag, "") << target;
    EXPECT_EQ(lines_of(answer).find("ETag"), std::string::npos) << target;
  }
  EXPECT_EQ(ask({.method = "PUT", .target = inventories_, .body = replacement}).etag, "");
}

TEST_F(Conditions, AKnownTagGives304WithoutBodyAndType) {
  const auto full = ask({.method = "GET", .target = inventories_});
  for (const auto& known : {full.etag, "W/" + full.etag, "\"x\", " + full.etag, std::string("*")}) {
    const auto answer =
        ask({.method = "GET", .target = inventories_, .headers = {{"if-none-match", known}}});
    EXPECT_EQ(answer.status, 304u) << known;
    EXPECT_EQ(answer.body, "");
    EXPECT_EQ(answer.shared_body, nullptr);
    const auto lines = lines_of(answer);
    EXPECT_EQ(lines.find("Content-Type"), std::string::npos);
    for (const auto& line :
         {"ETag: " + full.etag, "Last-Modified: " + http_date(*full.last_modified),
          std::string("Cache-Control: no-cache"), std::string("Vary: openstack-api-version"),
          std::string("OpenStack-API-Version: placement 1.39"),
          std::string("X-Openstack-Request-Id: req-1")}) {
      EXPECT_THAT(lines, HasSubstr(line + "\r\n"));
    }
  }
}

TEST_F(Conditions, AnUnknownOrMalformedTagGivesTheWholeAnswer) {
  const auto tag = tag_of(inventories_);
  for (const auto& known :
       {std::string("\"x\""), tag.substr(1), "* ," + tag, tag + " junk", std::string()}) {
    const auto answer =
        ask({.method = "GET", .target = inventories_, .headers = {{"If-None-Match", known}}});
    EXPECT_EQ(answer.status, 200u) << known;
    EXPECT_NE(answer.body, "");
  }
}

TEST_F(Conditions, TagsMayComeOnSeveralLines) {
  const auto tag = tag_of(inventories_);
  EXPECT_EQ(ask({.method = "GET",
                 .target = inventories_,
                 .headers = {{"If-None-Match", "\"x\""}, {"if-none-match", tag}}})
                .status,
            304u);
}

TEST_F(Conditions, ChecksThatRefuseComeBeforeThem) {
  const Headers known{{"If-None-Match", "*"}};
  const auto status = [&](Asked asked) {
    asked.headers = known;
    return ask(asked).status;
  };
  EXPECT_EQ(status({"GET", "/resource_providers/" + uuid_of("no").str() + "/inventories"}), 404u);
  EXPECT_EQ(status({"GET", provider_ + "/traits", {}, {}, "placement 1.5"}), 404u);
  EXPECT_EQ(status({"GET", inventories_, {}, {}, "placement 1.99"}), 406u);
  identity_ = {};
  EXPECT_EQ(status({"GET", inventories_}), 403u);
  EXPECT_EQ(status({"PUT", inventories_, "junk"}), 403u);
}

TEST_F(Conditions, AnswersOfTheCacheKeepTheirTag) {
  std::string text = "big ";
  for (int i = 0; i < 300; ++i)
    text += " trait:CUSTOM_" + std::to_string(i);
  world_ = parse_world(text);
  Cache cache;
  cache_ = &cache;
  const auto target = "/resource_providers/" + uuid_of("big").str() + "/traits";
  const auto first = ask({.method = "GET", .target = target});
  ASSERT_EQ(cache.kept.size(), 1u);
  EXPECT_EQ(cache.kept.begin()->second->etag, first.etag);
  EXPECT_EQ(first.etag, entity_tag("application/json", *first.shared_body));
  const auto again =
      ask({.method = "GET", .target = target, .headers = {{"If-None-Match", first.etag}}});
  EXPECT_EQ(again.status, 304u);
  EXPECT_EQ(again.shared_body, nullptr);
  EXPECT_EQ(ask({.method = "GET", .target = target}).shared_body, first.shared_body);
}

TEST_F(Conditions, OfSeveralWritesWithOneTagTheFirstWins) {
  const auto tag = tag_of(inventories_);
  const Asked asked{"PUT", inventories_, replacement, {{"If-Match", tag}}};
  auto first = dispatch(asked);
  const auto first_exchange = std::move(exchange_);
  auto second = dispatch(asked);
  EXPECT_EQ(finish(std::get<Write>(first)).status, 200u);
  const auto version = world_.version();
  const auto refused = finish(std::get<Write>(second));
  EXPECT_EQ(refused.status, 412u);
  EXPECT_THAT(refused.body, HasSubstr("\"title\": \"Precondition Failed\""));
  EXPECT_THAT(refused.body, HasSubstr("\"code\": \"placement.concurrent_update\""));
  EXPECT_TRUE(refused.vary);
  EXPECT_EQ(world_.version(), version);
}

TEST_F(Conditions, TheTagIsComparedAtTheWritesOwnMicroversion) {
  const std::string target = provider_ + "/aggregates";
  const auto old_tag = tag_of(target, "placement 1.18"), new_tag = tag_of(target);
  ASSERT_NE(old_tag, new_tag);
  const auto put = [&](std::string_view tag) {
    return ask({"PUT", target, "[]", {{"If-Match", tag}}, "placement 1.18"}).status;
  };
  EXPECT_EQ(put(new_tag), 412u);
  EXPECT_EQ(put(old_tag), 200u);
}

TEST_F(Conditions, AWeakTagNeverMatchesForAWrite) {
  const auto weak = "W/" + tag_of(inventories_);
  EXPECT_EQ(ask({"PUT", inventories_, replacement, {{"If-Match", weak}}}).status, 412u);
  EXPECT_EQ(ask({"PUT", inventories_, replacement, {{"If-None-Match", weak}}}).status, 412u);
}

TEST_F(Conditions, AMalformedHeaderOfAWriteIsABadRequest) {
  for (const auto* name : {"If-Match", "If-None-Match"}) {
    const auto refused = ask({"PUT", inventories_, replacement, {{name, "not quoted"}}});
    EXPECT_EQ(refused.status, 400u);
    EXPECT_THAT(refused.body, HasSubstr(std::string("The header ") + name + " is malformed"));
  }
  EXPECT_EQ(ask({"PUT", inventories_, "{}", {{"If-Match", "x"}}}).body.find("If-Match"),
            std::string::npos);  // the body is checked first
}

TEST_F(Conditions, WhatIsMissingStaysMissing) {
  const auto nowhere = "/resource_providers/" + uuid_of("no").str();
  for (const auto* tags : {"*", "\"x\""}) {
    const Headers headers{{"If-Match", tags}};
    EXPECT_EQ(ask({"DELETE", nowhere, {}, headers}).status, 404u);
    EXPECT_EQ(ask({"PUT", nowhere + "/inventories", replacement, headers}).status, 404u);
    EXPECT_EQ(ask({"DELETE", inventories_ + "/SRIOV_NET_VF", {}, headers}).status, 404u);
  }
}

TEST_F(Conditions, AStarMeansThatTheThingIsThere) {
  EXPECT_EQ(ask({"PUT", "/resource_classes/CUSTOM_A", {}, {{"If-Match", "*"}}}).status, 412u);
  EXPECT_FALSE(world_.find_class("CUSTOM_A"));
  EXPECT_EQ(ask({"PUT", "/resource_classes/CUSTOM_A", {}, {{"If-None-Match", "*"}}}).status, 201u);
  EXPECT_EQ(ask({"PUT", "/resource_classes/CUSTOM_A", {}, {{"If-None-Match", "*"}}}).status, 412u);
  EXPECT_EQ(ask({"PUT", "/resource_classes/CUSTOM_A", {}, {{"If-Match", "*"}}}).status, 204u);
  EXPECT_EQ(ask({"PUT", "/traits/CUSTOM_A", {}, {{"If-Match", "*"}}}).status, 412u);
  EXPECT_EQ(ask({"PUT", "/traits/CUSTOM_A", {}, {{"If-None-Match", "*"}}}).status, 201u);
  EXPECT_EQ(ask({"DELETE", "/traits/CUSTOM_A", {}, {{"If-None-Match", "*"}}}).status, 412u);
  EXPECT_EQ(ask({"DELETE", "/traits/CUSTOM_A", {}, {{"If-Match", "*"}}}).status, 204u);
}

TEST_F(Conditions, AConsumerWithoutAllocationsIsNotThereButItsEmptyAnswerHasATag) {
  const std::string claim = R"({"allocations": {")" + uuid_of("cn1").str() +
                            R"(": {"resources": {"VCPU": 1}}}, "consumer_generation": null, )"
                            R"("project_id": "p", "user_id": "u", "consumer_type": "X"})";
  const auto empty = tag_of(stranger_);
  EXPECT_EQ(ask({"GET", stranger_, {}, {{"If-None-Match", "*"}}}).status, 200u);
  EXPECT_EQ(ask({"GET", stranger_, {}, {{"If-None-Match", empty}}}).status, 304u);
  EXPECT_EQ(ask({"PUT", stranger_, claim, {{"If-Match", "*"}}}).status, 412u);
  EXPECT_EQ(ask({"PUT", stranger_, claim, {{"If-Match", "\"x\""}}}).status, 412u);
  EXPECT_EQ(ask({"DELETE", stranger_, {}, {{"If-Match", "*"}}}).status, 404u);
  EXPECT_EQ(ask({"PUT", stranger_, claim, {{"If-Match", empty}}}).status, 204u);
  EXPECT_EQ(ask({"DELETE", stranger_, {}, {{"If-None-Match", "*"}}}).status, 412u);
  EXPECT_EQ(ask({"DELETE", stranger_, {}, {{"If-Match", tag_of(stranger_)}}}).status, 204u);
}

TEST_F(Conditions, WhereNothingIsSelectedNoTagCanMatch) {
  const std::string body = R"({"name": "new"})";
  EXPECT_EQ(ask({"POST", "/allocations", "{}", {{"If-Match", "*"}}}).status, 400u);  // the schema
  EXPECT_EQ(ask({"POST", "/resource_providers", body, {{"If-Match", "\"x\""}}}).status, 412u);
  EXPECT_EQ(ask({"POST", "/resource_providers", body, {{"If-None-Match", "*"}}}).status, 412u);
  EXPECT_EQ(ask({"POST", "/resource_providers", body, {{"If-Match", "*"}}}).status, 200u);
  const std::string empty_entry = "{\"" + uuid_of("stranger").str() +
                                  R"(": {"allocations": {}, "project_id": "p", "user_id": "u", )"
                                  R"("consumer_generation": null, "consumer_type": "X"}})";
  for (const auto* tags : {"*", "\"x\""}) {
    EXPECT_EQ(ask({"POST", "/allocations", empty_entry, {{"If-Match", tags}}}).status, 412u);
    EXPECT_EQ(ask({"POST", "/allocations", empty_entry, {{"If-None-Match", tags}}}).status, 204u);
  }
}

TEST_F(Conditions, WhoMayNotReadCannotGuess) {
  rules_ =
      policy::RuleSet::make({{"placement:resource_providers:inventories:list", "role:nobody"}}, {})
          .value();
  const auto body = [&] {
    auto outcome = dispatch({"PUT", inventories_, replacement, {}});
    return finish(std::get<Write>(outcome));
  }();
  EXPECT_EQ(body.status, 200u);
  const auto tag = entity_tag("application/json", body.body);
  const std::string next =
      R"({"resource_provider_generation": 6, "inventories": {"VCPU": {"total": 9}}})";
  EXPECT_EQ(ask({"PUT", inventories_, next, {{"If-Match", tag}}}).status, 412u);
  EXPECT_EQ(ask({"PUT", inventories_, next, {{"If-None-Match", tag}}}).status, 200u);
}

// --- the head -----------------------------------------------------------------------------------

TEST_F(Conditions, LastModifiedIsNeverLaterThanNow) {
  Response response = ask({.method = "GET", .target = provider_});
  response.last_modified = now_ + std::chrono::hours(24);
  EXPECT_THAT(lines_of(response), HasSubstr("Last-Modified: " + http_date(now_) + "\r\n"));
}

TEST_F(Conditions, NoValueCanBreakALineOfTheHead) {
  const std::string evil = std::string("a\r\nX-Evil: 1\nb\rc") + '\0' + "d\x7f";
  Response response = ask({.method = "GET",
                           .target = provider_,
                           .headers = {{"Host", evil}, {"X-Openstack-Request-Id", evil}}});
  response.location = "/" + evil;
  response.allow = response.etag = evil;
  response.content_type = evil;
  exchange_->request_id = evil;
  for (const bool trusts : {false, true}) {
    settings_.trust_proxy_headers = trusts;
    exchange_->request.headers = {
        {"Host", evil}, {"X-Forwarded-Host", evil}, {"X-Forwarded-Proto", evil}};
    const auto lines = lines_of(response);
    for (std::size_t at = 0; at < lines.size(); ++at) {
      const auto byte = static_cast<unsigned char>(lines[at]);
      if (byte >= 0x20 && byte != 0x7f) continue;
      ASSERT_EQ(lines.substr(at, 2), "\r\n") << lines;
      ++at;
    }
    EXPECT_EQ(lines.find("\r\nX-Evil"), std::string::npos);
  }
}

}  // namespace
}  // namespace emplace::api
