#include "api/schemas.h"

#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "json/schema.h"

namespace emplace::api {
namespace {

using testing::HasSubstr;

// The refusal of a body, empty if it is valid. `a` and `b` in angle brackets stand for UUIDs.
std::string refusal(std::string_view name, std::string body) {
  for (const char letter : {'a', 'b'}) {
    const std::string short_form = std::string("<") + letter + ">", uuid(8, letter);
    for (auto at = body.find(short_form); at != body.npos; at = body.find(short_form)) {
      body.replace(at, short_form.size(), uuid + "-bbbb-4ccc-8ddd-eeeeeeee0123");
    }
  }
  const auto value = json::parse(body);
  if (!value) throw std::logic_error("the test's body is not JSON: " + body);
  const auto checked = json::Schema(schema_text(name)).check(*value);
  return checked ? std::string() : checked.error().detail;
}

const std::string owner = R"(, "project_id": "p", "user_id": "u")";
const std::string entry = R"({"resources": {"VCPU": 1}})";

std::string with(const std::string& allocations, const std::string& rest) {
  return R"({"allocations": )" + allocations + rest + "}";
}

TEST(Schemas, AllCompileAndAreFoundByName) {
  EXPECT_EQ(schema_texts().size(), 25u);
  for (const auto& schema : schema_texts()) {
    EXPECT_NO_THROW(json::Schema{schema.text}) << schema.name;
    EXPECT_EQ(schema_text(schema.name), schema.text);
  }
  EXPECT_THROW(schema_text("aggregates_put"), std::logic_error);
}

TEST(Schemas, AllRefuseWhatIsUnknownAndWhatIsNoObject) {
  for (const auto& schema : schema_texts()) {
    EXPECT_NE(refusal(schema.name, R"({"house": "red", "Car": "blue"})"), "") << schema.name;
    EXPECT_NE(refusal(schema.name, "null"), "") << schema.name;
  }
}

TEST(Schemas, AggregatesAreDistinctUuids) {
  EXPECT_EQ(refusal("aggregates_put_1_1", R"(["<a>", "<b>"])"), "");
  EXPECT_EQ(refusal("aggregates_put_1_1", "[]"), "");
  EXPECT_THAT(refusal("aggregates_put_1_1", R"(["<a>", "<a>"])"), HasSubstr("non-unique"));
  EXPECT_THAT(refusal("aggregates_put_1_1", R"(["x"])"), HasSubstr("'x' is not a 'uuid'"));
  EXPECT_EQ(refusal("aggregates_put_1_19",
                    R"({"aggregates": ["<a>"], "resource_provider_generation": 5})"),
            "");
  EXPECT_THAT(refusal("aggregates_put_1_19", R"({"aggregates": []})"),
              HasSubstr("'resource_provider_generation' is a required property"));
}

TEST(Schemas, InventoriesAreLimitedToWhatTheDatabaseHolds) {
  const auto inventory = [](const std::string& fields) {
    return refusal("inventory_put_1_0", R"({"resource_provider_generation": 1, )" + fields + "}");
  };
  EXPECT_EQ(inventory(R"("total": 2147483647, "reserved": 0, "min_unit": 1, "max_unit": 1,
                         "step_size": 1, "allocation_ratio": 3.40282e+38)"),
            "");
  EXPECT_EQ(inventory(R"("total": 4.0)"), "");
  EXPECT_THAT(inventory(R"("total": 0)"),
              HasSubstr("0 is less than the minimum of 1\n\n"
                        "Failed validating 'minimum' in schema['properties']['total']"));
  EXPECT_THAT(inventory(R"("reserved": 1)"), HasSubstr("'total' is a required property"));
  EXPECT_THAT(inventory(R"("total": true)"), HasSubstr("True is not of type 'integer'"));
  for (const auto* name : {"total", "reserved", "min_unit", "max_unit", "step_size"}) {
    const std::string base = name == std::string("total") ? "" : R"("total": 1, )";
    EXPECT_THAT(inventory(base + '"' + name + "\": 2147483648"),
                HasSubstr("Failed validating 'maximum'"));
    EXPECT_THAT(inventory(base + '"' + name + "\": -1"), HasSubstr("Failed validating 'minimum'"));
  }
  EXPECT_THAT(inventory(R"("total": 1, "allocation_ratio": 3.5e+38)"),
              HasSubstr("Failed validating 'maximum'"));
}

TEST(Schemas, InventoriesAreKeyedByNamesOfClasses) {
  const auto inventories = [](const std::string& key) {
    return refusal(
        "inventories_put_1_0",
        R"({"resource_provider_generation": 1, "inventories": {")" + key + R"(": {"total": 1}}})");
  };
  EXPECT_EQ(inventories("VCPU"), "");
  for (const auto* key : {"vcpu", "Vcpu", "VCPU\\n", "", "V CPU"}) {
    EXPECT_THAT(inventories(key), HasSubstr("does not match any of the regexes: '^[A-Z0-9_]+$'"));
  }
  EXPECT_EQ(refusal("inventories_post_1_0", R"({"resource_class": "VCPU", "total": 1})"), "");
  EXPECT_THAT(refusal("inventories_post_1_0", R"({"resource_class": "vcpu", "total": 1})"),
              HasSubstr("Failed validating 'pattern'"));
}

TEST(Schemas, ProvidersHaveAParentFrom1_14) {
  for (const auto* request : {"post", "put"}) {
    const std::string old_form = std::string("resource_provider_") + request + "_1_0";
    const std::string new_form = std::string("resource_provider_") + request + "_1_14";
    const std::string child = R"({"name": "x", "parent_provider_uuid": "<a>"})";
    EXPECT_THAT(refusal(old_form, child), HasSubstr("'parent_provider_uuid' was unexpected"));
    EXPECT_EQ(refusal(new_form, child), "");
    EXPECT_EQ(refusal(new_form, R"({"name": "x", "parent_provider_uuid": null})"), "");
    EXPECT_THAT(refusal(new_form, R"({"name": "x", "parent_provider_uuid": "y"})"),
                HasSubstr("Failed validating 'format'"));
    EXPECT_THAT(refusal(old_form, R"({"name": ")" + std::string(201, 'x') + "\"}"),
                HasSubstr("Failed validating 'maxLength'"));
    EXPECT_EQ(refusal(old_form, R"({"name": ")" + std::string(200, 'x') + "\"}"), "");
    EXPECT_NE(refusal(old_form, R"({"name": ""})"), "");
  }
  EXPECT_EQ(refusal("resource_provider_post_1_0", R"({"name": "x", "uuid": "<a>"})"), "");
  EXPECT_NE(refusal("resource_provider_put_1_0", R"({"name": "x", "uuid": "<a>"})"), "");
}

