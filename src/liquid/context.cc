#include "liquid/context.h"

#include "base/text.h"
#include "liquid/lexer.h"

namespace rapport::liquid {
namespace {

constexpr size_t kBytesPerStep = 16;
constexpr size_t kStepsPerElement = 2;

}  // namespace

Value Context::lookup(std::string_view name) const {
  for (auto local = locals_.rbegin(); local != locals_.rend(); ++local) {
    if (local->first == name) return local->second;
  }
  if (const auto found = assigned_.find(name); found != assigned_.end()) return found->second;
  if (const auto found = counters_.find(name); found != counters_.end()) return found->second;
  if (const Object* globals = data_.if_object()) {
    if (const Value* found = globals->find(name)) return *found;
  }
  return {};
}

void Context::assign(std::string_view name, Value value) {
  const auto found = assigned_.find(name);
  if (found != assigned_.end()) {
    found->second = std::move(value);
  } else {
    assigned_.emplace(std::string(name), std::move(value));
  }
}

int64_t Context::increment(std::string_view name) {
  return counters_[std::string(name)]++;
}
int64_t Context::decrement(std::string_view name) {
  return --counters_[std::string(name)];
}

Context::Local::Local(Context& context, std::string_view name)
    : context_(context), at_(context.locals_.size()) {
  context_.locals_.emplace_back(name, Value());
}

void Context::Local::set(Value value) {
  context_.locals_[at_].second = std::move(value);
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

void Context::step(size_t cost) {
  steps_ += cost;
  if (steps_ > options_.max_steps) {
    fail("the template takes more than " + std::to_string(options_.max_steps) + " steps");
  }
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
