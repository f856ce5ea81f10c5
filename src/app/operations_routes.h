// Health, readiness, metrics, the OpenAPI document and the overview of a workspace.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "http/route.h"
#include "runtime/metrics.h"

namespace rapport {

struct OverviewFigures {
  int64_t customers = 0;
  int64_t events = 0;
  int64_t segments = 0;
  int64_t campaigns = 0;
  int64_t sent = 0;
  int64_t opened = 0;
  int64_t clicked = 0;
  int64_t unsubscribed = 0;
  uint64_t log_end = 0;
  uint64_t applied = 0;
};

/// As the API answers them.
std::string overview_json(const OverviewFigures& figures);

struct OperationsSources {
  MetricsRegistry& metrics;
  /// "ready", or why not: "starting", "stopping", "storage_failing".
  std::function<std::string()> readiness;
  std::function<OverviewFigures(uint64_t workspace)> overview;
  /// Filled once all routes are known.
  std::shared_ptr<const std::string> openapi;
};

RouteGroup make_operations_routes(OperationsSources sources);

}  // namespace rapport
