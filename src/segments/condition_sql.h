// Compiles a condition tree to one SELECT over the Warehouse's tables. The only place that builds
// SQL (with value_sql.cc and event_rows.cc).
//
// The text is made of fixed pieces chosen by the tree's types; everything that a person wrote
// (names, paths, values) is a bound parameter. `$1` is the workspace, and every table is filtered
// by it first. A leaf becomes a set of customers: event leaves look at rows by name and window,
// trait leaves at the row in force, both after mapping merged customers to their survivor; the tree
// becomes semi joins of these sets, with the customers table where no leaf limits who may be in.
// The Warehouse must know the functions of segment_functions.h. Pure, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "base/time_zone.h"
#include "segments/condition.h"
#include "segments/moment.h"
#include "storage/warehouse.h"

namespace rapport {

struct CompiledCondition {
  std::string sql;  // SELECT of one UBIGINT column `customer`, distinct, no order
  std::vector<WarehouseValue> parameters;
};

/// Customers that meet `condition`, which is resolved (segment_references.h); with `after`, only
/// those with a greater id. `zone` is the workspace's, known to system_zones() by its name.
CompiledCondition compile_condition(WorkspaceId workspace, const Condition& condition,
                                    const Moment& moment, const TimeZone& zone,
                                    std::optional<CustomerId> after = std::nullopt);

}  // namespace rapport