TEST(Schemas, ClassesAreCustomAndTraitsAreNames) {
  EXPECT_EQ(refusal("resource_class_post_1_2", R"({"name": "CUSTOM_A"})"), "");
  for (const auto* name : {"VCPU", "CUSTOM_", "CUSTOM_a", "CUSTOM_A\\n"}) {
    EXPECT_THAT(refusal("resource_class_post_1_2", std::string(R"({"name": ")") + name + "\"}"),
                HasSubstr("Failed validating 'pattern'"));
  }
  const std::string generation = R"(, "resource_provider_generation": 0})";
  EXPECT_EQ(refusal("provider_traits_put_1_6", R"({"traits": ["A", "A"])" + generation), "");
  EXPECT_NE(refusal("provider_traits_put_1_6", R"({"traits": [""])" + generation), "");
  EXPECT_THAT(refusal("provider_traits_put_1_6", R"({"traits": "invalid_type")" + generation),
              HasSubstr("'invalid_type' is not of type 'array'"));
}

TEST(Schemas, AllocationsAreAListBefore1_12) {
  const std::string list = R"([{"resource_provider": {"uuid": "<a>"}, "resources": {"VCPU": 1}}])";
  EXPECT_EQ(refusal("allocations_put_1_0", with(list, "")), "");
  EXPECT_THAT(refusal("allocations_put_1_0", with("[]", "")),
              HasSubstr("Failed validating 'minItems'"));
  EXPECT_NE(refusal("allocations_put_1_0", with(list, owner)), "");
  EXPECT_EQ(refusal("allocations_put_1_8", with(list, owner)), "");
  EXPECT_NE(refusal("allocations_put_1_8", with(list, "")), "");
  EXPECT_NE(refusal("allocations_put_1_12", with(list, owner)), "");
}

