// The one definition of a request or response: a struct described with Boost.Describe gives parsing
// with field-level errors, JSON and the JSON Schema.
//
//   struct NewKey { std::string name; std::string scope; std::optional<int64_t> days; };
//   BOOST_DESCRIBE_STRUCT(NewKey, (), (name, scope, days))
//   const auto key = parse_json<NewKey>(request.body);
//
// Members: std::string, OneOf (a string out of a closed list), bool, integers, double, Timestamp
// (RFC 3339), std::optional, Nullable, std::vector, std::map<std::string, T>, RawJson and described
// structs. Every member but optional
// and Nullable ones must be present; unknown members are refused. An absent optional is left out
// when writing, an empty Nullable is written as null. A trailing underscore of a member's name is
// not part of the JSON name (`new_` is "new"). Pure and thread-safe; depth is bounded by
// limits::kMaxApiJsonDepth, errors by limits::kMaxFieldErrors.
#pragma once

#include <boost/describe.hpp>
#include <boost/mp11/algorithm.hpp>
#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "http/message.h"
#include "http/route.h"

namespace rapport {

/// Any JSON value, kept as text. Numbers keep their digits. Empty text is written as null.
struct RawJson {
  std::string text;
};

/// Like std::optional, but written as null when empty.
template <class T>
struct Nullable : std::optional<T> {
  using std::optional<T>::optional;
};

/// A string out of a closed list: `Words::words()` is a range of std::string_view. Other strings
/// are refused when reading, and the schema names all. Writing does not check.
template <class Words>
struct OneOf : std::string {
  using std::string::string;
  using std::string::operator=;
  OneOf(std::string text) : std::string(std::move(text)) {}
  explicit OneOf(std::string_view text) : std::string(text) {}
};

namespace json_detail {

/// A parsed value; the document owns it.
class Node {
 public:
  enum class Kind { kNull, kBool, kNumber, kString, kArray, kObject };
  virtual ~Node() = default;
  virtual Kind kind() const = 0;
  /// The string's value, the number's digits, "true" or "false".
  virtual const std::string& text() const = 0;
  virtual size_t size() const = 0;
  virtual const Node& at(size_t index) const = 0;
  virtual const std::string& key(size_t index) const = 0;
  virtual std::string to_json() const = 0;
};

/// Throws kInvalidArgument with field "body" when `body` is not JSON.
std::unique_ptr<const Node> parse_document(std::string_view body);

/// Gathers what is wrong and where.
class Reader {
 public:
  void fail(const std::string& path, std::string message);
  /// "expected X" for a value of the wrong kind.
  void expect(const std::string& path, std::string_view what) {
    fail(path, "expected " + std::string(what));
  }
  /// Throws kInvalidArgument with every field that failed.
  void finish() const;

