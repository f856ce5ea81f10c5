// Customers as CSV: the list that a filter gives, line by line, in pieces.
//
// RFC 4180 with a byte order mark, so that spreadsheets read it as UTF-8. A cell that a spreadsheet
// would take for a formula is preceded by an apostrophe. Columns are "id", "email", "name",
// "first_seen", "last_seen", "event_count", "identifier:<kind>" (all values, separated by "; ") and
// "trait:<name>" (text as it is, other JSON as JSON). An exporter is made once a request and used
// by one thread at a time; each piece reads a snapshot of its own, so a customer that appears
// meanwhile is in it or not.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "customers/customer_reader.h"

namespace rapport {

/// Splits and checks the comma-separated list of columns; empty gives the usual ones. Throws
/// kInvalidArgument with field `columns`.
std::vector<std::string> parse_export_columns(std::string_view list);

class CustomerExport {
 public:
  CustomerExport(const CustomerReader& reader, WorkspaceId workspace, CustomerFilter filter,
                 std::vector<std::string> columns)
      : reader_(reader),
        workspace_(workspace),
        filter_(std::move(filter)),
        columns_(std::move(columns)) {}

  /// The next lines; empty at the end.
  std::string next();

 private:
  const CustomerReader& reader_;
  const WorkspaceId workspace_;
  const CustomerFilter filter_;
  const std::vector<std::string> columns_;
  std::string cursor_;
  bool started_ = false;
  bool ended_ = false;
};

}  // namespace rapport
