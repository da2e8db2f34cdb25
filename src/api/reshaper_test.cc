#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/handler_testing.h"
#include "api/handlers.h"

namespace emplace::api {
namespace {

using testing::HasSubstr;

std::string quoted(std::string_view name) {
  return '"' + uuid_of(name).str() + '"';
}

std::string shape(const std::string& key, std::string_view generation, std::string_view items) {
  return key + R"(: {"resource_provider_generation": )" + std::string(generation) +
         R"(, "inventories": {)" + std::string(items) + "}}";
}

std::string body_of(const std::string& inventories, const std::string& allocations = "") {
  return "{\"inventories\": {" + inventories + "}, \"allocations\": {" + allocations + "}}";
}

const Provider& at(const World& world, std::string_view name) {
  const auto place = *world.find_place(uuid_of(name));
  return *world.tree(place.tree)->nodes[place.index].provider;
}

TEST(Reshaper, MovesInventoryAndAllocationsTogether) {
  HandlerTester api("cn1 @2 VCPU=8 VGPU=4 used VGPU=1\n  gpu0 @0");
  const auto consumer = quoted("user of cn1") + R"(: {"allocations": {)" + quoted("gpu0") +
                        R"(: {"resources": {"VGPU": 1}}}, "project_id": "p", "user_id": "u",
                        "consumer_generation": 1})";
  const auto answer = api.ask(
      reshape,
      {.body = body_of(shape(quoted("cn1"), "2", R"("VCPU": {"total": 8})") + ", " +
                           shape(quoted("gpu0"), "0",
                                 R"("VGPU": {"total": 4.0, "reserved": 1, "allocation_ratio": 2,
                                    "min_unit": 1, "max_unit": 3, "step_size": 1})"),
                       consumer),
       .minor = 30});
  ASSERT_EQ(detail_of(answer), "(no failure)");
  EXPECT_EQ(answer->status, 204u);
  EXPECT_EQ(at(api.world, "cn1").generation, 4);
  EXPECT_EQ(at(api.world, "gpu0").generation, 3);
  const auto& vgpu = at(api.world, "gpu0").inventories.at(0);
  EXPECT_EQ(vgpu.used, 1);
  EXPECT_EQ(vgpu.values, (InventoryValues{4, 1, 1, 3, 1, 2.0}));
}

TEST(Reshaper, RefusesWhatPutOfInventoriesRefuses) {
  HandlerTester api("cn1 @2 VCPU=8");
  const auto answer = api.ask(
      reshape,
      {.body = body_of(shape(quoted("cn1"), "2", R"("VCPU": {"total": 1, "reserved": 5})"))});
  EXPECT_EQ(answer.error().reason, Reason::bad_request);
  EXPECT_THAT(answer.error().detail, HasSubstr("The reserved value is greater than total."));
}

TEST(Reshaper, NamesAProviderThatIsNotThere) {
  HandlerTester api("cn1 @2 VCPU=8");
  for (const auto& key : {quoted("nowhere"), '"' + std::string(36, '-') + '"'}) {
    const auto answer = api.ask(reshape, {.body = body_of(shape(key, "0", ""))});
    EXPECT_EQ(answer.error().reason, Reason::unknown_provider);
    EXPECT_THAT(answer.error().detail, HasSubstr("in inventories not found"));
  }
}

TEST(Reshaper, TwoSpellingsOfAProviderAreADuplicate) {
  HandlerTester api("cn1 @2 VCPU=8");
  auto other = quoted("cn1");
  for (char& c : other)
    c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  const auto answer = api.ask(
      reshape, {.body = body_of(shape(quoted("cn1"), "2", "") + ", " + shape(other, "2", ""))});
  EXPECT_EQ(answer.error().reason, Reason::bad_request);
  EXPECT_THAT(answer.error().detail, HasSubstr("is named twice"));
}

TEST(Reshaper, AGenerationBeyondAllNumbersIsNotTheProviders) {
  HandlerTester api("cn1 @2 VCPU=8");
  const auto answer = api.ask(reshape, {.body = body_of(shape(quoted("cn1"), "1e300", ""))});
  EXPECT_EQ(answer.error().reason, Reason::concurrent_update);
}

}  // namespace
}  // namespace emplace::api
