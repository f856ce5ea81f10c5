// Liquid templates (the language of Shopify's reference): parsed once, rendered many times.
//
// A Template is immutable: copies share the syntax tree and any number of threads may render it at
// the same time. Rendering is a pure function of template, data and options: no files, no network,
// no chance; other templates come only from `RenderOptions::partials`. It is bounded in output,
// loop iterations, nesting, deterministic steps and, where a clock is given, in time, so a hostile
// template costs a known amount and then fails. With `escape_html` every `{{ }}` is HTML-escaped
// unless the value is marked safe (`| raw`, `| escape`, or captured).
//
// Supported: assign, break, capture, case, comment, continue, cycle, decrement, doc, echo, for, if,
// ifchanged, include, increment, layout, liquid, raw, render, tablerow, unless, inline comments,
// the standard filters and those of docs/templates.md. Unknown tags, unknown filters and wrong
// numbers of filter arguments are errors of `parse`.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/limits/templates.h"
#include "base/time.h"
#include "liquid/value.h"
#include "runtime/clock.h"

namespace rapport::liquid {

/// A template that cannot be parsed (kInvalidArgument) or rendered (kUnprocessable). The public
/// detail reads "line 3, column 14: …", after "in 'name', " when the place is in a partial; both
/// count from 1, columns in bytes.
class TemplateError : public Error {
 public:
  TemplateError(ErrorCode code, size_t line, size_t column, const std::string& message,
                const std::string& partial = {});
  size_t line() const { return line_; }
  size_t column() const { return column_; }
  /// Without the position.
  const std::string& message() const { return message_; }
  /// Name of the partial that the place is in; empty for the template itself.
  const std::string& partial() const { return partial_; }

 private:
  size_t line_;
  size_t column_;
  std::string message_;
  std::string partial_;
};

class Partials;
enum class PartialKind : uint8_t { kBlock, kLayout };

struct RenderOptions {
  bool escape_html = false;
  std::optional<Timestamp> now;  // what "now" and "today" mean to the date filter
  size_t max_output_bytes = limits::kMaxRenderedBytes;
  size_t max_loop_iterations = limits::kMaxTemplateIterations;
  size_t max_steps = limits::kMaxTemplateSteps;
  const Clock* clock = nullptr;  // measures max_time; none: only the steps count
  std::chrono::microseconds max_time = limits::kMaxTemplateTime;
  const Partials* partials = nullptr;  // none: every name is unknown
  std::string layout;                  // used unless the template names its own
  // The reader's, for the filters of their own
  std::string language = "en";    // BCP 47
  std::string time_zone = "UTC";  // IANA
  std::string country;            // ISO 3166, of telephone numbers without a calling code
  std::string currency;           // ISO 4217, of `money` without one
};

/// What a template names: the partials it renders, and the variables it prints.
struct TemplateUses {
  struct PartialName {
    PartialKind kind;
    std::string name;
    bool operator==(const PartialName&) const = default;
  };
  struct Output {
    std::string path;  // "customer.traits.name"
    size_t offset = 0;
    size_t line = 0;
    bool has_default = false;  // a `default` filter catches its absence
  };
  std::vector<PartialName> partials;
  std::vector<Output> outputs;
};

struct SyntaxTree;

class Template {
 public:
  /// Throws TemplateError. The source is copied.
  static Template parse(std::string_view source);
  /// `data` must be an object (or nil); its members are the global variables. Throws TemplateError.
  std::string render(const Value& data, const RenderOptions& options = {}) const;
  /// Lives as long as the template, or a copy of it.
  const TemplateUses& uses() const&;
  const TemplateUses& uses() const&& = delete;
  /// For the tags that render other templates.
  const SyntaxTree& tree() const& { return *tree_; }
  const SyntaxTree& tree() const&& = delete;

 private:
  explicit Template(std::shared_ptr<const SyntaxTree> tree) : tree_(std::move(tree)) {}
  std::shared_ptr<const SyntaxTree> tree_;
};

/// Where `render`, `include` and `layout` find other templates. Thread-safe where templates are
/// rendered from several threads.
class Partials {
 public:
  virtual ~Partials() = default;
  /// Empty when there is none of this name; throws TemplateError when it cannot be parsed.
  virtual std::optional<Template> find(PartialKind kind, std::string_view name) const = 0;
};

}  // namespace rapport::liquid
