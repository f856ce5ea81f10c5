#include "customers/customer_facts.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "stream/event.h"
#include "stream/payload.h"

namespace rapport {
namespace {

// Amounts as decimals: a sum of prices must not show the noise of binary fractions.
constexpr const char* kRevenue = R"sql(
SELECT currency, count(*) FILTER (WHERE ordered), count(*) FILTER (WHERE NOT ordered),
  CAST(coalesce(sum(CASE WHEN ordered THEN amount ELSE -amount END), 0) AS VARCHAR),
  min(CASE WHEN ordered THEN occurred_at END), max(CASE WHEN ordered THEN occurred_at END)
FROM (SELECT name = 'Order Completed' AS ordered, occurred_at,
    upper(coalesce(json_extract_string(properties, '$.currency'), '')) AS currency,
    TRY_CAST(coalesce(json_extract_string(properties, '$.total'),
      json_extract_string(properties, '$.revenue'),
      json_extract_string(properties, '$.value')) AS DECIMAL(24, 4)) AS amount
  FROM events WHERE workspace = $1 AND type = $3
    AND name IN ('Order Completed', 'Order Refunded')
    AND (customer = $2 OR customer IN (SELECT customer FROM successors
      WHERE workspace = $1 AND successor = $2)))
GROUP BY currency ORDER BY sum(CASE WHEN ordered THEN amount ELSE -amount END) DESC NULLS LAST
)sql";

constexpr std::string_view kTraits =
    "SELECT name, value, occurred_at, log_offset FROM customer_traits "
    "WHERE customer = $1 AND workspace = $2 AND name > $3 AND value <> 'null' "
    "ORDER BY name LIMIT $4";

/// "34.4000" is "34.4", "0.0000" is "0".
std::string without_trailing_zeros(std::string decimal) {
  if (decimal.find('.') == std::string::npos) return decimal;
  decimal.erase(decimal.find_last_not_of('0') + 1);
  if (decimal.ends_with('.')) decimal.pop_back();
  return decimal;
}

std::string_view origin_name(EventOrigin origin) {
  switch (origin) {
    case EventOrigin::kImport:
      return "import";
    case EventOrigin::kSystem:
      return "system";
    case EventOrigin::kClient:
      break;
  }
  return "client";
}

void fill_source(const EventLog& log, Offset offset, TraitFact& fact) {
  const auto record = log.find(offset);
  if (!record) return;
  const Event event = decode_event(*record);
  fact.event_type = event_type_name(event.type);
  fact.origin = origin_name(event.origin);
  fact.message_id = event.message_id;
  Payload payload;
  if (payload.parse(event.body)) {
    fact.library = payload.text("context.library.name").value_or("");
  }
  if (fact.library.empty() && payload.parse(event.shared_context)) {
    fact.library = payload.text("library.name").value_or("");
  }
}

}  // namespace

CustomerValue CustomerFacts::value(WorkspaceId workspace, CustomerId customer) const {
  CustomerValue value;
  const std::vector<WarehouseValue> parameters{workspace.value, customer.value,
                                               static_cast<int64_t>(EventType::kTrack)};
  warehouse_.query(kRevenue, parameters, [&](const WarehouseRow& row) {
    value.orders += row.integer(1);
    value.refunds += row.integer(2);
    value.revenue.push_back({row.text(0), without_trailing_zeros(row.text(3))});
    if (row.is_null(4)) return;
    const Timestamp first = from_micros(row.integer(4));
    const Timestamp last = from_micros(row.integer(5));
    value.first_order_at = std::min(value.first_order_at.value_or(first), first);
    value.last_order_at = std::max(value.last_order_at.value_or(last), last);
  });
  return value;
}

std::vector<TraitFact> CustomerFacts::traits(WorkspaceId workspace, CustomerId customer,
                                             std::string_view after, size_t limit) const {
  std::vector<std::pair<Offset, TraitFact>> found;
  state_.read([&](Connection& c) {
    c.each(
        kTraits,
        [&](Statement& row) {
          TraitFact fact;
          fact.name = row.text(0);
          fact.value = row.text(1);
          fact.updated_at = row.time(2);
          found.emplace_back(row.id(3), std::move(fact));
        },
        customer, workspace, after, limit);
  });
  std::map<Offset, TraitFact> sources;  // one event sets many traits
  std::vector<TraitFact> facts;
  for (auto& [offset, fact] : found) {
    const auto [source, fresh] = sources.try_emplace(offset);
    if (fresh) fill_source(log_, offset, source->second);
    fact.event_type = source->second.event_type;
    fact.origin = source->second.origin;
    fact.library = source->second.library;
    fact.message_id = source->second.message_id;
    facts.push_back(std::move(fact));
  }
  return facts;
}

}  // namespace rapport
