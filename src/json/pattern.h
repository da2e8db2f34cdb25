// Pattern: the few regular expressions that schemas need: characters, classes such as [A-Z0-9_] and
// `.`, each with at most one of * + ? {n} {m,n}, and the anchors ^ and $.
// As in ECMA-262, and unlike in Python, $ is the true end: it does not stand before a last newline.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace emplace::json {

class Pattern {
 public:
  // Requires: `text` is valid UTF-8. Throws std::logic_error on what is not supported, and on more
  // than one open-ended quantifier, so that no text takes more than quadratic time.
  explicit Pattern(std::string_view text);

  // Whether the pattern is found in `text`, which must be valid UTF-8.
  bool matches(std::string_view text) const;
  const std::string& text() const { return text_; }

 private:
  static constexpr std::size_t no_limit = static_cast<std::size_t>(-1);

  // Characters, and how many of them may follow each other.
  struct Run {
    std::array<bool, 128> ascii{};
    std::vector<std::pair<char32_t, char32_t>> others;  // ranges beyond ASCII
    bool negated = false;
    std::size_t at_least = 1;
    std::size_t at_most = 1;

    void add(char32_t first, char32_t last);
    bool contains(char32_t character) const;
    // The end of the longest run at `at`, of at most at_most characters, and their number.
    std::pair<std::size_t, std::size_t> longest(std::string_view text, std::size_t at) const;
  };
  class Compiler;

  bool matches_at(std::string_view text, std::size_t at, std::size_t run) const;

  std::string text_;
  std::vector<Run> runs_;
  bool at_start_ = false;
  bool at_end_ = false;
};

}  // namespace emplace::json
