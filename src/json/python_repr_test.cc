#include "json/python_repr.h"

#include <gtest/gtest.h>

namespace emplace::json {
namespace {

std::string repr_of(std::string_view json, std::size_t limit = 1000) {
  return python_repr(*parse(json), limit);
}

TEST(PythonRepr, WritesValuesAsPythonDoes) {
  EXPECT_EQ(repr_of(R"([null, true, false, 1, 18446744073709551615, 1.0, 1e16, "a", {"b": []}])"),
            "[None, True, False, 1, 18446744073709551615, 1.0, 1e+16, 'a', {'b': []}]");
}

TEST(PythonRepr, ChoosesQuotesAsPythonDoes) {
  EXPECT_EQ(python_repr_text("it's", 100), "\"it's\"");
  EXPECT_EQ(python_repr_text("\"it's\"", 100), "'\"it\\'s\"'");
  EXPECT_EQ(python_repr_text("\\", 100), "'\\\\'");
}

TEST(PythonRepr, EscapesWhatCannotBeSeen) {
  EXPECT_EQ(python_repr_text("\n\r\t\x1b\x7f", 100), "'\\n\\r\\t\\x1b\\x7f'");
  EXPECT_EQ(python_repr_text("é\u00a0\u202e\ufeff😀", 100), "'é\\xa0\\u202e\\ufeff😀'");
  EXPECT_EQ(python_repr_text("\U000e0001", 100), "'\\U000e0001'");
}

TEST(PythonRepr, ShortensWhatIsLongAndCutsNoCharacter) {
  EXPECT_EQ(python_repr_text(std::string(10, 'x'), 12), "'xxxxxxxxxx'");
  EXPECT_EQ(python_repr_text(std::string(11, 'x'), 12), "'xxxxxxxxxxx...");
  EXPECT_EQ(python_repr_text("éééééééé", 8), "'ééé...");
  EXPECT_EQ(repr_of(R"([1, 2, 3, 4, 5, [6, {"a": 7}]])", 8), "[1, 2, 3...");
}

}  // namespace
}  // namespace emplace::json
