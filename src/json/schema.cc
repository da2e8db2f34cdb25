#include "json/schema.h"

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/uuid.h"
#include "json/schema_error.h"
#include "json/schema_node.h"
#include "json/utf8.h"

namespace emplace::json {
namespace {

constexpr std::size_t message_max = 1024;

// Exact for all three kinds of number: long double has at least 64 bits of mantissa.
long double number_of(const Value& value) {
  if (value.is_int64()) return static_cast<long double>(value.get_int64());
  if (value.is_uint64()) return static_cast<long double>(value.get_uint64());
  return value.get_double();
}

// As JSON Schema has it: 1 and 1.0 are one number, true is none, members have no order.
bool is_same(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) return number_of(a) == number_of(b);
  if (a.kind() != b.kind()) return false;
  if (const auto* array = a.if_array()) {
    const auto& other = b.get_array();
    return std::equal(array->begin(), array->end(), other.begin(), other.end(), is_same);
  }
  if (const auto* object = a.if_object()) {
    const auto& other = b.get_object();
    return object->size() == other.size() &&
           std::all_of(object->begin(), object->end(), [&other](const auto& member) {
             const auto* twin = other.if_contains(member.key());
             return twin && is_same(member.value(), *twin);
           });
  }
  return a == b;
}

bool is_unique(const Array& array) {
  std::vector<std::string_view> strings;
  for (const auto& element : array) {
    if (const auto* string = element.if_string()) strings.emplace_back(*string);
  }
  std::sort(strings.begin(), strings.end());
  if (std::adjacent_find(strings.begin(), strings.end()) != strings.end()) return false;
  if (strings.size() == array.size()) return true;
  for (auto a = array.begin(); a != array.end(); ++a) {
    if (a->is_string()) continue;
    const auto is_twin = [a](const Value& b) { return is_same(*a, b); };
    if (std::any_of(a + 1, array.end(), is_twin)) return false;
  }
  return true;
}

bool string_holds(const SchemaNode& node, Keyword keyword, std::string_view text) {
  switch (keyword) {
    case Keyword::min_length:
      return character_count(text) >= node.min_length;
    case Keyword::max_length:
      return text.size() <= node.max_length || character_count(text) <= node.max_length;
    case Keyword::pattern:
      return node.pattern->matches(text);
    case Keyword::format:
      return Uuid::parse(text).has_value();
    default:
      return true;
  }
}

bool array_holds(const SchemaNode& node, Keyword keyword, const Array& array) {
  switch (keyword) {
    case Keyword::min_items:
      return array.size() >= node.min_items;
    case Keyword::max_items:
      return array.size() <= node.max_items;
    case Keyword::unique_items:
      return is_unique(array);
    default:
      return true;
  }
}

bool object_holds(const SchemaNode& node, Keyword keyword, const Object& object) {
  switch (keyword) {
    case Keyword::min_properties:
      return object.size() >= node.min_properties;
    case Keyword::max_properties:
      return object.size() <= node.max_properties;
    case Keyword::additional_properties:
      return std::none_of(object.begin(), object.end(), [&node](const auto& member) {
        return is_additional(node, member.key());
      });
    default:
      return true;
  }
}

// Whether the value itself meets a keyword that holds no schemas.
bool holds(const SchemaNode& node, Keyword keyword, const Value& value) {
  if (keyword == Keyword::type) return (types_of(value) & node.types) != 0;
  if (keyword == Keyword::false_schema) return false;
  if (keyword == Keyword::enumeration) {
    const auto& allowed = node.enumeration.get_array();
    return std::any_of(allowed.begin(), allowed.end(),
                       [&value](const Value& each) { return is_same(value, each); });
  }
  if (value.is_number()) {
    if (keyword == Keyword::minimum) return number_of(value) >= number_of(node.minimum);
    if (keyword == Keyword::maximum) return number_of(value) <= number_of(node.maximum);
    return true;
  }
  if (const auto* string = value.if_string()) return string_holds(node, keyword, *string);
  if (const auto* array = value.if_array()) return array_holds(node, keyword, *array);
  if (const auto* object = value.if_object()) return object_holds(node, keyword, *object);
  return true;
}

// The way down to where the walk is; lives on the walk's stack.
struct Frame {
  const Frame* up = nullptr;
  SchemaStep step{};
  int depth = 0;  // in the value
};

struct Finding {
  const SchemaNode& node;
  Keyword keyword;
  const Value& value;
  const Frame& frame;
  std::string_view missing;
};

// Walks schema and value together, in the order of the schema's keywords, and shows every error to
// the sink until that returns false.
template <class Sink>
class Walk {
 public:
  explicit Walk(Sink& sink) : sink_(sink) {}

