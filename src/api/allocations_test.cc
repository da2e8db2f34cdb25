#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/handler_testing.h"
#include "api/handlers.h"

namespace emplace::api {
namespace {

using testing::HasSubstr;

constexpr std::string_view two_hosts = R"(
cn1 @7 VCPU=8 DISK_GB=100
cn2 @3 VCPU=8)";
constexpr std::string_view owner = R"(, "project_id": "p", "user_id": "u")";
constexpr std::string_view undashed = "CCCCCCCCCCCC4CCC8CCCCCCCCCCCCCCC";
constexpr std::string_view instance = "cccccccc-cccc-4ccc-8ccc-cccccccccccc";
constexpr std::string_view other = "dddddddd-dddd-4ddd-8ddd-dddddddddddd";

std::string upper(std::string text) {
  for (char& c : text)
    c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

// "uuid": {"resources": {…}}
std::string of(std::string_view provider, std::string_view resources) {
  return "\"" + uuid_of(provider).str() + "\": {\"resources\": {" + std::string(resources) + "}}";
}

// A body of the newest generation.
std::string claim(std::string_view allocations, std::string_view generation = "null") {
  return "{\"allocations\": {" + std::string(allocations) + "}" + std::string(owner) +
         R"(, "consumer_type": "INSTANCE", "consumer_generation": )" + std::string(generation) +
         "}";
}

class Allocations : public testing::Test {
 protected:
  Result<Response> put(std::string_view consumer, const std::string& body,
                       int minor = newest.minor) {
    return api_.ask(replace_allocations,
                    {.path = {std::string(consumer)}, .body = body, .minor = minor});
  }
  Result<Response> post(const std::string& body, int minor = newest.minor) {
    return api_.ask(manage_allocations, {.body = body, .minor = minor});
  }
  Result<Response> get(std::string_view consumer, int minor = newest.minor) {
    return api_.ask(show_allocations, {.path = {std::string(consumer)}, .minor = minor});
  }
  Result<Response> remove(std::string_view consumer) {
    return api_.ask(delete_allocations, {.path = {std::string(consumer)}});
  }

  HandlerTester api_{two_hosts};
};

TEST_F(Allocations, AClaimIsShownAsItsMicroversionHasIt) {
  ASSERT_EQ(put(instance, claim(of("cn1", R"("VCPU": 2, "DISK_GB": 1)"))).value().status, 204u);
  const std::string allocations =
      "{\"allocations\": {\"" + uuid_of("cn1").str() +
      R"(": {"resources": {"VCPU": 2, "DISK_GB": 1}, "generation": 8}})";
  EXPECT_EQ(get(instance, 11).value().body, allocations + "}");
  EXPECT_EQ(get(instance, 12).value().body,
            allocations + R"(, "project_id": "p", "user_id": "u"})");
  EXPECT_EQ(get(instance, 28).value().body,
            allocations + R"(, "project_id": "p", "user_id": "u", "consumer_generation": 1})");
  EXPECT_EQ(get(instance, 38).value().body,
            allocations + R"(, "project_id": "p", "user_id": "u", "consumer_generation": 1, )"
                          R"("consumer_type": "INSTANCE"})");
  EXPECT_EQ(get(instance).value().last_modified, api_.now);
}

TEST_F(Allocations, SpellingsOfAConsumerAreOneConsumer) {
  ASSERT_TRUE(
      put(undashed, claim(upper(of("cn1", "")).substr(0, 38) + R"(: {"resources": {"VCPU": 2}})")));
  EXPECT_EQ(get(instance).value().body, get(undashed).value().body);
  EXPECT_THAT(get(instance).value().body, HasSubstr(uuid_of("cn1").str()));
  EXPECT_TRUE(remove(undashed));
  EXPECT_EQ(get(instance).value().body, R"({"allocations": {}})");
}

TEST_F(Allocations, OfWhatIsNoConsumerAreNoneButItCannotHaveAny) {
  EXPECT_EQ(get("junk").value().body, R"({"allocations": {}})");
  EXPECT_EQ(get(instance).value().body, R"({"allocations": {}})");
  EXPECT_EQ(get(instance).value().last_modified, api_.loaded);
  EXPECT_EQ(remove("junk").error().reason, Reason::not_found);
  EXPECT_EQ(remove("junk").error().detail, "No allocations for consumer 'junk'");
  EXPECT_EQ(put("junk", "junk").error().reason, Reason::bad_request);
  EXPECT_EQ(put("junk", "junk").error().detail, "Malformed consumer_uuid: junk");
}

