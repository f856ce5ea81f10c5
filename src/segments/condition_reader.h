// Helpers that read the JSON of a condition strictly: every refusal is kInvalidArgument and names
// its field; unknown keys, keys given twice and wrong types are refused. For the parser's files.
// One reader a document, one thread at a time.
#pragma once

#include <simdjson.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "segments/condition.h"

namespace rapport::condition_reader {

namespace dom = simdjson::dom;

/// What was read so far, for the bounds on parts and values.
struct Usage {
  std::string root;
  size_t nodes = 0;
  size_t values = 0;
};

[[noreturn]] void fail(const std::string& path, std::string message);
dom::object as_object(const dom::element& element, const std::string& path, std::string_view what);
dom::array as_array(const dom::element& element, const std::string& path);
std::optional<dom::element> find(const dom::object& object, std::string_view key,
                                 const std::string& path);
dom::element require(const dom::object& object, std::string_view key, const std::string& path);
void allow_keys(const dom::object& object, const std::string& path,
                std::initializer_list<std::string_view> allowed);
std::string text(const dom::element& element, const std::string& path, size_t max_bytes);
/// As `text`, and not empty.
std::string name(const dom::element& element, const std::string& path, size_t max_bytes);
double number(const dom::element& element, const std::string& path, double low, double high);
bool flag(const dom::element& element, const std::string& path);
Micros duration(const dom::element& element, const std::string& path);
Timestamp instant(const dom::element& element, const std::string& path);
Period period(const dom::element& element, const std::string& path);
ValuePath value_path(const dom::element& element, const std::string& path);
ZoneOf zone(const dom::object& object, const std::string& path);
/// Counts one part of the tree, or one value, and refuses what is over.
void count_node(Usage& usage, const std::string& path);
void count_value(Usage& usage, const std::string& path);

/// op, value and options of `object`; keys that are not of a test are the caller's to refuse.
ValueTest value_test(Usage& usage, const dom::object& object, const std::string& path);
std::vector<PropertyTest> where(Usage& usage, const dom::object& object, const std::string& path);
/// "A", ["A","B"] or {"prefix":"A"} under the key `event`.
EventNames event_names(Usage& usage, const dom::object& object, const std::string& path);
/// The window among the members of `object`; ever when there is none.
Window window(const dom::object& object, const std::string& path);
std::vector<CountTest> count_tests(const dom::element& element, const std::string& path);
/// The sum, avg, min, max and distinct members of `object`.
std::vector<AggregateTest> aggregates(Usage& usage, const dom::object& object,
                                      const std::string& path);

}  // namespace rapport::condition_reader
