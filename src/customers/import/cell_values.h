// One cell of a row into one JSON value, and row conditions: the pure inner parts of an import.
//
// Thread-safe: no state. A problem is a short phrase that makes sense behind "Column: ".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "base/time_zone.h"
#include "customers/import/decimal.h"
#include "customers/import/mapping.h"

namespace rapport {

/// Appends `cell` as a JSON value to `out`. Returns a problem, empty when fine. `cell` is not
/// empty.
std::string_view append_cell(std::string_view cell, const ValueRule& rule, const TimeZone& zone,
                             std::string& out);

/// "17850.0" → "17850" for kIntegerText; the cell trimmed for kText. Null when it is no integer.
std::optional<std::string> identifier_text(std::string_view cell, Cast cast);

/// "iso", "unix", "unix_ms" or a pattern of known conversions.
bool is_time_format(std::string_view format);
/// A time without a zone of its own is taken in `zone`. Null when it does not fit `format`.
std::optional<Timestamp> parse_cell_time(std::string_view cell, std::string_view format,
                                         const TimeZone& zone);

bool condition_holds(const RowCondition& condition, std::string_view cell);

}  // namespace rapport
