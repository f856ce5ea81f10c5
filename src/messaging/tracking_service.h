// TrackingService: opens, clicks and unsubscribes come back as events about the message.
// Thread-safe.
//
// Everything is committed to the log before the caller answers: `submit` does not block and calls
// back from the log writer's thread. Links say whose message they are of, so no store is asked;
// those of older mails are looked up. What is said of a message that is not in the ledger, however
// well signed, changes nothing there.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "messaging/campaigns/just_sent.h"
#include "messaging/message_reader.h"
#include "messaging/tracking.h"
#include "runtime/clock.h"
#include "runtime/random.h"
#include "stream/log_writer.h"
#include "stream/projector.h"

namespace rapport {

class TrackingService {
 public:
  TrackingService(const LinkSigner& signer, const MessageReader& messages, LogWriter& writer,
                  Projector& projector, const Clock& clock, Random& random);

  /// Null when the link is not one of ours.
  std::optional<TrackingLink> find(LinkKind kind, std::string_view token) const;
  /// `machine`: why it was no person's (see machine.h). `done` gets false when it was not stored.
  void submit(const TrackingLink& link, std::string machine, std::function<void(bool)> done);
  /// What follows a link of these messages is a machine. Before the first link is followed.
  void set_just_sent(const JustSent& just_sent) { just_sent_ = &just_sent; }
  /// Tells where a customer's preferences are. Before the first link is followed.
  void set_preferences_path(std::function<std::string(WorkspaceId, CustomerId)> path) {
    preferences_path_ = std::move(path);
  }
  /// Tells what a campaign is about, and whether somebody refused that already: then there is
  /// nothing to record. Before the first link is followed.
  void set_consent(std::function<TopicId(WorkspaceId, CampaignId)> topic,
                   std::function<bool(const MessageFact&)> refused) {
    topic_ = std::move(topic);
    refused_ = std::move(refused);
  }
  /// Of whom the link's message was sent to; empty when it is not known.
  std::string preferences_path(const TrackingLink& link) const;
  /// Also waits, briefly, until the suppression is applied.
  void unsubscribe(const TrackingLink& link);

 private:
  std::optional<MessageFact> fact_of(const TrackingLink& link) const;

  const LinkSigner& signer_;
  const MessageReader& messages_;
  LogWriter& writer_;
  Projector& projector_;
  const Clock& clock_;
  Random& random_;
  const JustSent* just_sent_ = nullptr;
  std::function<std::string(WorkspaceId, CustomerId)> preferences_path_;
  std::function<TopicId(WorkspaceId, CampaignId)> topic_;
  std::function<bool(const MessageFact&)> refused_;
};

}  // namespace rapport
