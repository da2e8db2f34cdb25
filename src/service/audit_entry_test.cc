#include "service/audit_entry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "json/reader.h"
#include "model/world_text.h"

namespace emplace::service {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr auto world_text =
    "cn1 @7 VCPU=8 trait:CUSTOM_GOLD used VCPU=2\n"
    "cn2 @3\n";

std::string summary(const ChangeSet& changes) {
  return changes_json(changes, parse_world(world_text));
}

std::string entry_of(std::string_view kind, std::string_view name, std::string_view generations) {
  return "{\"" + std::string(kind) + "\": \"" + uuid_of(name).str() + "\", " +
         std::string(generations) + "}";
}

TEST(ChangesJson, NamesAProviderOnceWithItsGenerationsBeforeAndAfter) {
  const auto world = parse_world(world_text);
  ChangeSet changes;
  changes.add(PutInventory{uuid_of("cn1"), *world.find_class("VCPU"), {.total = 4}});
  changes.add(SetGeneration{uuid_of("cn1"), 7, 8});
  EXPECT_EQ(
      changes_json(changes, world),
      "[" + entry_of("provider", "cn1", "\"generation_before\": 7, \"generation_after\": 8") + "]");
}

TEST(ChangesJson, ShowsWhatComesAndWhatGoesAsNull) {
  ChangeSet changes;
  changes.add(CreateProvider{uuid_of("new"), "new", {}});
  changes.add(DeleteProvider{uuid_of("cn2")});
  EXPECT_EQ(
      summary(changes),
      "[" + entry_of("provider", "new", "\"generation_before\": null, \"generation_after\": 0") +
          ", " +
          entry_of("provider", "cn2", "\"generation_before\": 3, \"generation_after\": null") +
          "]");
}

TEST(ChangesJson, AChangeThatLeavesTheGenerationShowsItTwice) {
  ChangeSet changes;
  changes.add(UpdateProvider{uuid_of("cn2"), "renamed", {}});
  EXPECT_EQ(
      summary(changes),
      "[" + entry_of("provider", "cn2", "\"generation_before\": 3, \"generation_after\": 3") + "]");
}

TEST(ChangesJson, NamesConsumersWithTheirGenerations) {
  const auto world = parse_world(world_text);
  Uuid old_consumer;
  (*world.find_provider(uuid_of("cn1")))->consumers.for_each([&](const Uuid& uuid, Nothing) {
    old_consumer = uuid;
  });
  ChangeSet changes;
  changes.add(PutConsumer{uuid_of("vm"), "p", "u", std::nullopt, 1});
  changes.add(ReplaceAllocations{uuid_of("vm"), {}});
  changes.add(DeleteConsumer{old_consumer});
  const auto before = std::to_string(world.find_consumer(old_consumer)->generation);
  EXPECT_EQ(changes_json(changes, world),
            "[" +
                entry_of("consumer", "vm", "\"generation_before\": null, \"generation_after\": 1") +
                ", {\"consumer\": \"" + old_consumer.str() +
                "\", \"generation_before\": " + before + ", \"generation_after\": null}]");
}

TEST(ChangesJson, NamesTraitsAndClasses) {
  const auto world = parse_world(world_text);
  ChangeSet changes;
  changes.add(CreateTrait{"CUSTOM_NEW"});
  changes.add(DeleteTrait{*world.find_trait("CUSTOM_GOLD")});
  changes.add(CreateClass{"CUSTOM_A"});
  changes.add(RenameClass{*world.find_class("VCPU"), "CUSTOM_B"});
  changes.add(DeleteClass{*world.find_class("VCPU")});
  EXPECT_EQ(changes_json(changes, world),
            "[{\"trait\": \"CUSTOM_NEW\", \"change\": \"created\"}, "
            "{\"trait\": \"CUSTOM_GOLD\", \"change\": \"deleted\"}, "
            "{\"resource_class\": \"CUSTOM_A\", \"change\": \"created\"}, "
            "{\"resource_class\": \"VCPU\", \"change\": \"renamed\", \"new_name\": \"CUSTOM_B\"}, "
            "{\"resource_class\": \"VCPU\", \"change\": \"deleted\"}]");
}

class AuditLineTest : public testing::Test {
 protected:
  AuditLineTest() : entry_{.time = time_, .identity = identity_} {
    identity_.user_id = "u";
    identity_.project_id = "p";
    identity_.roles = {"admin", "reader"};
    entry_.request_id = "req-1";
    entry_.source = "127.0.0.1";
    entry_.method = "PUT";
    entry_.path = "/traits/CUSTOM_A";
    entry_.status = 201;
  }

