#include "policy/check.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace emplace::policy {
namespace {

Finding whatever_the_object(bool holds) {
  return holds ? Finding::always : Finding::never;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

enum class Case { matters, ignored };

bool starts_with(std::string_view text, std::string_view start, Case letters) {
  if (letters == Case::matters) return text.starts_with(start);
  return text.size() >= start.size() &&
         std::equal(start.begin(), start.end(), text.begin(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

// Whether the pieces from `first` on can make up all of `value`, taking for each attribute any one
// of its values. An attribute that the target lacks makes up nothing.
bool matches(const Template& pieces, std::size_t first, std::string_view value,
             const Target& target, Case letters) {
  if (first == pieces.size()) return value.empty();
  const Piece& piece = pieces[first];
  if (!piece.is_attribute) {
    return starts_with(value, piece.text, letters) &&
           matches(pieces, first + 1, value.substr(piece.text.size()), target, letters);
  }
  const auto found = target.find(piece.text);
  if (found == target.end()) return false;
  for (const std::string& choice : found->second) {
    if (starts_with(value, choice, letters) &&
        matches(pieces, first + 1, value.substr(choice.size()), target, letters)) {
      return true;
    }
  }
  return false;
}

// `and` and `or`: of all findings the one that stands first in `order`.
using Order = std::array<Finding, 5>;
constexpr Order and_order = {Finding::never, Finding::refuted, Finding::shown, Finding::open,
                             Finding::always};
constexpr Order or_order = {Finding::always, Finding::shown, Finding::refuted, Finding::open,
                            Finding::never};

class Fold {
 public:
  explicit Fold(const Order& order) : order_(order) {}
  void add(Finding finding) {
    const auto rank =
        static_cast<std::size_t>(std::find(order_.begin(), order_.end(), finding) - order_.begin());
    rank_ = std::min(rank_, rank);
  }
  // Whether nothing more can change it.
  bool settled() const { return rank_ == 0; }
  Finding result() const { return order_[rank_]; }

 private:
  const Order& order_;
  std::size_t rank_ = order_.size() - 1;
};

// The right side of a check, compared with one value.
class Match {
 public:
  Match(Template pieces, Case letters) : pieces_(std::move(pieces)), letters_(letters) {
    names_attributes_ =
        std::any_of(pieces_.begin(), pieces_.end(), [](auto& p) { return p.is_attribute; });
  }

  Finding evaluate(std::string_view value, const Question& question) const {
    static const Target nothing;
    if (!names_attributes_) {
      return whatever_the_object(matches(pieces_, 0, value, nothing, letters_));
    }
    if (is_left_out(question)) return Finding::open;
    return matches(pieces_, 0, value, *question.target, letters_) ? Finding::shown
                                                                  : Finding::refuted;
  }

  // Whether it is just this text, without any attribute.
  bool is(std::string_view text) const {
    return !names_attributes_ && !pieces_.empty() && pieces_[0].text == text;
  }

  // `or` over all of the values.
  Finding evaluate_any(const std::vector<std::string>& values, const Question& question) const {
    Fold any(or_order);
    for (const std::string& value : values)
      any.add(evaluate(value, question));
    return any.result();
  }

 private:
  bool is_left_out(const Question& question) const {
    if (question.target == nullptr) return true;
    return question.is_attribute != nullptr &&
           std::any_of(pieces_.begin(), pieces_.end(), [&](const Piece& piece) {
             return piece.is_attribute && !question.is_attribute(piece.text);
           });
  }

  Template pieces_;
  Case letters_;
  bool names_attributes_ = false;
};

class Constant final : public Check {
 public:
  explicit Constant(Finding finding) : finding_(finding) {}
  Finding evaluate(const Question&) const override { return finding_; }

 private:
  Finding finding_;
};

class Not final : public Check {
 public:
  explicit Not(CheckPtr inner) : inner_(std::move(inner)) {}
  Finding evaluate(const Question& question) const override {
    switch (inner_->evaluate(question)) {
      case Finding::never:
        return Finding::always;
      case Finding::refuted:
        return Finding::shown;
      case Finding::shown:
        return Finding::refuted;
      case Finding::always:
        return Finding::never;
      case Finding::open:
        break;
    }
    return Finding::open;
  }

 private:
  CheckPtr inner_;
};

class Chain final : public Check {
 public:
  Chain(std::vector<CheckPtr> parts, const Order& order)
      : parts_(std::move(parts)), order_(order) {}
  Finding evaluate(const Question& question) const override {
    Fold fold(order_);
    for (const CheckPtr& part : parts_) {
      fold.add(part->evaluate(question));
      if (fold.settled()) break;
    }
    return fold.result();
  }

 private:
  std::vector<CheckPtr> parts_;
  const Order& order_;
};

class Role final : public Check {
 public:
  explicit Role(std::string lower_name) : lower_name_(std::move(lower_name)) {}
  Finding evaluate(const Question& question) const override {
    for (const std::string& role : question.identity.roles) {
      if (role.size() != lower_name_.size()) continue;
      std::size_t i = 0;
      while (i < role.size() && lower(role[i]) == lower_name_[i])
        ++i;
      if (i == role.size()) return Finding::always;
    }
    return Finding::never;
  }

 private:
  std::string lower_name_;
};

class RoleOfTarget final : public Check {
 public:
  explicit RoleOfTarget(Match match) : match_(std::move(match)) {}
  Finding evaluate(const Question& question) const override {
    return match_.evaluate_any(question.identity.roles, question);
  }

 private:
  Match match_;
};

class Literal final : public Check {
 public:
  Literal(std::string text, Match match) : text_(std::move(text)), match_(std::move(match)) {}
  Finding evaluate(const Question& question) const override {
    return match_.evaluate(text_, question);
  }

 private:
  std::string text_;
  Match match_;
};

class TextAttribute final : public Check {
 public:
  TextAttribute(std::string Identity::*member, Match match)
      : member_(member), match_(std::move(match)) {}
  Finding evaluate(const Question& question) const override {
    const std::string& value = question.identity.*member_;
    // What the caller lacks equals no attribute of any object, be that empty too; but a rule may
    // ask for the lack itself, which Python spells None.
    if (value.empty()) return whatever_the_object(match_.is("None"));
    return match_.evaluate(value, question);
  }

 private:
  std::string Identity::*member_;
  Match match_;
};

class ListAttribute final : public Check {
 public:
  ListAttribute(std::vector<std::string> Identity::*member, Match match)
      : member_(member), match_(std::move(match)) {}
  Finding evaluate(const Question& question) const override {
    return match_.evaluate_any(question.identity.*member_, question);
  }

 private:
  std::vector<std::string> Identity::*member_;
  Match match_;
};

class AdminProject final : public Check {
 public:
  explicit AdminProject(Match match) : match_(std::move(match)) {}
  Finding evaluate(const Question& question) const override {
    return match_.evaluate(question.identity.is_admin_project ? "True" : "False", question);
  }

 private:
  Match match_;
};

struct TextName {
  std::string_view name;
  std::string Identity::*member;
};
constexpr TextName text_names[] = {
    {"user_id", &Identity::user_id},
    {"project_id", &Identity::project_id},
    {"user_domain_id", &Identity::user_domain_id},
    {"project_domain_id", &Identity::project_domain_id},
    {"domain_id", &Identity::domain_id},
    {"system_scope", &Identity::system_scope},
    {"system", &Identity::system_scope},  // the older name of the same
};

// An attribute that no caller has, such as is_admin or token.user.id, makes the check never hold.
CheckPtr attribute_check(const std::string& name, Match match) {
  for (const TextName& known : text_names) {
    if (known.name == name) return std::make_shared<TextAttribute>(known.member, std::move(match));
  }
  if (name == "roles") return std::make_shared<ListAttribute>(&Identity::roles, std::move(match));
  if (name == "service_roles") {
    return std::make_shared<ListAttribute>(&Identity::service_roles, std::move(match));
  }
  if (name == "is_admin_project") return std::make_shared<AdminProject>(std::move(match));
  return std::make_shared<Constant>(Finding::never);
}

CheckPtr role_check(const Template& match) {
  if (match.empty()) return std::make_shared<Role>("");
  if (match.size() == 1 && !match[0].is_attribute) return std::make_shared<Role>(match[0].text);
  return std::make_shared<RoleOfTarget>(Match(match, Case::ignored));
}

Result<CheckPtr> compile_chain(const Syntax& syntax, const Resolve& resolve) {
  std::vector<CheckPtr> parts;
  for (const Syntax& operand : syntax.operands) {
    CheckPtr part = TRY(compile(operand, resolve));
    parts.push_back(std::move(part));
  }
  if (syntax.kind == Syntax::Kind::negation) return std::make_shared<Not>(std::move(parts[0]));
  const bool is_and = syntax.kind == Syntax::Kind::conjunction;
  return std::make_shared<Chain>(std::move(parts), is_and ? and_order : or_order);
}

}  // namespace

Result<CheckPtr> compile(const Syntax& syntax, const Resolve& resolve) {
  switch (syntax.kind) {
    case Syntax::Kind::never:
      return std::make_shared<Constant>(Finding::never);
    case Syntax::Kind::always:
      return std::make_shared<Constant>(Finding::always);
    case Syntax::Kind::negation:
    case Syntax::Kind::conjunction:
    case Syntax::Kind::disjunction:
      return compile_chain(syntax, resolve);
    case Syntax::Kind::reference:
      return resolve(syntax.name);
    case Syntax::Kind::role:
      return role_check(syntax.match);
    case Syntax::Kind::literal:
      return std::make_shared<Literal>(syntax.name, Match(syntax.match, Case::matters));
    case Syntax::Kind::credential:
      break;
  }
  return attribute_check(syntax.name, Match(syntax.match, Case::matters));
}

}  // namespace emplace::policy