TEST(Schemas, AllocationsGrowWithTheMicroversions) {
  const std::string some = R"({"<a>": )" + entry + "}";
  const std::string generation = R"(, "consumer_generation": null)";
  const std::string mappings = R"(, "mappings": {"": ["<a>"], "1": ["<a>"]})";
  const std::string type = R"(, "consumer_type": "INSTANCE")";
  struct Form {
    std::string version, rest, last;
  };
  const Form forms[] = {{"1_28", owner + generation, generation},
                        {"1_34", owner + generation + mappings, mappings},
                        {"1_38", owner + generation + mappings + type, type}};
  EXPECT_EQ(refusal("allocations_put_1_12", with(some, owner)), "");
  EXPECT_NE(refusal("allocations_put_1_12", with("{}", owner)), "");
  std::string older_put = "allocations_put_1_12", older_post = "allocations_post_1_13";
  for (const auto& [version, rest, last] : forms) {
    const std::string put = "allocations_put_" + version, post = "allocations_post_" + version;
    const auto many = R"({"<b>": )" + with(some, rest) + R"(, "<a>": )" + with("{}", rest) + "}";
    EXPECT_EQ(refusal(put, with(some, rest)), "");
    EXPECT_EQ(refusal(put, with("{}", rest)), "");
    EXPECT_EQ(refusal(post, many), "");
    EXPECT_NE(refusal(older_put, with(some, rest)), "") << last;
    EXPECT_NE(refusal(older_post, many), "") << last;
    EXPECT_NE(refusal(post, "{}"), "");
    older_put = put;
    older_post = post;
  }
  EXPECT_THAT(refusal("allocations_put_1_38", with(some, owner + generation)),
              HasSubstr("'consumer_type' is a required property"));
  EXPECT_THAT(refusal("allocations_put_1_38",
                      with(some, owner + generation + R"(, "consumer_type": "instance")")),
              HasSubstr("'instance' does not match '^[A-Z0-9_]+$'"));
}

TEST(Schemas, AllocationsAskForAtLeastOneOfAClass) {
  const auto claim = [](const std::string& allocations) {
    return refusal("allocations_put_1_12", with(allocations, owner));
  };
  EXPECT_EQ(claim(R"({"<a>": {"generation": 3, "resources": {"VCPU": 1, "CUSTOM_1": 2}}})"), "");
  EXPECT_NE(claim(R"({"<a>": {"resources": {}}})"), "");
  EXPECT_NE(claim(R"({"<a>": {}})"), "");
  EXPECT_NE(claim(R"({"<a>": {"resources": {"VCPU": 0}}})"), "");
  EXPECT_NE(claim(R"({"<a>": {"resources": {"VCPU": "1"}}})"), "");
  EXPECT_NE(claim(R"({"<a>": {"resources": {"vcpu": 1}}})"), "");
  EXPECT_NE(claim(R"({"x": {"resources": {"VCPU": 1}}})"), "");
  EXPECT_NE(claim(R"({"<a>\n": {"resources": {"VCPU": 1}}})"), "");
}

TEST(Schemas, AReshapeNeedsInventoriesButNoAllocations) {
  const std::string inventories =
      R"({"<a>": {"resource_provider_generation": 1, "inventories": {"VCPU": {"total": 1}}}})";
  const auto reshape = [](const std::string& version, const std::string& what,
                          const std::string& allocations) {
    return refusal("reshaper_post_" + version,
                   R"({"inventories": )" + what + R"(, "allocations": )" + allocations + "}");
  };
  const std::string claim =
      with(R"({"<a>": )" + entry + "}", owner + R"(, "consumer_generation": 1)");
  const std::string type = R"(, "consumer_type": "INSTANCE"})";
  EXPECT_EQ(reshape("1_30", inventories, "{}"), "");
  EXPECT_NE(reshape("1_30", "{}", "{}"), "");
  EXPECT_EQ(reshape("1_30", inventories, R"({"<b>": )" + claim + "}"), "");
  EXPECT_EQ(reshape("1_34", inventories, R"({"<b>": )" + claim + "}"), "");
  EXPECT_NE(reshape("1_38", inventories, R"({"<b>": )" + claim + "}"), "");
  const auto typed = claim.substr(0, claim.size() - 1) + type;
  EXPECT_EQ(reshape("1_38", inventories, R"({"<b>": )" + typed + "}"), "");
  EXPECT_NE(reshape("1_34", inventories, R"({"<b>": )" + typed + "}"), "");
}

}  // namespace
}  // namespace emplace::api
