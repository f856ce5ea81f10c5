// ActivityReader: what happened in a workspace day by day, beside the same span before.
//
// Days are those of the workspace's time zone, whole ones: the newest is today so far. Active are
// customers with an event of their own; events that tell of our messages (`ActivityNames`) are
// counted apart. Revenue is "Order Completed" less "Order Refunded" in the workspace's currency;
// orders without a currency count as in it. A merged customer counts once. Thread-safe; calls
// block. Cost: two scans of twice the span, at most limits::kMaxActivityDays days; an answer is
// kept for limits::kActivityKept, so asking often costs nothing.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include "base/ids.h"
#include "base/time_zone.h"
#include "runtime/clock.h"
#include "storage/warehouse.h"

namespace rapport {

/// Names of the events that tell of messages.
struct ActivityNames {
  std::string sent;
  std::string opened;
  std::string clicked;
  std::vector<std::string> all;  // every name of an event that is not a customer's own
};

struct ActivityFigures {
  int64_t active_customers = 0;
  int64_t new_customers = 0;
  int64_t events = 0;
  std::string revenue = "0";  // exact decimal
  int64_t sent = 0;
  int64_t opened = 0;  // messages, however often each
  int64_t clicked = 0;
};

struct ActivityDay {
  std::string date;  // "2026-11-25", of the workspace's zone
  ActivityFigures figures;
};

struct Activity {
  ActivityFigures current;
  ActivityFigures previous;
  std::vector<ActivityDay> days;           // oldest first
  std::vector<ActivityDay> previous_days;  // as many, just before
};

class ActivityReader {
 public:
  ActivityReader(const Warehouse& warehouse, const Clock& clock, ActivityNames names)
      : warehouse_(warehouse), clock_(clock), names_(std::move(names)) {}

  /// `days` is 1 to limits::kMaxActivityDays; `currency` "" counts orders of no currency only.
  Activity read(WorkspaceId workspace, int64_t days, const TimeZone& zone,
                const std::string& currency) const;

 private:
  using Key = std::tuple<uint64_t, int64_t, std::string, std::string>;
  struct Kept {
    std::chrono::steady_clock::time_point at;
    Activity activity;
  };
  Activity compute(WorkspaceId workspace, int64_t days, const TimeZone& zone,
                   const std::string& currency) const;

  const Warehouse& warehouse_;
  const Clock& clock_;
  const ActivityNames names_;
  mutable std::mutex mutex_;
  mutable std::map<Key, Kept> kept_;
};

}  // namespace rapport
