// The functions that compiled conditions call inside the Warehouse: the evaluators' own code, so
// that a query and an evaluator cannot disagree.
//
//   segment_meets(json, test, at, zone)        a ValueTest, as JSON, on a value
//   segment_instant(text)                      parse_timestamp
//   segment_in_period(time, period, at, zone)  a calendar period
//   segment_zone(json, json, otherwise)        customer_zone, as a name
//   segment_located(json, condition)           a GeoCondition on a value
//   segment_bucket(salt, customer)             BucketHash
//   segment_sequence(times, offsets, masks, condition)          SequenceMatcher
//   segment_absence(times, offsets, masks, length, at)          bit 0 begins, bit 1 ends the wait
#pragma once

#include <vector>

#include "storage/warehouse_function.h"

namespace rapport {

/// For DuckdbOptions::functions.
std::vector<WarehouseFunction> segment_functions();

}  // namespace rapport
