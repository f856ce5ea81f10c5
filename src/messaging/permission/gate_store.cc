#include "messaging/permission/gate_store.h"

#include "base/limits/permission.h"
#include "base/text.h"

namespace rapport {

std::optional<Cap> cap_of_frequency(std::string_view frequency) {
  Cap cap;
  cap.own = true;
  if (frequency == "daily") {
    cap.window = std::chrono::hours(24);
  } else if (frequency == "weekly") {
    cap.window = std::chrono::hours(7 * 24);
  } else if (frequency == "monthly") {
    cap.window = std::chrono::hours(30 * 24);
  } else {
    return std::nullopt;
  }
  return cap;
}

NewEvent make_preferences_event(WorkspaceId workspace, CustomerId customer,
                                const CustomerPreferences& preferences, std::string_view source,
                                Timestamp at, std::string_view message_id) {
  std::string body = "{\"properties\":{\"source\":" + json_quote(source);
  body +=
      ",\"frequency\":" + json_quote(preferences.frequency.empty() ? "any" : preferences.frequency);
  body += ",\"language\":" + json_quote(preferences.language);
  if (preferences.paused_until) {
    body += ",\"paused_until\":" + json_quote(format_timestamp(*preferences.paused_until));
  }
  body += "}}";
  Event event;
  event.workspace = workspace;
  event.origin = EventOrigin::kSystem;
  event.customer = customer;
  event.timestamp = event.received_at = at;
  event.message_id = message_id;
  event.name = kPreferencesEvent;
  event.body = body;
  return make_new_event(event);
}

NewEvent make_admitted_event(WorkspaceId workspace, CustomerId customer, MessageId message,
                             std::string_view channel, TopicId topic, Timestamp at) {
  const std::string body = "{\"properties\":{\"message_id\":" + json_quote(to_public(message)) +
                           ",\"channel\":" + json_quote(channel) +
                           ",\"topic_id\":" + json_quote(topic_text(topic)) + "}}";
  const std::string id = to_public(message) + ":admitted";
  Event event;
  event.workspace = workspace;
  event.origin = EventOrigin::kSystem;
  event.customer = customer;
  event.timestamp = event.received_at = at;
  event.message_id = id;
  event.name = kAdmittedEvent;
  event.body = body;
  return make_new_event(event);
}

namespace gate_store {
namespace {

constexpr std::string_view kSchema = R"sql(
CREATE TABLE customer_preferences (
  workspace INTEGER NOT NULL,
  customer INTEGER NOT NULL,
  paused_until INTEGER,
  frequency TEXT NOT NULL,
  language TEXT NOT NULL,
  at INTEGER NOT NULL,
  log_offset INTEGER NOT NULL,
  PRIMARY KEY (workspace, customer)
) WITHOUT ROWID;
CREATE TABLE send_slots (
  workspace INTEGER NOT NULL,
  customer INTEGER NOT NULL,
  message INTEGER NOT NULL,
  channel TEXT NOT NULL,
  topic INTEGER NOT NULL,
  at INTEGER,
  PRIMARY KEY (workspace, customer, message)
) WITHOUT ROWID;
CREATE TABLE customer_zones (
  workspace INTEGER NOT NULL,
  customer INTEGER NOT NULL,
  zone TEXT NOT NULL,
  at INTEGER NOT NULL,
  log_offset INTEGER NOT NULL,
  PRIMARY KEY (workspace, customer)
) WITHOUT ROWID;
)sql";

#define RAPPORT_LATER(table) \
  "WHERE (excluded.at, excluded.log_offset) > (" table ".at, " table ".log_offset)"

constexpr std::string_view kPutPreferences =
    "INSERT INTO customer_preferences (workspace, customer, paused_until, frequency, language, at, "
    "log_offset) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (workspace, customer) DO UPDATE "
    "SET paused_until = excluded.paused_until, frequency = excluded.frequency, "
    "language = excluded.language, at = excluded.at, log_offset = "
    "excluded.log_offset " RAPPORT_LATER("customer_preferences");
constexpr std::string_view kMergePreferences =
    "INSERT INTO customer_preferences (workspace, customer, paused_until, frequency, language, at, "
    "log_offset) SELECT workspace, $3, paused_until, frequency, language, at, log_offset "
    "FROM customer_preferences WHERE workspace = $1 AND customer = $2 "
    "ON CONFLICT (workspace, customer) DO UPDATE "
    "SET paused_until = excluded.paused_until, frequency = excluded.frequency, "
    "language = excluded.language, at = excluded.at, log_offset = "
    "excluded.log_offset " RAPPORT_LATER("customer_preferences");
constexpr std::string_view kDropPreferences =
    "DELETE FROM customer_preferences WHERE workspace = $1 AND customer = $2";
constexpr std::string_view kPreferences =
    "SELECT paused_until, frequency, language FROM customer_preferences "
    "WHERE workspace = $1 AND customer = $2";

// When it was sent is said once; a place that is open may become one that was sent.
constexpr std::string_view kPutSlot =
    "INSERT INTO send_slots (workspace, customer, message, channel, topic, at) "
    "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (workspace, customer, message) DO UPDATE "
    "SET at = excluded.at WHERE send_slots.at IS NULL AND excluded.at IS NOT NULL";
constexpr std::string_view kForgetSlots =
    "DELETE FROM send_slots WHERE workspace = $1 AND customer = $2 AND at < $3";
constexpr std::string_view kDropSlot =
    "DELETE FROM send_slots WHERE workspace = $1 AND customer = $2 AND message = $3 "
    "AND at IS NULL";
constexpr std::string_view kMergeSlots =
    "UPDATE send_slots SET customer = $3 WHERE workspace = $1 AND customer = $2";
constexpr std::string_view kSlots =
    "SELECT message, channel, topic, at FROM send_slots WHERE workspace = $1 AND customer = $2 "
    "AND (at IS NULL OR at > $3)";

constexpr std::string_view kPutZone =
    "INSERT INTO customer_zones (workspace, customer, zone, at, log_offset) "
    "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (workspace, customer) DO UPDATE "
    "SET zone = excluded.zone, at = excluded.at, log_offset = excluded.log_offset " RAPPORT_LATER(
        "customer_zones");
constexpr std::string_view kMergeZone =
    "INSERT INTO customer_zones (workspace, customer, zone, at, log_offset) "
    "SELECT workspace, $3, zone, at, log_offset FROM customer_zones "
    "WHERE workspace = $1 AND customer = $2 ON CONFLICT (workspace, customer) DO UPDATE "
    "SET zone = excluded.zone, at = excluded.at, log_offset = excluded.log_offset " RAPPORT_LATER(
        "customer_zones");
constexpr std::string_view kDropZone =
    "DELETE FROM customer_zones WHERE workspace = $1 AND customer = $2";
constexpr std::string_view kZone =
    "SELECT zone FROM customer_zones WHERE workspace = $1 AND customer = $2";
#undef RAPPORT_LATER

}  // namespace

std::string_view schema() {
  return kSchema;
}

void put_preferences(Connection& state, WorkspaceId workspace, CustomerId customer,
                     const CustomerPreferences& p, Timestamp at, Offset offset) {
  state.run(kPutPreferences, workspace, customer, p.paused_until, p.frequency, p.language, at,
            offset);
}

CustomerPreferences preferences(Connection& state, WorkspaceId workspace, CustomerId customer) {
  return state
      .find(
          kPreferences,
          [](Statement& row) {
            return CustomerPreferences{row.optional_time(0), std::string(row.text(1)),
                                       std::string(row.text(2))};
          },
          workspace, customer)
      .value_or(CustomerPreferences{});
}

void put_slot(Connection& state, WorkspaceId workspace, CustomerId customer, const SendSlot& slot) {
  state.run(kPutSlot, workspace, customer, slot.message, slot.channel, slot.topic, slot.at);
  // By the log's time, so that a replay forgets the same.
  if (slot.at) state.run(kForgetSlots, workspace, customer, *slot.at - limits::kMaxCapWindow);
}

void drop_slot(Connection& state, WorkspaceId workspace, CustomerId customer, MessageId message) {
  state.run(kDropSlot, workspace, customer, message);
}

std::vector<SendSlot> slots(Connection& state, WorkspaceId workspace, CustomerId customer,
                            Timestamp since) {
  std::vector<SendSlot> slots;
  state.each(
      kSlots,
      [&](Statement& row) {
        slots.push_back({MessageId{row.id(0)}, std::string(row.text(1)), TopicId{row.id(2)},
                         row.optional_time(3)});
      },
      workspace, customer, since);
  return slots;
}

void put_zone(Connection& state, WorkspaceId workspace, CustomerId customer, std::string_view zone,
              Timestamp at, Offset offset) {
  state.run(kPutZone, workspace, customer, zone, at, offset);
}

std::string zone(Connection& state, WorkspaceId workspace, CustomerId customer) {
  return state
      .find(
          kZone, [](Statement& row) { return std::string(row.text(0)); }, workspace, customer)
      .value_or("");
}

void merge(Connection& state, WorkspaceId workspace, CustomerId loser, CustomerId winner) {
  state.run(kMergePreferences, workspace, loser, winner);
  state.run(kDropPreferences, workspace, loser);
  state.run(kMergeSlots, workspace, loser, winner);
  state.run(kMergeZone, workspace, loser, winner);
  state.run(kDropZone, workspace, loser);
}

}  // namespace gate_store
}  // namespace rapport
