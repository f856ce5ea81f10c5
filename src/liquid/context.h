// The state of one rendering: variables, output, and the budget that ends a hostile template.
//
// Look-up goes from the innermost loop outwards, then assigned variables, then counters, then the
// data. One Context serves one call of Template::render in one thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "liquid/lexer.h"
#include "liquid/template.h"
#include "liquid/value.h"

namespace rapport::liquid {

class Context {
  struct Scope {
    std::vector<std::pair<std::string_view, Value>> locals;
    std::map<std::string, Value, std::less<>> assigned;
    std::map<std::string, int64_t, std::less<>> counters;
    std::map<std::string, size_t, std::less<>> cycles;
    std::map<std::string, int64_t, std::less<>> loop_ends;
    std::string last_changed;
    bool isolated = false;
  };

 public:
  Context(const Value& data, const RenderOptions& options);

  const RenderOptions& options() const { return options_; }

  // Variables
  Value lookup(std::string_view name) const;
  void assign(std::string_view name, Value value);
  int64_t increment(std::string_view name);  // the value before
  int64_t decrement(std::string_view name);  // the value after

  /// A variable that hides others for as long as the object lives.
  class Local {
   public:
    Local(Context& context, std::string_view name);
    ~Local() { context_.scope_.locals.pop_back(); }
    Local(const Local&) = delete;
    Local& operator=(const Local&) = delete;
    void set(Value value);

   private:
    Context& context_;
    size_t at_;
  };

  /// While it lives, nothing but the data is visible, as inside `render`.
  class Isolation {
   public:
    explicit Isolation(Context& context) : context_(context) {
      std::swap(context_.scope_, outer_);
      context_.scope_.isolated = true;
    }
    ~Isolation() { std::swap(context_.scope_, outer_); }
    Isolation(const Isolation&) = delete;
    Isolation& operator=(const Isolation&) = delete;

   private:
    Context& context_;
    Scope outer_;
  };
  bool isolated() const { return scope_.isolated; }

  // Other templates
  /// Fails at the current offset when there is none.
  Template find_partial(PartialKind kind, std::string_view name) const;
  size_t& partial_depth() { return partial_depth_; }
  /// The layout to put around the output; empty for none.
  std::string& layout() { return layout_; }

  // Output
  void write(std::string_view text);
  /// Writes the value as `{{ }}` does, escaped when the options ask for it.
  void write_value(const Value& value);
  /// What is written while the object lives, kept apart.
  class Capture {
   public:
    explicit Capture(Context& context) : context_(context) { context_.output_.swap(outer_); }
    ~Capture() { context_.output_.swap(outer_); }
    Capture(const Capture&) = delete;
    Capture& operator=(const Capture&) = delete;
    const std::string& text() const { return context_.output_; }

   private:
    Context& context_;
    std::string outer_;
  };
  std::string take_output() { return std::move(output_); }

  // Budget; all throw SourceError at the offset last given to `at`.
  void at(size_t offset) { offset_ = offset; }
  size_t offset() const { return offset_; }
  void step(size_t cost = 1) {
    steps_ += cost;
    if (steps_ >= next_check_) check_budget();
  }
  void loop_iteration();
  /// For text a filter is about to make or has made.
  void charge_bytes(size_t bytes);
  /// For elements a filter is about to make or has made.
  void charge_elements(size_t count);
  [[noreturn]] void fail(const std::string& message) const;

  // Memory of tags that remember between calls
  std::map<std::string, size_t, std::less<>>& cycles() { return scope_.cycles; }
  std::map<std::string, int64_t, std::less<>>& loop_ends() { return scope_.loop_ends; }
  std::string& last_changed() { return scope_.last_changed; }

 private:
  void check_budget();

  const Value& data_;
  const RenderOptions& options_;
  Scope scope_;
  std::string layout_;
  std::string output_;
  std::chrono::steady_clock::time_point deadline_;
  size_t offset_ = 0;
  size_t steps_ = 0;
  size_t next_check_ = 0;  // steps at which the budget is looked at again
  size_t partial_depth_ = 0;
  size_t iterations_ = 0;
};

}  // namespace rapport::liquid
