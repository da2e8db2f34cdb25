#include "policy/syntax.h"

#include <algorithm>
#include <cctype>
#include <optional>

namespace emplace::policy {
namespace {

// Guards the stack against a text of nothing but parentheses; no rule that a human wrote comes
// near.
constexpr int nesting_max = 100;

struct Token {
  enum class Kind { open, close, and_word, or_word, not_word, check };
  Kind kind;
  std::string_view text;
};

std::string lower(std::string_view text) {
  std::string lowered(text);
  for (char& c : lowered) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lowered;
}

std::string quoted(std::string_view text) {
  return '"' + std::string(text) + '"';
}

tl::unexpected<Failure> refuse(std::string sentence) {
  return fail(Reason::bad_request, std::move(sentence));
}

Token word(std::string_view text) {
  const std::string lowered = lower(text);
  if (lowered == "and") return {Token::Kind::and_word, text};
  if (lowered == "or") return {Token::Kind::or_word, text};
  if (lowered == "not") return {Token::Kind::not_word, text};
  return {Token::Kind::check, text};
}

// Parentheses count only at the ends of a word, because %(…)s holds some inside of it.
std::vector<Token> tokenize(std::string_view text) {
  constexpr std::string_view space = " \t\n\r\f\v";
  std::vector<Token> tokens;
  for (std::size_t begin = text.find_first_not_of(space); begin != text.npos;) {
    const std::size_t end = std::min(text.find_first_of(space, begin), text.size());
    std::string_view rest = text.substr(begin, end - begin);
    begin = text.find_first_not_of(space, end);
    for (; !rest.empty() && rest.front() == '('; rest.remove_prefix(1)) {
      tokens.push_back({Token::Kind::open, rest.substr(0, 1)});
    }
    const std::size_t last = rest.find_last_not_of(')');
    const std::size_t length = last == rest.npos ? 0 : last + 1;
    if (length > 0) tokens.push_back(word(rest.substr(0, length)));
    for (std::size_t i = length; i < rest.size(); ++i) {
      tokens.push_back({Token::Kind::close, rest.substr(i, 1)});
    }
  }
  return tokens;
}

void append_text(Template& pieces, char c) {
  if (pieces.empty() || pieces.back().is_attribute) pieces.push_back({});
  pieces.back().text += c;
}

// The right side as Python's % operator takes it, but only %(attribute)s and %%.
Result<Template> parse_template(std::string_view text) {
  Template pieces;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      append_text(pieces, text[i]);
      continue;
    }
    if (text.substr(i).starts_with("%%")) {
      append_text(pieces, '%');
      ++i;
      continue;
    }
    const std::size_t close = text.find(')', i);
    if (!text.substr(i).starts_with("%(") || close == text.npos || close == i + 2 ||
        !text.substr(close).starts_with(")s")) {
      return refuse(quoted(text) +
                    " has a % that is neither %(attribute)s nor %%, a percent sign itself");
    }
    pieces.push_back({std::string(text.substr(i + 2, close - i - 2)), true});
    i = close + 1;
  }
  return pieces;
}

