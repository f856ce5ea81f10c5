// A small world for tests of conditions: the history of one workspace, written to a Warehouse and
// read by the plain evaluator, one customer at a time.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "segments/condition.h"
#include "segments/condition_sql.h"
#include "segments/history_evaluator.h"
#include "storage/warehouse.h"

namespace rapport::segments_test {

struct EventRow {
  CustomerId customer;
  Timestamp at;
  std::string name;
  std::string properties;
  bool own = false;  // the program itself wrote it
};

struct TraitRow {
  CustomerId customer;
  Timestamp at;
  std::string name;
  std::string value;
};

/// What one workspace knows. The offset of a row is its place in `events` or `traits`, from 1.
struct History {
  WorkspaceId workspace;
  std::map<CustomerId, Timestamp> created;
  std::vector<EventRow> events;
  std::vector<TraitRow> traits;
  std::map<CustomerId, CustomerId> successors;

  CustomerId root(CustomerId customer) const {
    const auto found = successors.find(customer);
    return found == successors.end() ? customer : found->second;
  }

  /// Adds all of it in one batch; `through` must grow from call to call.
  void append_to(Warehouse& warehouse, Offset base) const {
    WarehouseBatch batch;
    Offset offset = base;
    for (const auto& [customer, at] : created) {
      batch.customers.push_back({++offset, workspace, customer, at});
    }
    for (const EventRow& row : events) {
      batch.events.push_back({++offset, workspace, row.customer, 1, row.name, row.at, row.at, "m",
                              row.properties, row.own ? kWarehouseSystem : kWarehouseClient});
    }
    for (const TraitRow& row : traits) {
      batch.traits.push_back({++offset, workspace, row.customer, row.name, row.value, row.at});
    }
    for (const auto& [customer, successor] : successors) {
      batch.successors.push_back({workspace, customer, successor});
    }
    batch.through = offset;
    warehouse.append(batch);
  }
};

/// The history of one customer and of everybody merged into them.
inline CustomerHistory history_of(const History& history, CustomerId customer) {
  CustomerHistory out;
  out.customer = customer;
  Offset offset = 0;
  for (const EventRow& row : history.events) {
    ++offset;
    if (history.root(row.customer) != customer) continue;
    out.events.push_back({row.at, offset, row.name, row.properties, row.own});
  }
  for (const TraitRow& row : history.traits) {
    ++offset;
    if (history.root(row.customer) != customer) continue;
    out.traits.push_back({row.at, offset, row.name, row.value});
  }
  return out;
}

/// Whether the customer was created by the moment, or anything recorded of them happened by then.
inline bool was_known(const History& history, CustomerId customer, const Moment& moment) {
  if (!moment.historic) return true;
  const auto is_trace = [&](const auto& row) {
    return history.root(row.customer) == customer && row.at <= moment.at;
  };
  return std::any_of(history.created.begin(), history.created.end(),
                     [&](const auto& entry) {
                       return history.root(entry.first) == customer && entry.second <= moment.at;
                     }) ||
         std::any_of(history.events.begin(), history.events.end(), is_trace) ||
         std::any_of(history.traits.begin(), history.traits.end(), is_trace);
}

/// Who meets a condition by the plain reading.
inline std::vector<CustomerId> plain_members(const History& history, const Condition& condition,
                                             const Moment& moment, const TimeZone& zone) {
  const HistoryEvaluator evaluator(condition, zone);
  std::vector<CustomerId> out;
  for (const auto& [customer, at] : history.created) {
    if (history.root(customer) == customer && was_known(history, customer, moment) &&
        evaluator.holds(history_of(history, customer), moment)) {
      out.push_back(customer);
    }
  }
  return out;
}

}  // namespace rapport::segments_test