  // False: the sink has had enough.
  bool walk(const SchemaNode& node, const Value& value, const Frame& frame) {
    for (const auto keyword : node.keywords) {
      if (!apply(node, keyword, value, frame)) return false;
    }
    return true;
  }

 private:
  bool report(const SchemaNode& node, Keyword keyword, const Value& value, const Frame& frame,
              std::string_view missing = {}) {
    return sink_.on_error(Finding{node, keyword, value, frame, missing});
  }

  bool step_into(const SchemaNode& inner, const Value& value, const Frame& frame,
                 const SchemaStep& step) {
    if (inner.keywords.empty()) return true;
    return walk(inner, value, Frame{&frame, step, frame.depth + 1});
  }

  bool apply(const SchemaNode& node, Keyword keyword, const Value& value, const Frame& frame) {
    switch (keyword) {
      case Keyword::any_of:
        return apply_any_of(node, value, frame);
      case Keyword::items:
        return apply_items(node, value, frame);
      case Keyword::properties:
        return apply_properties(node, value, frame);
      case Keyword::pattern_properties:
        return apply_pattern_properties(node, value, frame);
      case Keyword::required:
        return apply_required(node, value, frame);
      case Keyword::additional_properties:
        if (node.additional_properties) return apply_additional(node, value, frame);
        break;
      default:
        break;
    }
    return holds(node, keyword, value) || report(node, keyword, value, frame);
  }

  bool apply_any_of(const SchemaNode& node, const Value& value, const Frame& frame);

  bool apply_items(const SchemaNode& node, const Value& value, const Frame& frame) {
    const auto* array = value.if_array();
    if (!array) return true;
    for (std::size_t i = 0; i < array->size(); ++i) {
      const SchemaStep step{.keyword = Keyword::items, .schema_key = {}, .member = {}, .index = i};
      if (!step_into(*node.items, (*array)[i], frame, step)) return false;
    }
    return true;
  }

  bool apply_properties(const SchemaNode& node, const Value& value, const Frame& frame) {
    const auto* object = value.if_object();
    if (!object) return true;
    for (const auto& property : node.properties) {
      const auto* member = object->if_contains(property.name);
      const SchemaStep step{Keyword::properties, property.name, property.name};
      if (member && !step_into(*property.schema, *member, frame, step)) return false;
    }
    return true;
  }

  bool apply_pattern_properties(const SchemaNode& node, const Value& value, const Frame& frame) {
    const auto* object = value.if_object();
    if (!object) return true;
    for (const auto& property : node.pattern_properties) {
      for (const auto& member : *object) {
        if (!property.pattern.matches(member.key())) continue;
        const SchemaStep step{Keyword::pattern_properties, property.pattern.text(), member.key()};
        if (!step_into(*property.schema, member.value(), frame, step)) return false;
      }
    }
    return true;
  }

  bool apply_additional(const SchemaNode& node, const Value& value, const Frame& frame) {
    const auto* object = value.if_object();
    if (!object) return true;
    for (const auto& member : *object) {
      if (!is_additional(node, member.key())) continue;
      const SchemaStep step{Keyword::additional_properties, {}, member.key()};
      if (!step_into(*node.additional_properties, member.value(), frame, step)) return false;
    }
    return true;
  }

  bool apply_required(const SchemaNode& node, const Value& value, const Frame& frame) {
    const auto* object = value.if_object();
    if (!object) return true;
    for (const auto& name : node.required) {
      if (object->contains(name)) continue;
      if (!report(node, Keyword::required, value, frame, name)) return false;
    }
    return true;
  }

