// One test of one value as SQL. Simple comparisons are plain SQL, for speed; the others call the
// functions of segment_functions.h, which are the evaluators' own code. Pure.
#pragma once

#include <string>
#include <string_view>

#include "segments/asked_at.h"
#include "segments/condition.h"
#include "segments/sql_binder.h"

namespace rapport {

/// SQL of one JSON value: `json` its normalised text, `text` its characters when it is a string.
struct ValueSql {
  std::string json;
  std::string text;
};

/// The moment of the question; `customer_zone` is SQL of the name of the row's customer's zone.
struct AskedSql {
  AskedAt asked;
  std::string customer_zone;
};

/// The characters of a JSON text, or null.
std::string text_of_sql(std::string_view json);
/// DOUBLE, or null when the value is no number and no text that is one.
std::string number_of_sql(const ValueSql& value);
/// A key under which equal values are one, or null; as distinct_key (aggregate.h).
std::string distinct_key_sql(const ValueSql& value);
/// RFC 6901 pointer of path segments from `first` on; empty text is the whole value.
std::string json_pointer(const ValuePath& path, size_t first);

bool needs_customer_zone(const ValueTest& test);
/// The positive form of the test; null counts as false.
std::string test_sql(SqlBinder& binder, const ValueTest& test, const ValueSql& value,
                     const AskedSql& asked);
/// The test itself, never null.
std::string whole_test_sql(SqlBinder& binder, const ValueTest& test, const ValueSql& value,
                           const AskedSql& asked);

}  // namespace rapport
