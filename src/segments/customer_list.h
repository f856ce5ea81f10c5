// A list: customers chosen by hand, from a file, or once from a condition; and its events.
//
// Being on a list is told by events in the log ("List Added", "List Removed", of the customer), so
// conditions ask it like any other fact; the list's page is a projection of the program's own such
// events. Pure; plain data.
#pragma once

#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/time.h"
#include "stream/log_writer.h"

namespace rapport {

struct CustomerList {
  WorkspaceId workspace;
  ListId id;
  std::string name;  // one of its kind in the workspace
  Timestamp created_at;
};

inline constexpr std::string_view kListDeletedEvent = "List Deleted";

/// `occurrence` tells one request from another.
NewEvent make_list_change(const CustomerList& list, CustomerId customer, bool added, Timestamp now,
                          std::string_view occurrence);
NewEvent make_list_deleted(WorkspaceId workspace, ListId list, Timestamp now);

}  // namespace rapport
