#include "messaging/permission/suppression.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "stream/event.h"

namespace rapport {
namespace {

constexpr std::string_view kSuppressed = "Address Suppressed";
constexpr std::string_view kRemoved = "Suppression Removed";
constexpr std::string_view kForgotten = "Address Forgotten";
constexpr std::array<std::string_view, 7> kReasons{
    "unsubscribed", "bounced", "soft_bounces", "complained", "invalid", "manual", "erased"};

constexpr std::string_view kSchema = R"sql(
ALTER TABLE suppressions ADD COLUMN source TEXT NOT NULL DEFAULT 'message';
ALTER TABLE suppressions ADD COLUMN detail TEXT NOT NULL DEFAULT '';
)sql";

// The wish not to be written to gives way to every other reason, never the other way round.
constexpr std::string_view kPut =
    "INSERT INTO suppressions (workspace, channel, address, reason, at, log_offset, source, "
    "detail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (workspace, channel, address) "
    "DO UPDATE SET reason = excluded.reason, at = excluded.at, log_offset = excluded.log_offset, "
    "source = excluded.source, detail = excluded.detail "
    "WHERE suppressions.reason = 'unsubscribed' AND excluded.reason <> 'unsubscribed'";
constexpr std::string_view kRemove =
    "DELETE FROM suppressions WHERE workspace = $1 AND channel = $2 AND address = $3";
constexpr std::string_view kForget =
    "INSERT INTO suppressions (workspace, channel, address, reason, at, log_offset, source, "
    "detail) SELECT workspace, channel, $4, reason, at, log_offset, source, '' FROM suppressions "
    "WHERE workspace = $1 AND channel = $2 AND address = $3 ON CONFLICT DO NOTHING";
constexpr std::string_view kLift =
    "DELETE FROM suppressions WHERE workspace = $1 AND channel = $2 AND address = $3 "
    "AND reason = 'unsubscribed'";
constexpr std::string_view kReason =
    "SELECT reason FROM suppressions WHERE workspace = $1 AND channel = $2 "
    "AND address IN ($3, $4) ORDER BY reason = 'unsubscribed' LIMIT 1";
#define RAPPORT_SUPPRESSION_COLUMNS "channel, address, reason, source, detail, at, log_offset"
constexpr std::string_view kList =
    "SELECT " RAPPORT_SUPPRESSION_COLUMNS
    " FROM suppressions WHERE workspace = $1 AND (channel, address) > ($2, $3) "
    "AND ($4 = '' OR channel = $4) AND ($5 = '' OR (address >= $5 AND address < $6)) "
    "ORDER BY channel, address LIMIT $7";
constexpr std::string_view kFind =
    "SELECT " RAPPORT_SUPPRESSION_COLUMNS
    " FROM suppressions WHERE workspace = $1 AND channel = $2 AND address = $3";
#undef RAPPORT_SUPPRESSION_COLUMNS

Suppression read_row(Statement& row) {
  Suppression s;
  s.channel = row.text(0);
  s.address = row.text(1);
  s.reason = row.text(2);
  s.source = row.text(3);
  s.detail = row.text(4);
  s.at = row.time(5);
  s.offset = row.id(6);
  return s;
}

std::string member(std::string_view name, std::string_view value) {
  return json_quote(name) + ":" + json_quote(value);
}

NewEvent make_event(WorkspaceId workspace, std::string_view name, const std::string& properties,
                    Timestamp at, std::string_view message_id) {
  const std::string body = "{\"properties\":{" + properties + "}}";
  Event event;
  event.workspace = workspace;
  event.origin = EventOrigin::kSystem;
  event.timestamp = event.received_at = at;
  event.message_id = message_id;
  event.name = name;
  event.body = body;
  return make_new_event(event);
}

}  // namespace

std::string AddressHasher::hash(WorkspaceId workspace, std::string_view channel,
                                std::string_view address) const {
  std::string bytes = to_public(workspace);
  bytes += '\n';
  bytes += channel;
  bytes += '\n';
  bytes += normal_address(address);
  const std::string_view key(reinterpret_cast<const char*>(key_.data()), SecretKey::kBytes);
  return "#" + hex_encode(hmac_sha256(key, bytes).substr(0, 16));
}

