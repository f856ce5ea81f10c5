// Suppressions: addresses that must not be written to, and the events that make and lift them.
//
// A row is found by its address; after the customer was erased it holds a keyed hash of the address
// instead ("#" and 32 hex digits), which still keeps messages away and tells nobody who it was. The
// rows are a projection (state.db): steps of messages make them ("unsubscribed", "bounced",
// "complained", "soft_bounces"), people and imports do ("Address Suppressed"), and only people lift
// them ("Suppression Removed"); consent given with the address lifts "unsubscribed".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/secret_key.h"
#include "messaging/permission/topic.h"
#include "storage/state_store.h"
#include "stream/log_writer.h"
#include "stream/payload.h"

namespace rapport {

struct Event;

/// Hashes addresses under a key derived from the installation's. Thread-safe.
class AddressHasher {
 public:
  explicit AddressHasher(const SecretKey& root) : key_(root.derive("suppressed addresses")) {}
  /// "#" and 32 hex digits: HMAC-SHA-256 over workspace, channel and normalised address, cut.
  std::string hash(WorkspaceId workspace, std::string_view channel, std::string_view address) const;

 private:
  SecretKey key_;
};

/// As it is compared: trimmed and in lower case; a hash stays as it is.
std::string normal_address(std::string_view address);
bool is_address_hash(std::string_view text);

struct Suppression {
  std::string channel;
  std::string address;  // or a hash
  std::string reason;   // unsubscribed, bounced, soft_bounces, complained, invalid, manual, erased
  std::string source;   // "message", "console", "api", "import", …
  std::string detail;   // for people
  Timestamp at;
  Offset offset = 0;
};

/// Reasons that people may give; throws kInvalidArgument for others.
void check_suppression_reason(std::string_view reason, std::string_view field = "reason");

NewEvent make_suppression_event(WorkspaceId workspace, const Suppression& suppression,
                                std::string_view message_id);
NewEvent make_suppression_removed_event(WorkspaceId workspace, std::string_view channel,
                                        std::string_view address, std::string_view actor,
                                        Timestamp at, std::string_view message_id);
/// From now on the row holds the hash only.
NewEvent make_address_forgotten_event(WorkspaceId workspace, std::string_view channel,
                                      std::string_view address, std::string_view hash, Timestamp at,
                                      std::string_view message_id);

namespace suppression_store {

/// The columns that this module adds to the messages' table.
std::string_view schema();
/// Applies one of the three events above; false when it is none.
bool apply(Connection& state, const Event& event, const Payload& payload, Offset offset);
/// Consent given with an address says that its owner wants to be written to again.
void lift_unsubscribed(Connection& state, WorkspaceId workspace, std::string_view channel,
                       std::string_view address);
/// The reason to keep away from an address, the strongest when plain and hashed rows differ; empty
/// when there is none.
std::string find_reason(Connection& state, WorkspaceId workspace, std::string_view channel,
                        std::string_view address, std::string_view hash);
/// By channel and address, after a row given as (channel, address); `query` is a prefix.
std::vector<Suppression> list(Connection& state, WorkspaceId workspace, std::string_view channel,
                              std::string_view query, std::string_view after_channel,
                              std::string_view after_address, size_t limit);
std::optional<Suppression> find(Connection& state, WorkspaceId workspace, std::string_view channel,
                                std::string_view address);

}  // namespace suppression_store
}  // namespace rapport
