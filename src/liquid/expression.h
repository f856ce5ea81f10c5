// Expressions: literals, variable paths, ranges, filters and conditions, as an immutable tree.
//
// Built by ExpressionParser from the markup of a tag or output, evaluated against a Context. Trees
// hold no state and may be evaluated from several threads. Nesting is bounded by
// limits::kMaxTemplateDepth; conditions and filter chains are flat, however long.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/limits/templates.h"
#include "liquid/context.h"
#include "liquid/lexer.h"
#include "liquid/value.h"

namespace rapport::liquid {

struct FilterSpec;

class Expression {
 public:
  virtual ~Expression() = default;
  virtual Value evaluate(Context& context) const = 0;
  /// "a.b.c" of a variable named so in the source; empty for anything else.
  virtual std::string path() const { return {}; }
};
using ExpressionPtr = std::unique_ptr<const Expression>;

struct FilterCall {
  const FilterSpec* filter = nullptr;
  size_t offset = 0;
  std::vector<ExpressionPtr> arguments;
  std::vector<std::pair<std::string, ExpressionPtr>> options;  // `name: value`
};

/// `base | filter: a, b | filter`
class FilteredExpression {
 public:
  FilteredExpression() = default;
  FilteredExpression(ExpressionPtr base, std::vector<FilterCall> filters)
      : base_(std::move(base)), filters_(std::move(filters)) {}
  Value evaluate(Context& context) const;
  std::string path() const { return base_ ? base_->path() : std::string(); }
  bool has_filter(std::string_view name) const;

 private:
  ExpressionPtr base_;  // null: nothing, which is nil
  std::vector<FilterCall> filters_;
};

enum class Comparison : uint8_t {
  kTruthy,
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kContains,
};

/// Comparisons joined by `and` and `or`, grouped from the right as Liquid does.
class Condition {
 public:
  bool holds(Context& context) const;

 private:
  friend class ExpressionParser;
  struct Term {
    ExpressionPtr left;
    Comparison comparison = Comparison::kTruthy;
    ExpressionPtr right;
    bool or_next = false;  // how it is joined to the next term
    size_t offset = 0;
  };
  std::vector<Term> terms_;
};

/// `left == right` with the cost of long values charged.
bool values_equal(Context& context, const Value& left, const Value& right);

/// Reads one markup from left to right. Everything throws SourceError.
class ExpressionParser {
 public:
  using Kind = ExpressionToken::Kind;
  ExpressionParser(std::string_view markup, size_t offset)
      : markup_(markup), base_(offset), tokens_(tokenize_expression(markup, offset)) {}

  ExpressionPtr primary();
  FilteredExpression filtered();
  Condition condition();

  bool at_end() const { return peek().kind == Kind::kEnd; }
  void expect_end() const;
  bool looking_at(Kind kind) const { return peek().kind == kind; }
  /// A name followed by a colon.
  bool looking_at_option() const;
  bool accept(Kind kind);
  bool accept_name(std::string_view name);
  std::string_view expect_name(std::string_view what);
  ExpressionToken expect(Kind kind, std::string_view what);
  const ExpressionToken& peek(size_t ahead = 0) const;
  /// The source between two offsets, without white space at its ends.
  std::string_view source_between(size_t from, size_t to) const;
  [[noreturn]] void fail(const std::string& message) const;

 private:
  ExpressionPtr path(ExpressionPtr root, std::string_view name);
  ExpressionPtr range();
  FilterCall filter_call();

  std::string_view markup_;
  size_t base_;
  std::vector<ExpressionToken> tokens_;
  size_t at_ = 0;
  size_t depth_ = 0;
};

}  // namespace rapport::liquid
