#include "json/pattern.h"

#include <algorithm>
#include <stdexcept>

#include "json/utf8.h"

namespace emplace::json {

void Pattern::Run::add(char32_t first, char32_t last) {
  for (char32_t c = first; c <= last && c < ascii.size(); ++c)
    ascii[c] = true;
  if (last >= ascii.size()) others.emplace_back(first, last);
}

bool Pattern::Run::contains(char32_t character) const {
  if (character < ascii.size()) return ascii[character] != negated;
  const bool listed = std::any_of(others.begin(), others.end(), [character](const auto& range) {
    return range.first <= character && character <= range.second;
  });
  return listed != negated;
}

std::pair<std::size_t, std::size_t> Pattern::Run::longest(std::string_view text,
                                                          std::size_t at) const {
  std::size_t count = 0;
  while (count < at_most && at < text.size()) {
    std::size_t behind = at;
    if (!contains(next_character(text, behind))) break;
    at = behind;
    ++count;
  }
  return {at, count};
}

// Reads the pattern's text from front to back.
class Pattern::Compiler {
 public:
  Compiler(std::string_view text, Pattern& pattern) : text_(text), pattern_(pattern) {}

  void compile() {
    pattern_.at_start_ = take('^');
    std::size_t open_ended = 0;
    while (at_ < text_.size()) {
      if (text_[at_] == '$' && at_ + 1 == text_.size()) {
        pattern_.at_end_ = true;
        break;
      }
      Run run = characters();
      quantify(run);
      open_ended += run.at_most == no_limit;
      pattern_.runs_.push_back(std::move(run));
    }
    if (open_ended > 1) unsupported();
  }

 private:
  [[noreturn]] void unsupported() const {
    throw std::logic_error("pattern is not supported: " + std::string(text_));
  }

  bool take(char c) {
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  char32_t next() {
    if (at_ == text_.size()) unsupported();
    return next_character(text_, at_);
  }

  // A character that stands for itself, or one of punctuation behind a backslash.
  char32_t literal(std::string_view special) {
    const char32_t c = next();
    if (c == '\\') {
      const char32_t escaped = next();
      static constexpr std::string_view punctuation = R"(^$\.*+?()[]{}|/-)";
      if (escaped >= 128 || punctuation.find(static_cast<char>(escaped)) == punctuation.npos) {
        unsupported();
      }
      return escaped;
    }
    if (c < 128 && special.find(static_cast<char>(c)) != special.npos) unsupported();
    return c;
  }

  Run characters() {
    Run run;
    if (take('.')) {
      run.negated = true;
      run.add('\n', '\n');
      run.add('\r', '\r');
      run.add(0x2028, 0x2029);
      return run;
    }
    if (!take('[')) {
      const char32_t c = literal("^$*+?()[]{}|");
      run.add(c, c);
      return run;
    }
    run.negated = take('^');
    while (!take(']')) {
      const char32_t first = literal("[");
      const bool is_range = at_ + 1 < text_.size() && text_[at_] == '-' && text_[at_ + 1] != ']';
      if (is_range) ++at_;
      const char32_t last = is_range ? literal("[") : first;
      if (last < first) unsupported();
      run.add(first, last);
    }
    return run;
  }

  std::size_t number() {
    constexpr std::size_t digits_max = 6;
    const std::size_t begin = at_;
    std::size_t result = 0;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') {
      result = result * 10 + static_cast<std::size_t>(text_[at_++] - '0');
    }
    if (at_ == begin || at_ - begin > digits_max) unsupported();
    return result;
  }

  void quantify(Run& run) {
    if (take('*')) {
      run.at_least = 0;
      run.at_most = no_limit;
    } else if (take('+')) {
      run.at_most = no_limit;
    } else if (take('?')) {
      run.at_least = 0;
    } else if (take('{')) {
      run.at_least = run.at_most = number();
      if (take(',')) run.at_most = number();
      if (!take('}') || run.at_most < run.at_least) unsupported();
    } else {
      return;
    }
    // Lazy and possessive quantifiers.
    if (at_ < text_.size() && (text_[at_] == '?' || text_[at_] == '+')) unsupported();
  }

  std::string_view text_;
  Pattern& pattern_;
  std::size_t at_ = 0;
};

Pattern::Pattern(std::string_view text) : text_(text) {
  Compiler(text_, *this).compile();
}

bool Pattern::matches_at(std::string_view text, std::size_t at, std::size_t run) const {
  if (run == runs_.size()) return !at_end_ || at == text.size();
  auto [end, count] = runs_[run].longest(text, at);
  for (;;) {
    if (count < runs_[run].at_least) return false;
    if (matches_at(text, end, run + 1)) return true;
    if (count == 0) return false;
    --count;
    do {
      --end;
    } while (continues_character(text[end]));
  }
}

bool Pattern::matches(std::string_view text) const {
  if (matches_at(text, 0, 0)) return true;
  if (at_start_) return false;
  for (std::size_t at = 1; at <= text.size(); ++at) {
    const bool begins = at == text.size() || !continues_character(text[at]);
    if (begins && matches_at(text, at, 0)) return true;
  }
  return false;
}

}  // namespace emplace::json