  Sink& sink_;
};

// Stops at the first error: all that is needed to know a valid value.
struct AnyError {
  bool on_error(const Finding&) { return false; }
};

bool is_valid(const SchemaNode& node, const Value& value) {
  AnyError sink;
  return Walk(sink).walk(node, value, Frame{});
}

template <class Sink>
bool Walk<Sink>::apply_any_of(const SchemaNode& node, const Value& value, const Frame& frame) {
  const bool valid = std::any_of(node.any_of.begin(), node.any_of.end(),
                                 [&value](const auto& each) { return is_valid(*each, value); });
  return valid || report(node, Keyword::any_of, value, frame);
}

// How much an error tells, as python-jsonschema sees it: first of all where it stands (the
// shallower the better), then whether it is not merely anyOf, then whether the value is of another
// type.
int relevance(const Finding& finding) {
  const auto& node = finding.node;
  const bool is_strong = finding.keyword != Keyword::any_of;
  const bool has_its_type = (types_of(finding.value) & node.types) != 0;
  return -4 * finding.frame.depth + 2 * is_strong + !has_its_type;
}

SchemaError kept(const Finding& finding, std::vector<SchemaStep> path) {
  const auto above = path.size();
  for (const auto* frame = &finding.frame; frame->up; frame = frame->up) {
    path.push_back(frame->step);
  }
  std::reverse(path.begin() + static_cast<std::ptrdiff_t>(above), path.end());
  return {&finding.node, finding.keyword, &finding.value, finding.missing, std::move(path)};
}

// The first of the most relevant errors.
struct MostRelevant {
  SchemaError best{};
  int best_relevance = 0;

  bool on_error(const Finding& finding) {
    const int relevance_here = relevance(finding);
    if (!best.node || relevance_here > best_relevance) {
      best_relevance = relevance_here;
      best = kept(finding, {});
    }
    return true;
  }
};

// The least relevant error, that is the deepest, if there is one and no other like it.
struct LeastRelevant {
  const std::vector<SchemaStep>& above;
  SchemaError least{};
  int least_relevance = 0;
  bool is_tied = false;

  bool on_error(const Finding& finding) {
    const int relevance_here = relevance(finding);
    if (!least.node || relevance_here < least_relevance) {
      least_relevance = relevance_here;
      least = kept(finding, above);
      is_tied = false;
    } else if (relevance_here == least_relevance) {
      is_tied = true;
    }
    return true;
  }
};

// python-jsonschema's best_match(): of an anyOf, what came closest to being right.
SchemaError best_match(const SchemaNode& root, const Value& value) {
  MostRelevant most;
  Walk(most).walk(root, value, Frame{});
  SchemaError best = std::move(most.best);
  while (best.keyword == Keyword::any_of) {
    LeastRelevant context{.above = best.path};
    const Frame here;
    for (std::size_t i = 0; i < best.node->any_of.size(); ++i) {
      const Frame frame{&here, SchemaStep{Keyword::any_of, {}, {}, i}, 0};
      Walk(context).walk(*best.node->any_of[i], *best.value, frame);
    }
    if (context.is_tied || !context.least.node) break;
    best = SchemaError(std::move(context.least));
  }
  return best;
}

}  // namespace

Schema::Schema(std::string_view text) {
  const auto schema = parse(text, Limits{.depth = 100, .items_per_list = 0});
  if (!schema) throw std::logic_error("schema: " + schema.error().detail);
  auto root = std::make_unique<Node>();
  compile(*schema, *root);
  root_ = std::move(root);
}

Schema::~Schema() = default;
Schema::Schema(Schema&&) noexcept = default;

Result<void> Schema::check(const Value& value) const {
  if (is_valid(*root_, value)) return {};
  const auto text = "JSON does not validate: " + describe(best_match(*root_, value));
  return fail(Reason::bad_request, std::string(cut_to(text, message_max)));
}

}  // namespace emplace::json