std::string normal_address(std::string_view address) {
  return to_lower_ascii(trim(address));
}

bool is_address_hash(std::string_view text) {
  return text.size() == 33 && text.front() == '#' &&
         text.find_first_not_of("0123456789abcdef", 1) == std::string_view::npos;
}

void check_suppression_reason(std::string_view reason, std::string_view field) {
  if (std::find(kReasons.begin(), kReasons.end(), reason) == kReasons.end()) {
    throw Error::invalid(std::string(field),
                         "must be unsubscribed, bounced, soft_bounces, complained, invalid, manual "
                         "or erased");
  }
}

NewEvent make_suppression_event(WorkspaceId workspace, const Suppression& s,
                                std::string_view message_id) {
  std::string properties = member("channel", s.channel) + "," +
                           member("address", normal_address(s.address)) + "," +
                           member("reason", s.reason) + "," + member("source", s.source);
  if (!s.detail.empty()) properties += "," + member("detail", s.detail);
  return make_event(workspace, kSuppressed, properties, s.at, message_id);
}

NewEvent make_suppression_removed_event(WorkspaceId workspace, std::string_view channel,
                                        std::string_view address, std::string_view actor,
                                        Timestamp at, std::string_view message_id) {
  return make_event(workspace, kRemoved,
                    member("channel", channel) + "," + member("address", normal_address(address)) +
                        "," + member("actor", actor),
                    at, message_id);
}

NewEvent make_address_forgotten_event(WorkspaceId workspace, std::string_view channel,
                                      std::string_view address, std::string_view hash, Timestamp at,
                                      std::string_view message_id) {
  return make_event(workspace, kForgotten,
                    member("channel", channel) + "," + member("address", normal_address(address)) +
                        "," + member("hash", hash),
                    at, message_id);
}

namespace suppression_store {

std::string_view schema() {
  return kSchema;
}

bool apply(Connection& state, const Event& event, const Payload& payload, Offset offset) {
  if (event.origin != EventOrigin::kSystem) return false;
  const auto text = [&](std::string_view name) {
    return payload.text("properties." + std::string(name)).value_or("");
  };
  const std::string channel = text("channel");
  const std::string address = normal_address(text("address"));
  if (event.name == kSuppressed) {
    if (address.empty()) return true;
    state.run(kPut, event.workspace, channel, address, text("reason"), event.timestamp, offset,
              text("source"), text("detail"));
  } else if (event.name == kRemoved) {
    state.run(kRemove, event.workspace, channel, address);
  } else if (event.name == kForgotten) {
    state.run(kForget, event.workspace, channel, address, text("hash"));
    state.run(kRemove, event.workspace, channel, address);
  } else {
    return false;
  }
  return true;
}

void lift_unsubscribed(Connection& state, WorkspaceId workspace, std::string_view channel,
                       std::string_view address) {
  if (address.empty()) return;
  state.run(kLift, workspace, channel, normal_address(address));
}

std::string find_reason(Connection& state, WorkspaceId workspace, std::string_view channel,
                        std::string_view address, std::string_view hash) {
  return state
      .find(
          kReason, [](Statement& row) { return std::string(row.text(0)); }, workspace, channel,
          normal_address(address), hash)
      .value_or("");
}

std::vector<Suppression> list(Connection& state, WorkspaceId workspace, std::string_view channel,
                              std::string_view query, std::string_view after_channel,
                              std::string_view after_address, size_t limit) {
  const std::string prefix = normal_address(query);
  std::vector<Suppression> rows;
  state.each(
      kList, [&](Statement& row) { rows.push_back(read_row(row)); }, workspace, after_channel,
      after_address, channel, prefix, prefix + "\xF4\x8F\xBF\xBF", limit);
  return rows;
}

std::optional<Suppression> find(Connection& state, WorkspaceId workspace, std::string_view channel,
                                std::string_view address) {
  return state.find(kFind, read_row, workspace, channel, normal_address(address));
}

}  // namespace suppression_store
}  // namespace rapport
