// The traits of one customer after the other, for modules that look at many: a fraction of what
// `read_customer` costs. Used on an open connection.
#pragma once

#include "base/ids.h"
#include "customers/customer_reader.h"
#include "storage/state_store.h"

namespace rapport {

/// A customer of whom only the traits are read. A merged id answers as its survivor; of one who is
/// not there nothing is known.
Customer read_traits(Connection& state, WorkspaceId workspace, CustomerId id);

}  // namespace rapport