TEST_F(Allocations, BelowOneTwelveTheyAreAListOfWhichTheLastEntryOfAProviderCounts) {
  const auto entry = [](std::string_view provider, int vcpus) {
    return R"({"resource_provider": {"uuid": ")" + uuid_of(provider).str() +
           R"("}, "resources": {"VCPU": )" + std::to_string(vcpus) + "}}";
  };
  const std::string list = "{\"allocations\": [" + entry("cn1", 7) + ", " + entry("cn2", 1) + ", " +
                           entry("cn1", 2) + "]";
  api_.settings.incomplete_project_id = "nobody's";
  api_.settings.incomplete_user_id = "nobody";
  ASSERT_EQ(detail_of(put(instance, list + std::string(owner) + "}", 8)), "(no failure)");
  EXPECT_EQ(*api_.world.find_consumer(*Uuid::parse(instance))->project_id, "p");
  ASSERT_EQ(detail_of(put(instance, list + "}", 0)), "(no failure)");
  const auto consumer = api_.world.find_consumer(*Uuid::parse(instance));
  ASSERT_TRUE(consumer);
  EXPECT_EQ(*consumer->project_id, "nobody's");
  EXPECT_EQ(*consumer->user_id, "nobody");
  EXPECT_EQ(consumer->generation, 2);
  EXPECT_EQ(get(instance, 0).value().body.find("\"VCPU\": 7"), std::string::npos);
  EXPECT_EQ(consumer->allocations.size(), 2u);
}

TEST_F(Allocations, ARefusedClaimLeavesNothingBehind) {
  const auto refused = put(instance, claim(of("nowhere", R"("VCPU": 1)")));
  EXPECT_EQ(refused.error().reason, Reason::bad_request);
  EXPECT_EQ(refused.error().detail, "Allocation for resource provider '" +
                                        uuid_of("nowhere").str() + "' that does not exist.");
  EXPECT_TRUE(put(instance, claim(of("cn1", R"("VCPU": 1)"))));
}

TEST_F(Allocations, AnEmptyClaimOfANewConsumerMayBeRepeated) {
  EXPECT_EQ(put(instance, claim("")).value().status, 204u);
  EXPECT_EQ(put(instance, claim("")).value().status, 204u);
  EXPECT_EQ(api_.world.consumer_count(), 0u);
}

TEST_F(Allocations, GenerationsCompareAsNumbers) {
  ASSERT_TRUE(put(instance, claim(of("cn1", R"("VCPU": 1)"))));
  EXPECT_TRUE(put(instance, claim(of("cn1", R"("VCPU": 1)"), "1.0")));
  EXPECT_EQ(put(instance, claim(of("cn1", R"("VCPU": 1)"), "1e300")).error().reason,
            Reason::concurrent_update);
  EXPECT_EQ(put(instance, claim(of("cn1", R"("VCPU": 1)"), "18446744073709551615")).error().reason,
            Reason::concurrent_update);
}

TEST_F(Allocations, AmountsBeyondAllNumbersDoNotFit) {
  for (const std::string amount : {"9223372036854775807", "9223372036854775808",
                                   "18446744073709551615", "1e30", "99999999999999999999999"}) {
    const auto refused = put(instance, claim(of("cn1", "\"VCPU\": " + amount)));
    ASSERT_FALSE(refused) << amount;
    EXPECT_EQ(refused.error().reason, Reason::conflict) << amount;
  }
  EXPECT_TRUE(put(instance, claim(of("cn1", R"("VCPU": 2.0)"))));
}

TEST_F(Allocations, AnUnknownClassIsToldWithTheConsumer) {
  EXPECT_EQ(detail_of(put(instance, claim(of("cn1", R"("COWS": 1)")))),
            "Unable to allocate inventory for consumer " + std::string(instance) +
                ": No such resource class COWS.");
  EXPECT_EQ(detail_of(post("{\"" + std::string(instance) +
                           "\": " + claim(of("cn1", R"("COWS": 1)")) + "}")),
            "Unable to allocate inventory No such resource class COWS.");
}

TEST_F(Allocations, TwoSpellingsOfOneKeyAreADuplicate) {
  const auto one = of("cn1", R"("VCPU": 1)");
  const auto again = "\"" + upper(uuid_of("cn1").str()) + R"(": {"resources": {"DISK_GB": 1}})";
  EXPECT_EQ(put(instance, claim(one + ", " + again)).error().reason, Reason::bad_request);
  EXPECT_THAT(detail_of(put(instance, claim(one + ", " + again))), HasSubstr("is named twice"));
  const auto body = claim(one);
  EXPECT_THAT(detail_of(post("{\"" + std::string(instance) + "\": " + body + ", \"" +
                             upper(std::string(instance)) + "\": " + body + "}")),
              HasSubstr("consumer " + std::string(instance) + " is named twice"));
}

