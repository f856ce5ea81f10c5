// CustomerFacts: what the page of one customer tells beyond the profile: what they are worth, and
// where each trait came from.
//
// Value is revenue: the amounts of "Order Completed" less those of "Order Refunded", by currency,
// as the events say (`total`, else `revenue`, else `value`); an event without an amount counts as
// an order of nothing. A trait's source is the event that set it, read back from the log. Every
// question has the workspace first; the customer is a survivor's id. Thread-safe; calls block.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "storage/event_log.h"
#include "storage/state_store.h"
#include "storage/warehouse.h"

namespace rapport {

struct CurrencyRevenue {
  std::string currency;  // as the events spell it, in capitals; empty: none was given
  std::string amount;    // exact decimal, at most four places
};

struct CustomerValue {
  int64_t orders = 0;
  int64_t refunds = 0;
  std::vector<CurrencyRevenue> revenue;  // the largest first
  std::optional<Timestamp> first_order_at;
  std::optional<Timestamp> last_order_at;
};

struct TraitFact {
  std::string name;
  std::string value;  // JSON
  Timestamp updated_at;
  std::string event_type;  // "identify", "track", …; empty when the event is not in the log
  std::string origin;      // "client", "import", "system"
  std::string library;     // as the client names itself, e.g. "analytics.js"; may be empty
  std::string message_id;
};

class CustomerFacts {
 public:
  CustomerFacts(const StateStore& state, const Warehouse& warehouse, const EventLog& log)
      : state_(state), warehouse_(warehouse), log_(log) {}

  CustomerValue value(WorkspaceId workspace, CustomerId customer) const;
  /// By name, those after `after`.
  std::vector<TraitFact> traits(WorkspaceId workspace, CustomerId customer, std::string_view after,
                                size_t limit) const;

 private:
  const StateStore& state_;
  const Warehouse& warehouse_;
  const EventLog& log_;
};

}  // namespace rapport
