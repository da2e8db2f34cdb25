// Runs the cases of Debian's package json-schema-test-suite that need only what Schema supports.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include "json/schema.h"

namespace emplace::json {
namespace {

// Of the drafts in the package the nearest to ours: the keywords that we support have not changed.
const std::filesystem::path suite = "/usr/share/json-schema-test-suite/tests/draft7";

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Runs one schema's cases; none if the schema needs what we do not support.
std::size_t run_group(const Value& group) {
  std::size_t count = 0;
  try {
    const Schema schema(boost::json::serialize(group.at("schema")));
    for (const auto& test : group.at("tests").as_array()) {
      EXPECT_EQ(schema.check(test.at("data")).has_value(), test.at("valid").as_bool())
          << boost::json::serialize(group.at("schema")) << "\n"
          << boost::json::serialize(test);
      ++count;
    }
  } catch (const std::logic_error&) {
    EXPECT_EQ(count, 0u);
  }
  return count;
}

TEST(SchemaSuite, AgreesWithTheJsonSchemaTestSuite) {
  if (!std::filesystem::exists(suite)) GTEST_SKIP() << "json-schema-test-suite is not installed";
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(suite)) {
    if (entry.path().extension() != ".json") continue;
    SCOPED_TRACE(entry.path().filename().string());
    const auto groups = parse(read_file(entry.path()), {.items_per_list = 0});
    if (!groups) continue;  // a text with what we refuse, such as lone surrogates
    for (const auto& group : groups->as_array())
      count += run_group(group);
  }
  EXPECT_GE(count, 200u);
  RecordProperty("cases", static_cast<int>(count));
}

}  // namespace
}  // namespace emplace::json
