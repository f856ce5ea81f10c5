#include "liquid/expression.h"

#include <algorithm>
#include <cstring>

#include "base/limits/templates.h"
#include "base/text.h"
#include "liquid/characters.h"
#include "liquid/filters.h"
#include "liquid/number.h"

namespace rapport::liquid {
namespace {

constexpr size_t kComparedPerStep = 64;  // bytes

class ConstantExpression final : public Expression {
 public:
  explicit ConstantExpression(Value value) : value_(std::move(value)) {}
  Value evaluate(Context&) const override { return value_; }

 private:
  Value value_;
};

class RangeExpression final : public Expression {
 public:
  RangeExpression(ExpressionPtr first, ExpressionPtr last)
      : first_(std::move(first)), last_(std::move(last)) {}
  Value evaluate(Context& context) const override {
    context.step();
    return Range{to_range_bound(first_->evaluate(context)),
                 to_range_bound(last_->evaluate(context))};
  }

 private:
  ExpressionPtr first_;
  ExpressionPtr last_;
};

/// `.size`, `.first`, `.last` of things that have no such member.
Value computed_member(const Value& value, std::string_view name) {
  if (const auto* text = value.if_string()) {
    if (name == "size") {
      return static_cast<uint64_t>(count_characters(*text));
    }
    if (text->empty()) return {};
    const std::string_view all = *text;
    if (name == "first") return all.substr(0, first_size(all));
    return all.substr(offset_of(all, count_characters(all) - 1));
  }
  if (const auto* array = value.if_array()) {
    if (name == "size") return static_cast<uint64_t>(array->size());
    if (array->empty()) return {};
    return name == "first" ? array->front() : array->back();
  }
  if (const auto* object = value.if_object()) {
    if (name == "size") return static_cast<uint64_t>(object->size());
    if (object->empty() || name != "first") return {};
    return Array{Value(object->begin()->first), object->begin()->second};
  }
  if (const auto* range = value.if_range()) {
    if (name == "size") return range->size();
    return name == "first" ? range->first : range->last;
  }
  return {};
}

Value member_of(const Value& value, std::string_view name, bool dotted) {
  if (const auto* drop = value.if_drop()) return drop->member(name);
  if (const auto* object = value.if_object()) {
    if (const Value* found = object->find(name)) return *found;
  }
  if (dotted && (name == "size" || name == "first" || name == "last")) {
    return computed_member(value, name);
  }
  return {};
}

Value element_of(const Value& value, const Value& key) {
  if (const auto* name = key.if_string()) return member_of(value, *name, false);
  const auto* array = value.if_array();
  const auto* index = key.if_int();
  if (!array || !index) return {};
  const auto size = static_cast<int64_t>(array->size());
  const int64_t at = *index < 0 ? *index + size : *index;
  return at >= 0 && at < size ? (*array)[static_cast<size_t>(at)] : Value();
}

struct PathSegment {
  std::string_view name;  // dotted; else the key is computed
  ExpressionPtr key;
};

class PathExpression final : public Expression {
 public:
  PathExpression(ExpressionPtr root, std::string_view name, std::vector<PathSegment> segments)
      : root_(std::move(root)), name_(name), segments_(std::move(segments)) {}

  Value evaluate(Context& context) const override {
    context.step(1 + segments_.size());
    Value value;
    if (root_) {
      const Value name = root_->evaluate(context);
      if (const auto* text = name.if_string()) value = context.lookup(*text);
    } else {
      value = context.lookup(name_);
    }
    for (const auto& segment : segments_) {
      value = segment.key ? element_of(value, segment.key->evaluate(context))
                          : member_of(value, segment.name, true);
    }
    return value;
  }

  std::string path() const override {
    if (root_) return {};
    std::string text(name_);
    for (const auto& segment : segments_) {
      if (segment.key) return {};
      text += '.';
      text += segment.name;
    }
    return text;
  }

