#include "liquid/value.h"

#include <algorithm>
#include <limits>

#include "base/text.h"
#include "liquid/number.h"

namespace rapport::liquid {
namespace {

constexpr size_t kLinearMembers = 16;

bool is_empty(const Value& value) {
  if (const auto* text = value.if_string()) return text->empty();
  if (const auto* array = value.if_array()) return array->empty();
  if (const auto* object = value.if_object()) return object->empty();
  const auto* range = value.if_range();
  return range && range->size() == 0;
}

bool is_blank(const Value& value) {
  if (!value.truthy()) return true;
  if (const auto* text = value.if_string()) {
    return text->find_first_not_of(" \t\r\n\f\v") == std::string::npos;
  }
  return is_empty(value);
}

bool matches_literal(Literal literal, const Value& value) {
  if (const auto* other = value.if_literal()) return *other == literal;
  return literal == Literal::kEmpty ? is_empty(value) : is_blank(value);
}

bool objects_equal(const Object& a, const Object& b) {
  if (a.size() != b.size()) return false;
  return std::all_of(a.begin(), a.end(), [&](const auto& member) {
    const Value* other = b.find(member.first);
    return other && member.second.equals(*other);
  });
}

/// Nested values are shown as Ruby shows them, because that is what Liquid prints.
void inspect(const Value& value, std::string& out) {
  if (value.is_nil()) {
    out += "nil";
  } else if (const auto* text = value.if_string()) {
    out += '"';
    for (const char c : *text) {
      if (c == '"' || c == '\\') out += '\\';
      if (c == '\n') {
        out += "\\n";
      } else {
        out += c;
      }
    }
    out += '"';
  } else if (const auto* array = value.if_array()) {
    out += '[';
    for (size_t i = 0; i < array->size(); ++i) {
      if (i > 0) out += ", ";
      inspect((*array)[i], out);
    }
    out += ']';
  } else if (const auto* object = value.if_object()) {
    out += '{';
    bool first = true;
    for (const auto& [key, member] : *object) {
      if (!first) out += ", ";
      first = false;
      inspect(Value(key), out);
      out += "=>";
      inspect(member, out);
    }
    out += '}';
  } else {
    out += to_text(value);
  }
}

void write_json(const Value& value, std::string& out) {
  if (const auto* flag = value.if_bool()) {
    out += *flag ? "true" : "false";
  } else if (const auto* number = value.if_int()) {
    out += std::to_string(*number);
  } else if (const auto* real = value.if_double()) {
    out += format_json_double(*real);
  } else if (const auto* text = value.if_string()) {
    out += json_quote(*text);
  } else if (const auto* array = value.if_array()) {
    out += '[';
    for (size_t i = 0; i < array->size(); ++i) {
      if (i > 0) out += ',';
      write_json((*array)[i], out);
    }
    out += ']';
  } else if (const auto* object = value.if_object()) {
    out += '{';
    bool first = true;
    for (const auto& [key, member] : *object) {
      if (!first) out += ',';
      first = false;
      out += json_quote(key);
      out += ':';
      write_json(member, out);
    }
    out += '}';
  } else if (const auto* range = value.if_range()) {
    out += json_quote(std::to_string(range->first) + ".." + std::to_string(range->last));
  } else if (const auto* drop = value.if_drop()) {
    write_json(drop->whole(), out);
  } else {
    out += "null";
  }
}

}  // namespace

Object::Object(std::initializer_list<std::pair<std::string, Value>> members) {
  for (const auto& [key, value] : members) set(key, value);
}

const Value* Object::find(std::string_view key) const {
  if (!index_.empty()) {
    const auto at = index_.find(key);
    return at == index_.end() ? nullptr : &members_[at->second].second;
  }
  for (const auto& member : members_) {
    if (member.first == key) return &member.second;
  }
  return nullptr;
}

void Object::set(std::string key, Value value) {
  if (const Value* known = find(key)) {
    *const_cast<Value*>(known) = std::move(value);
    return;
  }
  members_.emplace_back(std::move(key), std::move(value));
  if (members_.size() <= kLinearMembers) return;
  for (size_t i = index_.size(); i < members_.size(); ++i) index_.emplace(members_[i].first, i);
}

Value::Value(uint64_t value) {
  if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
    data_ = static_cast<double>(value);
  } else {
    data_ = static_cast<int64_t>(value);
  }
}

Value Value::safe_html(std::string html) {
  Value value(std::move(html));
  value.html_safe_ = true;
  return value;
}

const std::string* Value::if_string() const {
  const auto* shared = std::get_if<SharedString>(&data_);
  return shared ? shared->get() : nullptr;
}
const Array* Value::if_array() const {
  const auto* shared = std::get_if<SharedArray>(&data_);
  return shared ? shared->get() : nullptr;
}
const Object* Value::if_object() const {
  const auto* shared = std::get_if<SharedObject>(&data_);
  return shared ? shared->get() : nullptr;
}
const Drop* Value::if_drop() const {
  const auto* shared = std::get_if<SharedDrop>(&data_);
  return shared ? shared->get() : nullptr;
}

bool Value::truthy() const {
  if (is_nil()) return false;
  const bool* flag = if_bool();
  return !flag || *flag;
}

bool Value::equals(const Value& other) const {
  if (const auto* literal = if_literal()) return matches_literal(*literal, other);
  if (const auto* literal = other.if_literal()) return matches_literal(*literal, *this);
  if (is_number() && other.is_number()) {
    if (if_int() && other.if_int()) return *if_int() == *other.if_int();
    return as_double(*this) == as_double(other);
  }
  if (data_.index() != other.data_.index()) return false;
  if (const auto* text = if_string()) return *text == *other.if_string();
  if (const auto* array = if_array()) {
    return array == other.if_array() || *array == *other.if_array();
  }
  if (const auto* object = if_object()) {
    return object == other.if_object() || objects_equal(*object, *other.if_object());
  }
  return data_ == other.data_;
}

std::string to_text(const Value& value) {
  if (const auto* text = value.if_string()) return *text;
  if (const auto* flag = value.if_bool()) return *flag ? "true" : "false";
  if (const auto* number = value.if_int()) return std::to_string(*number);
  if (const auto* real = value.if_double()) return format_double(*real);
  if (const auto* range = value.if_range()) {
    return std::to_string(range->first) + ".." + std::to_string(range->last);
  }
  std::string out;
  if (value.if_array() || value.if_object()) inspect(value, out);
  return out;
}

std::string to_output(const Value& value) {
  const auto* array = value.if_array();
  if (!array) return to_text(value);
  std::string out;
  for (const Value& item : *array) out += to_output(item);
  return out;
}

std::string to_json(const Value& value) {
  std::string out;
  write_json(value, out);
  return out;
}

}  // namespace rapport::liquid