 private:
  std::vector<FieldError> errors_;
  size_t more_ = 0;
};

std::string child_path(const std::string& path, std::string_view name);
std::string element_path(const std::string& path, size_t index);
void write_number(std::string& out, double value);
bool read_integer(const Node& node, int64_t* value);
bool read_integer(const Node& node, uint64_t* value);

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;
template <class T>
inline constexpr bool kIsNullable = false;
template <class T>
inline constexpr bool kIsNullable<Nullable<T>> = true;
template <class T>
inline constexpr bool kIsOneOf = false;
template <class Words>
inline constexpr bool kIsOneOf<OneOf<Words>> = true;
template <class T>
inline constexpr bool kIsVector = false;
template <class T>
inline constexpr bool kIsVector<std::vector<T>> = true;
template <class T>
inline constexpr bool kIsMap = false;
template <class T>
inline constexpr bool kIsMap<std::map<std::string, T>> = true;

template <class Words>
void read_word(const std::string& text, const std::string& path, Reader& reader,
               OneOf<Words>& out) {
  std::string known;
  for (const std::string_view word : Words::words()) {
    if (text == word) return out.assign(text), void();
    known += (known.empty() ? "one of " : ", ") + std::string(word);
  }
  reader.expect(path, known);
}

template <class Words>
std::string word_schema(const OneOf<Words>*) {
  std::string words;
  for (const std::string_view word : Words::words()) {
    words += (words.empty() ? "" : ",") + json_quote(word);
  }
  return R"({"type":"string","enum":[)" + words + "]}";
}

constexpr std::string_view json_name(std::string_view member) {
  if (member.ends_with('_')) member.remove_suffix(1);
  return member;
}

template <class T>
using Members = boost::describe::describe_members<T, boost::describe::mod_public |
                                                         boost::describe::mod_inherited>;

template <class T>
void read(const Node& node, const std::string& path, Reader& reader, T& out);

template <class T>
void read_struct(const Node& node, const std::string& path, Reader& reader, T& out) {
  if (node.kind() != Node::Kind::kObject) return reader.expect(path, "an object");
  std::vector<bool> used(node.size(), false);
  boost::mp11::mp_for_each<Members<T>>([&](auto member) {
    using Field = std::remove_cvref_t<decltype(out.*member.pointer)>;
    const std::string_view name = json_name(member.name);
    const Node* found = nullptr;
    for (size_t i = 0; i < node.size(); ++i) {
      if (node.key(i) != name) continue;
      found = &node.at(i);
      used[i] = true;
    }
    if (found) {
      read(*found, child_path(path, name), reader, out.*member.pointer);
    } else if constexpr (!kIsOptional<Field> && !kIsNullable<Field>) {
      reader.fail(child_path(path, name), "is required");
    }
  });
  for (size_t i = 0; i < node.size(); ++i) {
    if (!used[i]) reader.fail(child_path(path, node.key(i)), "is not a known field");
  }
}

template <class T>
void read(const Node& node, const std::string& path, Reader& reader, T& out) {
  if constexpr (std::is_same_v<T, RawJson>) {
    out.text = node.to_json();
  } else if constexpr (kIsOptional<T> || kIsNullable<T>) {
    if (node.kind() == Node::Kind::kNull) return out.reset();
    read(node, path, reader, out.emplace());
  } else if constexpr (kIsOneOf<T>) {
    if (node.kind() != Node::Kind::kString) return reader.expect(path, "a string");
    read_word(node.text(), path, reader, out);
  } else if constexpr (std::is_same_v<T, std::string>) {
    if (node.kind() != Node::Kind::kString) return reader.expect(path, "a string");
    out = node.text();
  } else if constexpr (std::is_same_v<T, bool>) {
    if (node.kind() != Node::Kind::kBool) return reader.expect(path, "true or false");
    out = node.text() == "true";
  } else if constexpr (std::is_same_v<T, Timestamp>) {
    const auto time = node.kind() == Node::Kind::kString ? parse_timestamp(node.text())
                                                         : std::optional<Timestamp>();
    if (!time) return reader.expect(path, "an RFC 3339 time");
    out = *time;
  } else if constexpr (std::integral<T>) {
    using Wide = std::conditional_t<std::is_signed_v<T>, int64_t, uint64_t>;
    Wide wide = 0;
    if (!read_integer(node, &wide) || !std::in_range<T>(wide)) {
      return reader.expect(path, "an integer in range");
    }
    out = static_cast<T>(wide);
  } else if constexpr (std::floating_point<T>) {
    const auto number =
        node.kind() == Node::Kind::kNumber ? parse_number(node.text()) : std::optional<double>();
    if (!number) return reader.expect(path, "a number");
    out = static_cast<T>(*number);
  } else if constexpr (kIsVector<T>) {
    if (node.kind() != Node::Kind::kArray) return reader.expect(path, "an array");
    out.clear();
    out.resize(node.size());
    for (size_t i = 0; i < node.size(); ++i) {
      typename T::value_type element{};
      read(node.at(i), element_path(path, i), reader, element);
      out[i] = std::move(element);
    }
  } else if constexpr (kIsMap<T>) {
    if (node.kind() != Node::Kind::kObject) return reader.expect(path, "an object");
    for (size_t i = 0; i < node.size(); ++i) {
      read(node.at(i), child_path(path, node.key(i)), reader, out[node.key(i)]);
    }
  } else {
    read_struct(node, path, reader, out);
  }
}

template <class T>
void write(std::string& out, const T& value) {
  if constexpr (std::is_same_v<T, RawJson>) {
    out += value.text.empty() ? "null" : value.text;
  } else if constexpr (kIsOptional<T> || kIsNullable<T>) {
    if (value) {
      write(out, *value);
    } else {
      out += "null";
    }
  } else if constexpr (std::is_same_v<T, std::string> || kIsOneOf<T>) {
    out += json_quote(value);
  } else if constexpr (std::is_same_v<T, bool>) {
    out += value ? "true" : "false";
  } else if constexpr (std::is_same_v<T, Timestamp>) {
    out += json_quote(format_timestamp(value));
  } else if constexpr (std::integral<T>) {
    out += std::to_string(value);
  } else if constexpr (std::floating_point<T>) {
    write_number(out, value);
  } else if constexpr (kIsVector<T>) {
    out += '[';
    for (size_t i = 0; i < value.size(); ++i) {
      if (i > 0) out += ',';
      write<typename T::value_type>(out, value[i]);
    }
    out += ']';
  } else if constexpr (kIsMap<T>) {
    out += '{';
    bool first = true;
    for (const auto& [key, element] : value) {
      if (!std::exchange(first, false)) out += ',';
      out += json_quote(key) + ":";
      write(out, element);
    }
    out += '}';
  } else {
    out += '{';
    bool first = true;
    boost::mp11::mp_for_each<Members<T>>([&](auto member) {
      const auto& field = value.*member.pointer;
      if constexpr (kIsOptional<std::remove_cvref_t<decltype(field)>>) {
        if (!field) return;
      }
      if (!std::exchange(first, false)) out += ',';
      out += json_quote(json_name(member.name)) + ":";
      write(out, field);
    });
    out += '}';
  }
}

template <class T>
std::string schema() {
  if constexpr (std::is_same_v<T, RawJson>) {
    return "{}";
  } else if constexpr (kIsOptional<T>) {
    return schema<typename T::value_type>();
  } else if constexpr (kIsNullable<T>) {
    return R"({"anyOf":[)" + schema<typename T::value_type>() + R"(,{"type":"null"}]})";
  } else if constexpr (kIsOneOf<T>) {
    return word_schema(static_cast<const T*>(nullptr));
  } else if constexpr (std::is_same_v<T, std::string>) {
    return R"({"type":"string"})";
  } else if constexpr (std::is_same_v<T, bool>) {
    return R"({"type":"boolean"})";
  } else if constexpr (std::is_same_v<T, Timestamp>) {
    return R"({"type":"string","format":"date-time"})";
  } else if constexpr (std::integral<T>) {
    return std::is_signed_v<T> ? R"({"type":"integer"})" : R"({"type":"integer","minimum":0})";
  } else if constexpr (std::floating_point<T>) {
    return R"({"type":"number"})";
  } else if constexpr (kIsVector<T>) {
    return R"({"type":"array","items":)" + schema<typename T::value_type>() + "}";
  } else if constexpr (kIsMap<T>) {
    return R"({"type":"object","additionalProperties":)" + schema<typename T::mapped_type>() + "}";
  } else {
    std::string properties;
    std::string required;
    boost::mp11::mp_for_each<Members<T>>([&](auto member) {
      using Field = std::remove_cvref_t<decltype(std::declval<T&>().*member.pointer)>;
      const std::string name = json_quote(json_name(member.name));
      properties += (properties.empty() ? "" : ",") + name + ":" + schema<Field>();
      if constexpr (!kIsOptional<Field>) required += (required.empty() ? "" : ",") + name;
    });
    return R"({"type":"object","properties":{)" + properties + R"(},"required":[)" + required +
           R"(],"additionalProperties":false})";
  }
}

}  // namespace json_detail

/// Throws kInvalidArgument that names every wrong, missing or unknown field by its dotted path.
template <class T>
T parse_json(std::string_view body) {
  const auto document = json_detail::parse_document(body);
  T out{};
  json_detail::Reader reader;
  json_detail::read(*document, {}, reader, out);
  reader.finish();
  return out;
}

template <class T>
std::string to_json(const T& value) {
  std::string out;
  json_detail::write(out, value);
  return out;
}

/// The JSON Schema (2020-12) of T; nested structs are written in place.
template <class T>
NamedSchema named_schema(std::string name) {
  return {std::move(name), json_detail::schema<T>()};
}

/// A page of a list, as asked for.
struct PageRequest {
  size_t limit = limits::kDefaultPage;
  std::string cursor;  // empty: from the start
};

/// From the query's `limit` (1…kMaxPage) and `cursor`; throws kInvalidArgument naming either.
PageRequest parse_page(const Request& request);
/// Adds `limit` and `cursor` to a list route's documented parameters.
std::vector<QueryParameter> page_parameters(std::vector<QueryParameter> others = {});

/// `{"items":[…],"next_cursor":…}` of any T.
template <class T>
struct Page {
  std::vector<T> items;
  Nullable<std::string> next_cursor;
  BOOST_DESCRIBE_CLASS(Page, (), (items, next_cursor), (), ())
};

}  // namespace rapport