TEST_F(Allocations, AKeyOfThirtySixCharactersIsNotYetAUuid) {
  const std::string dashes(36, '-');
  EXPECT_EQ(detail_of(post("{\"" + dashes + "\": " + claim(of("cn1", R"("VCPU": 1)")) + "}")),
            "Malformed consumer_uuid: " + dashes);
  EXPECT_EQ(detail_of(put(instance, claim("\"" + dashes + R"(": {"resources": {"VCPU": 1}})"))),
            "Allocation for resource provider '" + dashes + "' that does not exist.");
}

TEST_F(Allocations, AProjectHasNoControlCharacters) {
  const auto body = "{\"allocations\": {" + of("cn1", R"("VCPU": 1)") +
                    R"(}, "project_id": "a\u0000b", "user_id": "u"})";
  EXPECT_THAT(detail_of(put(instance, body, 12)), HasSubstr("project_id must not contain control"));
}

TEST_F(Allocations, APostMovesFromOneConsumerToAnotherAtOnce) {
  ASSERT_TRUE(put(instance, claim(of("cn2", R"("VCPU": 8)"))));
  const auto body = "{\"" + std::string(other) + "\": " + claim(of("cn2", R"("VCPU": 8)")) +
                    ", \"" + std::string(instance) + "\": " + claim("", "1") + "}";
  ASSERT_EQ(detail_of(post(body)), "(no failure)");
  EXPECT_EQ(get(instance).value().body, R"({"allocations": {}})");
  EXPECT_THAT(get(other).value().body, HasSubstr("\"VCPU\": 8"));
}

TEST_F(Allocations, EachGenerationOfBodiesHasItsSchema) {
  const auto body = "{\"allocations\": {" + of("cn1", R"("VCPU": 1)") + "}" + std::string(owner);
  EXPECT_TRUE(put(instance, body + "}", 12));
  EXPECT_THAT(detail_of(put(instance, body + "}", 28)),
              HasSubstr("'consumer_generation' is a required property"));
  EXPECT_TRUE(put(instance, body + R"(, "consumer_generation": 1})", 28));
  const auto mapped = body + R"(, "mappings": {"A": [")" + uuid_of("cn1").str() + "\"]}";
  EXPECT_THAT(detail_of(put(instance, mapped + R"(, "consumer_generation": 2})", 33)),
              HasSubstr("'mappings' was unexpected"));
  EXPECT_TRUE(put(instance, mapped + R"(, "consumer_generation": 2})", 34));
  EXPECT_THAT(detail_of(put(instance, mapped + R"(, "consumer_generation": 3})", 38)),
              HasSubstr("'consumer_type' is a required property"));
}

TEST_F(Allocations, AConsumerWithoutTypeIsShownAsUnknown) {
  ASSERT_TRUE(
      put(instance,
          "{\"allocations\": {" + of("cn1", R"("VCPU": 1)") + "}" + std::string(owner) + "}", 12));
  EXPECT_THAT(get(instance, 38).value().body, HasSubstr(R"("consumer_type": "unknown")"));
}

TEST_F(Allocations, ShowTheTimeOfTheGenerationsThatTheyShow) {
  ASSERT_TRUE(put(instance, claim(of("cn1", R"("VCPU": 2)"))));
  api_.now += std::chrono::hours(1);
  constexpr std::string_view neighbour = "99999999-9999-4999-8999-999999999999";
  ASSERT_TRUE(put(neighbour, claim(of("cn1", R"("VCPU": 1)"))));
  EXPECT_EQ(get(instance).value().last_modified, api_.now);
  const auto second = api_.now;
  api_.now += std::chrono::hours(1);
  ASSERT_TRUE(remove(neighbour));
  EXPECT_EQ(get(instance).value().last_modified, second);
  EXPECT_EQ(get(neighbour).value().last_modified, api_.now);
}

TEST_F(Allocations, OfAProviderAreShownByConsumer) {
  ASSERT_TRUE(put(
      instance, claim(of("cn1", R"("VCPU": 2, "DISK_GB": 1)") + ", " + of("cn2", R"("VCPU": 3)"))));
  const auto ask = [&](std::string_view name, int minor) {
    return api_.ask(show_provider_allocations, {.path = {uuid_of(name).str()}, .minor = minor});
  };
  const auto resources = "{\"allocations\": {\"" + std::string(instance) +
                         R"(": {"resources": {"VCPU": 2, "DISK_GB": 1})";
  EXPECT_EQ(ask("cn1", 27).value().body, resources + R"(}}, "resource_provider_generation": 8})");
  EXPECT_EQ(ask("cn1", 28).value().body,
            resources + R"(, "consumer_generation": 1}}, "resource_provider_generation": 8})");
  EXPECT_EQ(ask("cn1", 28).value().last_modified, api_.now);
  const auto missing = ask("nowhere", 28);
  EXPECT_EQ(missing.error().reason, Reason::not_found);
  EXPECT_THAT(missing.error().detail, HasSubstr("No resource provider with uuid"));
}

}  // namespace
}  // namespace emplace::api
