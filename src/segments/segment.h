// A segment: a named condition; and how the module sees customers for display. Plain data.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "segments/condition.h"

namespace rapport {

struct Segment {
  WorkspaceId workspace;
  SegmentId id;
  std::string name;  // one of its kind in the workspace
  Condition condition;
  Timestamp created_at;
  Timestamp updated_at;
  uint32_t version = 1;  // grows when it asks something else
};

/// Customers as a list shows them. A port: customers/ answers it. Thread-safe; may block.
class CustomerSummaries {
 public:
  virtual ~CustomerSummaries() = default;
  /// JSON objects {"id","traits","email"?}, in the order asked; one that is gone is left out.
  virtual std::vector<std::string> summaries(WorkspaceId workspace,
                                             std::span<const CustomerId> customers) const = 0;
};

}  // namespace rapport
