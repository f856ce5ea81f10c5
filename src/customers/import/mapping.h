// What turns rows into events: the mapping document, checked, with its columns numbered.
//
// Pure data, immutable after parsing, free to share between threads. The document is JSON and is
// described in docs/import.md. Unknown members are refused, so that a typing error is not silence.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time_zone.h"

namespace rapport {

/// Index into Mapping::columns.
using ColumnIndex = size_t;

enum class Cast { kText, kNumber, kInteger, kIntegerText, kBoolean, kTimestamp, kJson };

/// How one output value is made of the rows of a group (or of the one row).
struct ValueRule {
  enum class Kind { kColumn, kConstant, kSum, kCount, kList };
  std::string name;
  std::string key;  // JSON text `"name":`
  Kind kind = Kind::kColumn;
  ColumnIndex column = 0;
  Cast cast = Cast::kText;
  bool last = false;                 // of several rows the last non-empty cell, else the first
  bool negate = false;               // numbers and sums
  std::string constant;              // JSON text
  std::vector<ColumnIndex> factors;  // a sum adds the product of these for each row
  std::optional<int> round;          // places; half away from zero
  std::vector<ValueRule> items;      // members of one object of a list
};

struct RowCondition {
  enum class Op {
    kEquals,
    kNotEquals,
    kIn,
    kStartsWith,
    kEmpty,
    kNotEmpty,
    kLessThan,
    kGreaterThan
  };
  ColumnIndex column = 0;
  Op op = Op::kEquals;
  std::vector<std::string> values;
};

struct EventRule {
  std::string name;  // empty: the name is in `name_column`
  std::optional<ColumnIndex> name_column;
  std::vector<RowCondition> when;     // all must hold
  std::vector<ValueRule> properties;  // the shared ones and its own
};

struct RequiredColumn {
  ColumnIndex column = 0;
  std::string reason;
};

struct TimestampRule {
  ColumnIndex column = 0;
  std::string format = "iso";  // "iso", "unix", "unix_ms", or a pattern like "%d/%m/%Y %H:%M"
};

struct Mapping {
  std::string name;
  std::string format;  // "csv", "jsonl", or empty: by the file's name
  char delimiter = ',';
  std::vector<std::string> header;   // names when the file has no header row
  std::vector<std::string> columns;  // every column the rules use
  TimeZone time_zone;
  std::vector<RequiredColumn> required;
  std::optional<ValueRule> user_id;
  std::optional<ValueRule> anonymous_id;
  std::vector<ValueRule> identifiers;  // other kinds, by name
  std::optional<TimestampRule> timestamp;
  std::vector<ColumnIndex> group_by;
  size_t max_open_groups = 0;
  std::vector<ColumnIndex> message_id;  // of ungrouped rows; empty: the whole row
  std::vector<EventRule> events;        // the first whose `when` holds makes the event
  std::vector<ValueRule> traits;
};

/// Throws Error(kInvalidArgument) whose field is the path of the offending member
/// ("events[1].name"). `load_zone` finds the zone named by `time_zone`.
Mapping parse_mapping(std::string_view json, TimeZone (*load_zone)(std::string_view name));

/// Reads a mapping file, with time zones from the system. Throws as parse_mapping does.
Mapping load_mapping(const std::string& path);

}  // namespace rapport