bool is_integer(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// What str() of a Python literal gives; nothing if `kind` is not one of the literals that have a
// use in policies: a quoted text, True, False, None or an integer.
std::optional<std::string> literal(std::string_view kind) {
  if (kind == "True" || kind == "False" || kind == "None") return std::string(kind);
  if (is_integer(kind)) return std::string(kind == "-0" ? "0" : kind);
  if (kind.size() < 2 || (kind.front() != '\'' && kind.front() != '"')) return std::nullopt;
  const std::string_view inner = kind.substr(1, kind.size() - 2);
  const bool plain = kind.back() == kind.front() && inner.find(kind.front()) == inner.npos &&
                     inner.find('\\') == inner.npos;
  return plain ? std::optional(std::string(inner)) : std::nullopt;
}

bool is_path(std::string_view kind) {
  const auto allowed = [](unsigned char c) {
    return (std::isalnum(c) != 0 && c < 0x80) || c == '_' || c == '-' || c == '.';
  };
  const char first = kind.empty() ? '0' : kind.front();
  return std::all_of(kind.begin(), kind.end(), allowed) && !(first >= '0' && first <= '9') &&
         first != '-' && first != '.';
}

Result<Syntax> parse_one(std::string_view text) {
  if (text == "!") return Syntax{.kind = Syntax::Kind::never};
  if (text == "@") return Syntax{.kind = Syntax::Kind::always};
  const std::size_t colon = text.find(':');
  if (colon == text.npos) {
    return refuse(quoted(text) + " is not a check: it has no colon, as in role:admin");
  }
  const std::string_view kind = text.substr(0, colon);
  const std::string_view match = text.substr(colon + 1);
  if (kind == "http" || kind == "https") {
    return refuse(quoted(text) + " asks another server: http: and https: checks are not supported");
  }
  if (kind == "rule") return Syntax{.kind = Syntax::Kind::reference, .name = std::string(match)};

  Template pieces = TRY(parse_template(match));
  if (kind == "role") {
    for (Piece& piece : pieces) {
      if (!piece.is_attribute) piece.text = lower(piece.text);
    }
    return Syntax{.kind = Syntax::Kind::role, .match = std::move(pieces)};
  }
  if (auto value = literal(kind)) {
    return Syntax{
        .kind = Syntax::Kind::literal, .name = std::move(*value), .match = std::move(pieces)};
  }
  if (!is_path(kind)) {
    return refuse(quoted(text) +
                  " has neither a literal nor an attribute of the caller on its left");
  }
  return Syntax{
      .kind = Syntax::Kind::credential, .name = std::string(kind), .match = std::move(pieces)};
}

// Recursive descent: `or` binds least, then `and`, then `not`.
class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  Result<Syntax> parse_all() {
    Syntax whole = TRY(parse_disjunction());
    if (position_ == tokens_.size()) return whole;
    const Token& token = tokens_[position_];
    if (token.kind == Token::Kind::close) return refuse("\")\" closes nothing");
    return refuse(quoted(token.text) + " does not follow an \"and\" or an \"or\"");
  }

 private:
  bool take(Token::Kind kind) {
    if (position_ == tokens_.size() || tokens_[position_].kind != kind) return false;
    ++position_;
    return true;
  }

  Result<Syntax> parse_disjunction() {
    return parse_chain(Token::Kind::or_word, Syntax::Kind::disjunction, &Parser::parse_conjunction);
  }

  Result<Syntax> parse_conjunction() {
    return parse_chain(Token::Kind::and_word, Syntax::Kind::conjunction, &Parser::parse_operand);
  }

  Result<Syntax> parse_chain(Token::Kind separator, Syntax::Kind kind,
                             Result<Syntax> (Parser::*parse_part)()) {
    Syntax first = TRY((this->*parse_part)());
    if (!take(separator)) return first;
    Syntax chain{.kind = kind};
    chain.operands.push_back(std::move(first));
    do {
      Syntax next = TRY((this->*parse_part)());
      chain.operands.push_back(std::move(next));
    } while (take(separator));
    return chain;
  }

  Result<Syntax> parse_operand() {
    if (++nesting_ > nesting_max) return refuse("it is nested too deeply");
    Result<Syntax> operand = parse_nested_operand();
    --nesting_;
    return operand;
  }

  Result<Syntax> parse_nested_operand() {
    if (position_ == tokens_.size()) return refuse("a check is missing at its end");
    const Token token = tokens_[position_++];
    switch (token.kind) {
      case Token::Kind::check:
        return parse_one(token.text);
      case Token::Kind::not_word: {
        Syntax negation{.kind = Syntax::Kind::negation};
        Syntax operand = TRY(parse_operand());
        negation.operands.push_back(std::move(operand));
        return negation;
      }
      case Token::Kind::open: {
        Syntax inner = TRY(parse_disjunction());
        if (take(Token::Kind::close)) return inner;
        if (position_ == tokens_.size()) return refuse("a \"(\" is not closed");
        return refuse(quoted(tokens_[position_].text) + " does not follow an \"and\" or an \"or\"");
      }
      default:
        return refuse("a check is missing before " + quoted(token.text));
    }
  }

  std::vector<Token> tokens_;
  std::size_t position_ = 0;
  int nesting_ = 0;
};

}  // namespace

Result<Syntax> parse_check(std::string_view text) {
  if (text.empty()) return Syntax{.kind = Syntax::Kind::always};
  return Parser(tokenize(text)).parse_all();
}

}  // namespace emplace::policy
