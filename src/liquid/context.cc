#include "liquid/context.h"

#include <algorithm>

#include "base/text.h"
#include "liquid/lexer.h"

namespace rapport::liquid {
namespace {

constexpr size_t kBytesPerStep = 16;
constexpr size_t kStepsPerElement = 6;   // an element may own a text of its own
constexpr size_t kStepsPerLook = 4'096;  // at the clock
constexpr size_t kShownName = 100;

}  // namespace

Context::Context(const Value& data, const RenderOptions& options)
    : data_(data), options_(options), layout_(options.layout) {
  if (options_.clock) deadline_ = options_.clock->steady() + options_.max_time;
}

Value Context::lookup(std::string_view name) const {
  for (auto local = scope_.locals.rbegin(); local != scope_.locals.rend(); ++local) {
    if (local->first == name) return local->second;
  }
  if (const auto found = scope_.assigned.find(name); found != scope_.assigned.end())
    return found->second;
  if (const auto found = scope_.counters.find(name); found != scope_.counters.end())
    return found->second;
  if (const Object* globals = data_.if_object()) {
    if (const Value* found = globals->find(name)) return *found;
  }
  return {};
}

void Context::assign(std::string_view name, Value value) {
  const auto found = scope_.assigned.find(name);
  if (found != scope_.assigned.end()) {
    found->second = std::move(value);
  } else {
    scope_.assigned.emplace(std::string(name), std::move(value));
  }
}

int64_t Context::increment(std::string_view name) {
  return scope_.counters[std::string(name)]++;
}
int64_t Context::decrement(std::string_view name) {
  return --scope_.counters[std::string(name)];
}

Context::Local::Local(Context& context, std::string_view name)
    : context_(context), at_(context.scope_.locals.size()) {
  context_.scope_.locals.emplace_back(name, Value());
}

void Context::Local::set(Value value) {
  context_.scope_.locals[at_].second = std::move(value);
}

void Context::write(std::string_view text) {
  if (output_.size() + text.size() > options_.max_output_bytes) {
    fail("the output is larger than " + std::to_string(options_.max_output_bytes) + " bytes");
  }
  step(text.size() / kBytesPerStep);
  output_ += text;
}

void Context::write_value(const Value& value) {
  const bool escape = options_.escape_html && !value.is_html_safe();
  if (const std::string* text = value.if_string()) {
    if (escape) {
      write(html_escape(*text));
    } else {
      write(*text);
    }
  } else if (const Array* array = value.if_array()) {
    for (const Value& item : *array) {
      step();
      write_value(item);
    }
  } else {
    const std::string text = to_output(value);
    write(escape ? html_escape(text) : text);
  }
}

void Context::check_budget() {
  if (steps_ > options_.max_steps) {
    fail("the template takes more than " + std::to_string(options_.max_steps) + " steps");
  }
  next_check_ = options_.max_steps + 1;
  if (!options_.clock) return;
  if (options_.clock->steady() > deadline_) {
    fail("the template takes longer than " +
         std::to_string(options_.max_time / std::chrono::milliseconds(1)) + " ms");
  }
  next_check_ = std::min(next_check_, steps_ + kStepsPerLook);
}

Template Context::find_partial(PartialKind kind, std::string_view name) const {
  try {
    auto found = options_.partials ? options_.partials->find(kind, name) : std::nullopt;
    if (found) return std::move(*found);
  } catch (const TemplateError& error) {
    throw TemplateError(ErrorCode::kUnprocessable, error.line(), error.column(), error.message(),
                        std::string(name));
  }
  fail(std::string("there is no ") + (kind == PartialKind::kLayout ? "layout" : "content block") +
       " '" + std::string(name.substr(0, kShownName)) + "'");
}

void Context::loop_iteration() {
  step();
  if (++iterations_ > options_.max_loop_iterations) {
    fail("the loops run more than " + std::to_string(options_.max_loop_iterations) + " times");
  }
}

void Context::charge_bytes(size_t bytes) {
  if (bytes > options_.max_output_bytes) {
    fail("a text is longer than " + std::to_string(options_.max_output_bytes) + " bytes");
  }
  step(bytes / kBytesPerStep);
}

void Context::charge_elements(size_t count) {
  if (count > options_.max_loop_iterations) {
    fail("a list is longer than " + std::to_string(options_.max_loop_iterations) + " elements");
  }
  step(count * kStepsPerElement);
}

void Context::fail(const std::string& message) const {
  throw SourceError(offset_, message);
}

}  // namespace rapport::liquid
