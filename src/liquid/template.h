// Liquid templates (the language of Shopify's reference): parsed once, rendered many times.
//
// A Template is immutable: copies share the syntax tree and any number of threads may render it at
// the same time. Rendering is a pure function of template, data and options: no I/O, no clock, no
// chance. It is bounded in output, loop iterations, nesting and deterministic steps, so a hostile
// template costs a known amount and then fails. With `escape_html` every `{{ }}` is HTML-escaped
// unless the value is marked safe (`| raw`, `| escape`, or captured).
//
// Supported: assign, break, capture, case, comment, continue, cycle, decrement, doc, echo, for, if,
// ifchanged, increment, liquid, raw, tablerow, unless, inline comments, and the standard filters.
// Unknown tags, unknown filters and wrong numbers of filter arguments are errors of `parse`.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/limits.h"
#include "base/time.h"
#include "liquid/value.h"

namespace rapport::liquid {

/// A template that cannot be parsed (kInvalidArgument) or rendered (kUnprocessable). The public
/// detail reads "line 3, column 14: …"; both count from 1, columns in bytes.
class TemplateError : public Error {
 public:
  TemplateError(ErrorCode code, size_t line, size_t column, const std::string& message);
  size_t line() const { return line_; }
  size_t column() const { return column_; }
  /// Without the position.
  const std::string& message() const { return message_; }

 private:
  size_t line_;
  size_t column_;
  std::string message_;
};

struct RenderOptions {
  bool escape_html = false;
  std::optional<Timestamp> now;  // what "now" and "today" mean to the date filter
  size_t max_output_bytes = limits::kMaxRenderedBytes;
  size_t max_loop_iterations = limits::kMaxTemplateIterations;
  size_t max_steps = limits::kMaxTemplateSteps;
};

struct SyntaxTree;

class Template {
 public:
  /// Throws TemplateError. The source is copied.
  static Template parse(std::string_view source);
  /// `data` must be an object (or nil); its members are the global variables. Throws TemplateError.
  std::string render(const Value& data, const RenderOptions& options = {}) const;

 private:
  explicit Template(std::shared_ptr<const SyntaxTree> tree) : tree_(std::move(tree)) {}
  std::shared_ptr<const SyntaxTree> tree_;
};

}  // namespace rapport::liquid
