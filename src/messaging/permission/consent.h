// Consent: what one customer agreed to receive, about which topic, on which channel, and the proof.
//
// Consent is changed by system events only ("Consent Given", "Consent Withdrawn", "Consent
// Requested"), so a client that tracks an event of that name changes nothing. The latest expression
// of the person's will counts, by the time they expressed it; a request that was not confirmed
// expresses nothing. Topic 0 stands for all topics of a channel. Pure; no I/O.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/time.h"
#include "messaging/permission/topic.h"
#include "stream/log_writer.h"
#include "stream/payload.h"

namespace rapport {

enum class ConsentStatus : uint8_t {
  kNone = 0,
  kRequested = 1,  // asked for, not confirmed yet
  kGiven = 2,
  kWithdrawn = 3,
};

/// "none", "requested", "given", "withdrawn".
std::string_view consent_status_name(ConsentStatus status);
std::optional<ConsentStatus> parse_consent_status(std::string_view name);
/// "Consent Given", …; empty for kNone.
std::string_view consent_event_name(ConsentStatus status);
std::optional<ConsentStatus> parse_consent_event(std::string_view event_name);

/// The channel of those who refuse all of them.
inline constexpr std::string_view kAllTopics = "all";
std::string topic_text(TopicId topic);  // "top_…", or "all" for 0
/// Null when it is neither a topic's id nor "all".
std::optional<TopicId> parse_topic_text(std::string_view text);

/// One expression of will, as it stands in the log.
struct ConsentFact {
  WorkspaceId workspace;
  CustomerId customer;
  TopicId topic;           // 0: all topics
  std::string topic_name;  // at that time
  std::string channel = "email";
  ConsentStatus status = ConsentStatus::kNone;
  Timestamp at;              // when the person said so
  Timestamp received_at;     // when we learned of it
  std::string source;        // "signup_form", "preference_centre", "console", "import", …
  std::string text;          // the words they agreed to
  int64_t text_version = 0;  // of the topic; 0: not known
  std::string language;
  std::string actor;    // who recorded it: "customer", a user's e-mail, a key's name
  std::string address;  // the address it was given with, if told
  std::string proof;    // JSON object: ip, user agent, url, …
};

/// `message_id` makes trying twice record once.
NewEvent make_consent_event(const ConsentFact& fact, std::string_view message_id);
/// What a consent event says; null when it is none that counts.
std::optional<ConsentFact> read_consent_event(const Event& event, CustomerId customer,
                                              const Payload& payload);

/// Where a customer stands with one topic on one channel.
struct ConsentState {
  TopicId topic;
  std::string channel;
  ConsentStatus status = ConsentStatus::kNone;
  Timestamp at;
  Offset offset = 0;
  std::string source;
  int64_t text_version = 0;
  std::string language;
};

enum class ConsentAnswer : uint8_t {
  kAllowed,
  kNotGiven,      // opt-in, and they never agreed
  kPending,       // asked for, not confirmed
  kUnsubscribed,  // they said no, to this topic or to all
};

/// Whether a message may go by consent. `topic` null: a message about no topic. `own` and `all` are
/// the customer's states for the topic and for all topics on the message's channel.
ConsentAnswer judge_consent(const Topic* topic, const ConsentState* own, const ConsentState* all);

}  // namespace rapport
