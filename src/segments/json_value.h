// Reads one value out of stored JSON, as conditions see it: null, missing, malformed and nowhere
// are the same, absent; of a key given twice the first counts.
//
// A value points into its document: the JsonDocument must outlive it, and the next `parse` ends it.
// One document at a time a thread.
#pragma once

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>

#include "segments/condition.h"

namespace rapport {

/// Never a JSON null.
using JsonValue = std::optional<simdjson::dom::element>;

class JsonDocument {
 public:
  /// The whole value; absent when `json` is not JSON. Numbers beyond a double are absent too.
  JsonValue parse(std::string_view json);

 private:
  simdjson::dom::parser parser_;
  simdjson::padded_string text_;
};

/// Follows `path` from its segment `first` on: keys of objects, decimal indexes of arrays.
JsonValue follow(JsonValue value, const ValuePath& path, size_t first);

/// The characters of a text.
std::optional<std::string_view> text_of(const simdjson::dom::element& element);
/// A number, or text that is wholly a JSON number.
std::optional<double> number_of(const simdjson::dom::element& element);
/// A boolean, or the texts "true" and "false".
std::optional<bool> flag_of(const simdjson::dom::element& element);
/// Text that parse_timestamp takes.
std::optional<Timestamp> instant_of(const simdjson::dom::element& element);
/// A literal that is a number; not for others.
double as_double(const Literal& literal);

}  // namespace rapport