  // 2026-01-31 11:59:58.007 UTC
  const std::chrono::system_clock::time_point time_{std::chrono::milliseconds(1'769'860'798'007)};
  Identity identity_;
  AuditEntry entry_;
};

TEST_F(AuditLineTest, TellsWhoDidWhatWhenAndWhatCameOfIt) {
  entry_.global_request_id = "req-2";
  entry_.microversion = "1.39";
  entry_.operation = "placement:traits:update";
  entry_.changes = "[{\"trait\": \"CUSTOM_A\", \"change\": \"created\"}]";
  EXPECT_EQ(audit_line(entry_),
            "{\"time\": \"2026-01-31T11:59:58.007Z\", \"request_id\": \"req-1\", "
            "\"global_request_id\": \"req-2\", \"user_id\": \"u\", \"project_id\": \"p\", "
            "\"roles\": [\"admin\", \"reader\"], \"source\": \"127.0.0.1\", \"method\": \"PUT\", "
            "\"path\": \"/traits/CUSTOM_A\", \"microversion\": \"1.39\", "
            "\"operation\": \"placement:traits:update\", \"status\": 201, \"outcome\": \"done\", "
            "\"changes\": [{\"trait\": \"CUSTOM_A\", \"change\": \"created\"}]}");
}

TEST_F(AuditLineTest, HasDomainsAndScopeOfThoseWhoHaveThem) {
  identity_.user_domain_id = "d1";
  identity_.project_domain_id = "d2";
  identity_.domain_id = "d3";
  identity_.system_scope = "all";
  EXPECT_THAT(audit_line(entry_),
              HasSubstr("\"user_domain_id\": \"d1\", \"project_domain_id\": \"d2\", "
                        "\"domain_id\": \"d3\", \"system_scope\": \"all\", \"roles\""));
}

TEST_F(AuditLineTest, ARefusalSaysWhyAndWhoIsUnknownIsNull) {
  identity_ = {};
  entry_.status = 409;
  entry_.outcome = WriteOutcome::refused;
  entry_.error_code = "placement.concurrent_update";
  entry_.reason = "Someone was faster.";
  const auto line = audit_line(entry_);
  EXPECT_THAT(line, HasSubstr("\"user_id\": null, \"project_id\": null, \"roles\": [], "));
  EXPECT_THAT(line, HasSubstr("\"microversion\": null, \"operation\": null, \"status\": 409, "
                              "\"outcome\": \"refused\", "
                              "\"error_code\": \"placement.concurrent_update\", "
                              "\"reason\": \"Someone was faster.\", \"changes\": []}"));
}

TEST_F(AuditLineTest, NoInputBreaksTheLineOrTheJson) {
  std::string all_bytes;
  for (int byte = 0; byte < 256; ++byte)
    all_bytes += static_cast<char>(byte);
  all_bytes += "\xe2\x80\xa8\xc2\x85";
  identity_.user_id = identity_.project_id = all_bytes.substr(0, 250);
  identity_.roles = {all_bytes.substr(100)};
  entry_.source = entry_.forwarded_for = entry_.method = entry_.path = entry_.reason = all_bytes;
  const auto line = audit_line(entry_);
  for (const char c : line)
    EXPECT_GE(static_cast<unsigned char>(c), 0x20);
  EXPECT_THAT(line, Not(HasSubstr("\xe2\x80\xa8")));
  EXPECT_THAT(line, Not(HasSubstr("\xc2\x85")));
  EXPECT_TRUE(json::parse(line)) << line;
}

TEST_F(AuditLineTest, LongTextsAreCutBetweenCharacters) {
  std::string path(1023, 'x');
  path += "\xc3\xa9 and more";
  entry_.path = path;
  identity_.roles.assign(100, std::string(1000, 'r'));
  const auto line = audit_line(entry_);
  EXPECT_THAT(line, HasSubstr("\"" + std::string(1023, 'x') + "…\""));
  EXPECT_THAT(line, HasSubstr("\"" + std::string(255, 'r') + "…\""));
  EXPECT_LT(line.size(), 20'000u);
  EXPECT_TRUE(json::parse(line));
}

}  // namespace
}  // namespace emplace::service