 private:
  ExpressionPtr root_;  // `[name]` at the front; else name_
  std::string_view name_;
  std::vector<PathSegment> segments_;
};

size_t weight(const Value& value) {
  if (const auto* text = value.if_string()) return text->size() / kComparedPerStep;
  size_t total = 0;
  if (const auto* array = value.if_array()) {
    for (const Value& item : *array) total += 1 + weight(item);
  } else if (const auto* object = value.if_object()) {
    for (const auto& member : *object) total += 1 + weight(member.second);
  }
  return total;
}

bool text_contains(const std::string& text, const std::string& part) {
  // memmem is linear whatever the two texts are.
  return part.empty() || memmem(text.data(), text.size(), part.data(), part.size()) != nullptr;
}

bool contains(Context& context, const Value& left, const Value& right) {
  if (!left.truthy() || !right.truthy()) return false;
  if (const auto* text = left.if_string()) {
    const std::string part = to_text(right);
    context.step((text->size() + part.size()) / kComparedPerStep);
    return text_contains(*text, part);
  }
  if (const auto* array = left.if_array()) {
    return std::any_of(array->begin(), array->end(),
                       [&](const Value& item) { return values_equal(context, item, right); });
  }
  if (const auto* object = left.if_object()) {
    const auto* key = right.if_string();
    return key && object->find(*key);
  }
  const auto* range = left.if_range();
  const auto* number = right.if_int();
  return range && number && *number >= range->first && *number <= range->last;
}

bool ordered(Context& context, const Value& left, const Value& right, Comparison comparison) {
  int order = 0;
  if (left.is_number() && right.is_number()) {
    const auto compared = compare_numbers(left, right);
    if (!compared) return false;
    order = *compared;
  } else if (left.if_string() && right.if_string()) {
    context.step(std::min(left.if_string()->size(), right.if_string()->size()) / kComparedPerStep);
    order = left.if_string()->compare(*right.if_string());
  } else if ((left.if_string() && right.is_number()) || (left.is_number() && right.if_string())) {
    context.fail("a text cannot be compared with a number");
  } else {
    return false;
  }
  switch (comparison) {
    case Comparison::kLess:
      return order < 0;
    case Comparison::kLessOrEqual:
      return order <= 0;
    case Comparison::kGreater:
      return order > 0;
    default:
      return order >= 0;
  }
}

Comparison comparison_of(std::string_view text) {
  if (text == "==") return Comparison::kEqual;
  if (text == "!=" || text == "<>") return Comparison::kNotEqual;
  if (text == "<") return Comparison::kLess;
  if (text == "<=") return Comparison::kLessOrEqual;
  if (text == ">") return Comparison::kGreater;
  if (text == ">=") return Comparison::kGreaterOrEqual;
  return Comparison::kContains;
}

std::optional<Value> named_constant(std::string_view name) {
  if (name == "nil" || name == "null") return Value();
  if (name == "true") return Value(true);
  if (name == "false") return Value(false);
  if (name == "empty") return Value(Literal::kEmpty);
  if (name == "blank") return Value(Literal::kBlank);
  return std::nullopt;
}

}  // namespace

bool values_equal(Context& context, const Value& left, const Value& right) {
  if (left.if_string() || left.if_array() || left.if_object()) {
    context.step(std::min(weight(left), weight(right)));
  }
  return left.equals(right);
}

Value FilteredExpression::evaluate(Context& context) const {
  Value value = base_ ? base_->evaluate(context) : Value();
  for (const auto& call : filters_) {
    FilterArguments arguments;
    arguments.values.reserve(call.arguments.size());
    for (const auto& argument : call.arguments) {
      arguments.values.push_back(argument->evaluate(context));
    }
    for (const auto& [name, option] : call.options) {
      arguments.options.emplace_back(name, option->evaluate(context));
    }
    context.at(call.offset);
    context.step();
    value = call.filter->function(context, value, arguments);
  }
  return value;
}

bool FilteredExpression::has_filter(std::string_view name) const {
  return std::any_of(filters_.begin(), filters_.end(),
                     [&](const FilterCall& call) { return call.filter->name == name; });
}

bool Condition::holds(Context& context) const {
  bool result = false;
  for (const auto& term : terms_) {
    const Value left = term.left->evaluate(context);
    if (term.comparison == Comparison::kTruthy) {
      result = left.truthy();
    } else {
      const Value right = term.right->evaluate(context);
      context.at(term.offset);
      switch (term.comparison) {
        case Comparison::kEqual:
          result = values_equal(context, left, right);
          break;
        case Comparison::kNotEqual:
          result = !values_equal(context, left, right);
          break;
        case Comparison::kContains:
          result = contains(context, left, right);
          break;
        default:
          result = ordered(context, left, right, term.comparison);
      }
    }
    // `a and (b or …)`: a false left side of `and`, or a true one of `or`, decides.
    if (result == term.or_next) return result;
  }
  return result;
}

const ExpressionToken& ExpressionParser::peek(size_t ahead) const {
  return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
}

bool ExpressionParser::accept(Kind kind) {
  if (peek().kind != kind) return false;
  ++at_;
  return true;
}

bool ExpressionParser::accept_name(std::string_view name) {
  if (peek().kind != Kind::kName || peek().text != name) return false;
  ++at_;
  return true;
}

bool ExpressionParser::looking_at_option() const {
  return peek().kind == Kind::kName && peek(1).kind == Kind::kColon;
}

void ExpressionParser::fail(const std::string& message) const {
  throw SourceError(peek().offset, message);
}

ExpressionToken ExpressionParser::expect(Kind kind, std::string_view what) {
  if (peek().kind != kind) {
    fail("expected " + std::string(what) +
         (at_end() ? ", found the end" : ", found '" + std::string(peek().text) + "'"));
  }
  return tokens_[at_++];
}

std::string_view ExpressionParser::expect_name(std::string_view what) {
  return expect(Kind::kName, what).text;
}

void ExpressionParser::expect_end() const {
  if (!at_end()) fail("unexpected '" + std::string(peek().text) + "'");
}

std::string_view ExpressionParser::source_between(size_t from, size_t to) const {
  return trim(markup_.substr(from - base_, to - from));
}

ExpressionPtr ExpressionParser::primary() {
  if (++depth_ > limits::kMaxTemplateDepth) fail("the expression is nested too deeply");
  const ExpressionToken token = peek();
  ExpressionPtr result;
  switch (token.kind) {
    case Kind::kString:
      ++at_;
      result = std::make_unique<ConstantExpression>(Value(token.text));
      break;
    case Kind::kInteger:
    case Kind::kFloat: {
      ++at_;
      const auto whole = parse_int(token.text);
      Value number = token.kind == Kind::kInteger && whole
                         ? Value(*whole)
                         : Value(parse_number(token.text).value_or(0));
      result = std::make_unique<ConstantExpression>(std::move(number));
      break;
    }
    case Kind::kOpenParen:
      result = range();
      break;
    case Kind::kOpenBracket: {
      ++at_;
      ExpressionPtr name = primary();
      expect(Kind::kCloseBracket, "']'");
      result = path(std::move(name), {});
      break;
    }
    case Kind::kName: {
      ++at_;
      const auto constant = named_constant(token.text);
      if (constant && !looking_at(Kind::kDot) && !looking_at(Kind::kOpenBracket)) {
        result = std::make_unique<ConstantExpression>(*constant);
      } else {
        result = path(nullptr, token.text);
      }
      break;
    }
    default:
      expect(Kind::kName, "a value");
  }
  --depth_;
  return result;
}

ExpressionPtr ExpressionParser::path(ExpressionPtr root, std::string_view name) {
  std::vector<PathSegment> segments;
  while (true) {
    if (accept(Kind::kDot)) {
      // `contains` is an operator only between values.
      const bool operator_name = peek().kind == Kind::kComparison && peek().text == "contains";
      segments.push_back(
          {operator_name ? tokens_[at_++].text : expect_name("a name after '.'"), {}});
    } else if (accept(Kind::kOpenBracket)) {
      segments.push_back({{}, primary()});
      expect(Kind::kCloseBracket, "']'");
    } else {
      return std::make_unique<PathExpression>(std::move(root), name, std::move(segments));
    }
  }
}

ExpressionPtr ExpressionParser::range() {
  expect(Kind::kOpenParen, "'('");
  ExpressionPtr first = primary();
  expect(Kind::kDotDot, "'..'");
  ExpressionPtr last = primary();
  expect(Kind::kCloseParen, "')'");
  return std::make_unique<RangeExpression>(std::move(first), std::move(last));
}

FilteredExpression ExpressionParser::filtered() {
  if (at_end()) return {};
  ExpressionPtr base = primary();
  std::vector<FilterCall> filters;
  while (accept(Kind::kPipe)) filters.push_back(filter_call());
  return {std::move(base), std::move(filters)};
}

FilterCall ExpressionParser::filter_call() {
  FilterCall call;
  const ExpressionToken name = expect(Kind::kName, "a filter's name");
  call.offset = name.offset;
  call.filter = find_filter(name.text);
  if (!call.filter) {
    throw SourceError(name.offset, "there is no filter '" + std::string(name.text) + "'");
  }
  if (accept(Kind::kColon)) {
    do {
      if (at_end() || looking_at(Kind::kPipe)) break;
      if (looking_at_option()) {
        std::string option(expect_name("a name"));
        expect(Kind::kColon, "':'");
        call.options.emplace_back(std::move(option), primary());
      } else {
        call.arguments.push_back(primary());
      }
    } while (accept(Kind::kComma));
  }
  const size_t given = call.arguments.size();
  if (given < call.filter->min_arguments || given > call.filter->max_arguments ||
      (!call.options.empty() && !call.filter->takes_options)) {
    throw SourceError(name.offset,
                      "wrong arguments for the filter '" + std::string(name.text) + "'");
  }
  return call;
}

Condition ExpressionParser::condition() {
  Condition condition;
  while (true) {
    Condition::Term term;
    term.left = primary();
    if (looking_at(Kind::kComparison)) {
      term.offset = peek().offset;
      term.comparison = comparison_of(tokens_[at_++].text);
      term.right = primary();
    }
    const bool joined_by_and = accept_name("and");
    const bool joined_by_or = !joined_by_and && accept_name("or");
    term.or_next = joined_by_or;
    condition.terms_.push_back(std::move(term));
    if (!joined_by_and && !joined_by_or) break;
  }
  expect_end();
  return condition;
}

}  // namespace rapport::liquid
