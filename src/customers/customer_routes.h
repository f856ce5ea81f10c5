// The HTTP operations on customers, their events, and rejected events.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "access/audit_service.h"
#include "customers/customer_facts.h"
#include "customers/customer_reader.h"
#include "http/route.h"

namespace rapport {

/// Members of a segment by its public id, ascending; null when the workspace has no such segment.
using SegmentMembers = std::function<std::optional<std::vector<CustomerId>>(
    WorkspaceId workspace, std::string_view segment)>;

/// What is referred to must outlive the routes.
struct CustomerServices {
  const CustomerReader& reader;
  const CustomerFacts& facts;
  AuditService& audit;
  SegmentMembers members;
};

RouteGroup make_customer_routes(CustomerServices services);

/// The short form that lists of other modules show: {"id","traits","email"?}.
std::string customer_summary_json(const Customer& customer);

}  // namespace rapport
