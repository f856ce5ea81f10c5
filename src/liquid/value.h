// Values of the template language: what JSON has, plus ranges, the literals `empty` and `blank`,
// and host objects ("drops") that answer member look-ups.
//
// A Value is immutable once built and cheap to copy: strings, arrays and objects are shared. Copies
// may be read from several threads. Objects keep insertion order; look-up is linear up to 16
// members and by index above. A string can be marked as safe HTML, which the renderer then does not
// escape; equality ignores the mark.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace rapport::liquid {

class Value;

/// Members in insertion order; a repeated key replaces the value and keeps the place.
class Object {
 public:
  using Members = std::vector<std::pair<std::string, Value>>;

  Object();
  Object(std::initializer_list<std::pair<std::string, Value>> members);
  /// Null when absent. Valid until the next `set`.
  const Value* find(std::string_view key) const;
  void set(std::string key, Value value);
  size_t size() const;
  bool empty() const;
  Members::const_iterator begin() const;
  Members::const_iterator end() const;

 private:
  Members members_;
  std::map<std::string, size_t, std::less<>> index_;  // only when there are many members
};

using Array = std::vector<Value>;

/// A host object whose members are computed, such as `forloop`.
class Drop {
 public:
  virtual ~Drop() = default;
  /// Nil when there is no such member.
  virtual Value member(std::string_view name) const = 0;
  /// All members at once, for loops and `json`; nil when it has no end of members.
  virtual Value whole() const;
};

/// Whole numbers from first to last, both included; empty when last < first.
struct Range {
  int64_t first = 0;
  int64_t last = 0;
  bool operator==(const Range&) const = default;
  uint64_t size() const {
    return last < first ? 0 : static_cast<uint64_t>(last) - static_cast<uint64_t>(first) + 1;
  }
};

enum class Literal : uint8_t { kEmpty, kBlank };

class Value {
 public:
  Value() = default;
  Value(std::nullptr_t) {}
  Value(bool value) : data_(value) {}
  Value(int value) : data_(static_cast<int64_t>(value)) {}
  Value(int64_t value) : data_(value) {}
  /// Above the int64 range it becomes a double.
  Value(uint64_t value);
  Value(double value) : data_(value) {}
  Value(std::string value) : data_(std::make_shared<const std::string>(std::move(value))) {}
  Value(std::string_view value) : Value(std::string(value)) {}
  Value(const char* value) : Value(std::string(value)) {}
  Value(Array value) : data_(std::make_shared<const Array>(std::move(value))) {}
  Value(Object value) : data_(std::make_shared<const Object>(std::move(value))) {}
  Value(Range value) : data_(value) {}
  Value(Literal value) : data_(value) {}
  Value(std::shared_ptr<const Drop> value) : data_(std::move(value)) {}
  /// A string that is HTML already.
  static Value safe_html(std::string html);

  bool is_nil() const { return std::holds_alternative<std::monostate>(data_); }
  const bool* if_bool() const { return std::get_if<bool>(&data_); }
  const int64_t* if_int() const { return std::get_if<int64_t>(&data_); }
  const double* if_double() const { return std::get_if<double>(&data_); }
  const std::string* if_string() const;
  const Range* if_range() const { return std::get_if<Range>(&data_); }
  const Literal* if_literal() const { return std::get_if<Literal>(&data_); }
  const Array* if_array() const;
  const Object* if_object() const;
  const Drop* if_drop() const;
  bool is_number() const { return if_int() || if_double(); }
  bool is_html_safe() const { return html_safe_; }

  /// Everything but nil and false.
  bool truthy() const;
  /// Liquid's `==`: 1 equals 1.0, "1" does not equal 1, `empty` and `blank` match what is so.
  bool equals(const Value& other) const;
  bool operator==(const Value& other) const { return equals(other); }

 private:
  using SharedString = std::shared_ptr<const std::string>;
  using SharedArray = std::shared_ptr<const Array>;
  using SharedObject = std::shared_ptr<const Object>;
  using SharedDrop = std::shared_ptr<const Drop>;
  std::variant<std::monostate, bool, int64_t, double, SharedString, SharedArray, SharedObject,
               Range, Literal, SharedDrop>
      data_;
  bool html_safe_ = false;
};

inline Value Drop::whole() const {
  return {};
}
inline Object::Object() = default;
inline size_t Object::size() const {
  return members_.size();
}
inline bool Object::empty() const {
  return members_.empty();
}
inline Object::Members::const_iterator Object::begin() const {
  return members_.begin();
}
inline Object::Members::const_iterator Object::end() const {
  return members_.end();
}

/// Text as a filter sees it: "" for nil, "5.0" for 5.0, arrays and objects in brackets.
std::string to_text(const Value& value);
/// Text as `{{ }}` prints it: like to_text, but the elements of an array simply follow each other.
std::string to_output(const Value& value);

/// Strict JSON, at most limits::kMaxJsonDepth deep. Throws kInvalidArgument with the byte offset.
Value parse_json_value(std::string_view json);
/// JSON text of a value; ranges become arrays, drops and literals null.
std::string to_json(const Value& value);

}  // namespace rapport::liquid
