// A policy file's YAML, of which JSON is a part: one flat map from rule to check.
#include <algorithm>

#include <yaml-cpp/yaml.h>

#include "policy/policy.h"

namespace emplace::policy {
namespace {

using Rules = std::map<std::string, std::string, std::less<>>;

tl::unexpected<Failure> refuse(const YAML::Mark& mark, const std::string& sentence) {
  const std::string line = mark.is_null() ? "" : "line " + std::to_string(mark.line + 1) + ": ";
  return fail(Reason::bad_request, line + sentence + ".");
}

// One check of the list form. There it is never split into words, so that one with spaces or with
// parentheses at its ends cannot be said in the text form; it would never hold anyway.
Result<std::string> list_item(const YAML::Node& node, const std::string& rule) {
  const std::string text = node.IsScalar() ? node.Scalar() : "";
  const bool is_word = !text.empty() && text.find_first_of(" \t\r\n\f\v") == text.npos &&
                       text.front() != '(' && text.back() != ')' && text != "and" && text != "or" &&
                       text != "not";
  if (!is_word) {
    return refuse(node.Mark(), "rule \"" + rule +
                                   "\": the list form holds single checks such as \"role:admin\"");
  }
  return text;
}

// [["role:a", "rule:b"], ["role:c"]] as text: the inner lists are joined by `and`, the outer one by
// `or`. No list at all always holds; a list of empty lists never does.
Result<std::string> list_as_text(const YAML::Node& list, const std::string& rule) {
  if (list.size() == 0) return std::string("@");
  std::string text;
  for (const YAML::Node& inner : list) {
    std::string conjunction;
    if (inner.IsSequence()) {
      for (const YAML::Node& item : inner) {
        const std::string check = TRY(list_item(item, rule));
        conjunction += (conjunction.empty() ? "" : " and ") + check;
      }
    } else {
      conjunction = TRY(list_item(inner, rule));
    }
    if (conjunction.empty()) continue;
    text += (text.empty() ? "( " : " or ( ") + conjunction + " )";
  }
  return text.empty() ? "!" : text;
}

// A rule without a value would always hold for oslo.policy. It is more likely a mistake, and the
// unquoted `!`, in which YAML sees an empty text, means the very opposite. So only a quoted empty
// text counts as one.
Result<std::string> check_text(const YAML::Node& value, const std::string& rule,
                               std::string_view file) {
  if (value.IsNull() || (value.IsScalar() && value.Scalar().empty())) {
    const auto position = static_cast<std::size_t>(std::max(value.Mark().pos, 0));
    const char first = position < file.size() ? file[position] : '\0';
    if (value.IsNull() || (first != '"' && first != '\'')) {
      return refuse(value.Mark(), "rule \"" + rule +
                                      "\" has no check; write \"@\" for always or \"!\" for "
                                      "never, in quotes");
    }
  }
  if (value.IsSequence()) return list_as_text(value, rule);
  if (value.IsScalar()) return value.Scalar();
  return refuse(value.Mark(), "the check of rule \"" + rule + "\" is not a text");
}

Result<Rules> rules_of(const YAML::Node& document, std::string_view file) {
  Rules rules;
  if (document.IsNull()) return rules;
  if (!document.IsMap()) {
    return refuse(document.Mark(), "a policy file is a map from the names of rules to checks");
  }
  for (const auto& entry : document) {
    if (!entry.first.IsScalar()) {
      return refuse(entry.first.Mark(), "the name of a rule is not a text");
    }
    const std::string& name = entry.first.Scalar();
    std::string check = TRY(check_text(entry.second, name, file));
    if (!rules.emplace(name, std::move(check)).second) {
      return refuse(entry.first.Mark(), "rule \"" + name + "\" is given twice");
    }
  }
  return rules;
}

// What yaml-cpp does not tell: a second document, and content in which it saw nothing at all.
Result<void> check_documents(std::string_view text, bool nothing_seen) {
  bool content = false, ended = false;
  std::size_t number = 0;
  while (!text.empty()) {
    ++number;
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const auto first = line.find_first_not_of(" \t\r\xef\xbb\xbf");
    if (first == line.npos || line[first] == '#') continue;
    const bool starts = line.starts_with("---"), ends = line.starts_with("...");
    const auto where = "line " + std::to_string(number) + ": ";
    if ((starts && content) || (!ends && ended)) {
      return fail(Reason::bad_request, where + "there is more than one YAML document.");
    }
    ended = ended || ends;
    if (starts || ends || line.starts_with('%')) continue;
    content = true;
    if (nothing_seen && line.find_first_not_of(" \t\r~nulNUL", first) != line.npos) {
      return fail(Reason::bad_request, where + "this is no map from the names of rules to checks.");
    }
  }
  return {};
}

}  // namespace

Result<Rules> parse_policy_file(std::string_view text) {
  try {
    // yaml-cpp takes a quoted text whose end is missing for a whole one, which would let through a
    // file that is only half written. The end of the document, said in so many words, stops it.
    // Only one document is read: yaml-cpp 0.7 never ends on some texts that it takes for many.
    const YAML::Node document = YAML::Load(std::string(text) + "\n...\n");
    CHECK_OK(check_documents(text, document.IsNull()));
    return rules_of(document, text);
  } catch (const YAML::Exception& error) {
    return refuse(error.mark, error.msg);
  }
}

}  // namespace emplace::policy
