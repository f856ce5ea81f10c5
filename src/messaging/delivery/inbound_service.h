// InboundService: mail that came back, from the listener or a mailbox, becomes feedback.
//
// A message is tied to ours by a signed return path it came to, by the signed unsubscribe link in
// the headers that a report returns, or, in a workspace's own mailbox, by the Message-ID together
// with the address it went to. What cannot be tied is counted and dropped. Thread-safe; calls
// block.
#pragma once

#include <string>
#include <vector>

#include "mail/inbound_mail.h"
#include "messaging/delivery/feedback.h"
#include "messaging/tracking.h"
#include "runtime/metrics.h"

namespace rapport {

class InboundService {
 public:
  InboundService(FeedbackService& feedback, const ReturnPathSigner& return_paths,
                 const LinkSigner& links, MetricsRegistry& metrics);

  /// Whether the listener takes mail for this recipient.
  bool accepts(std::string_view recipient) const {
    return return_paths_.open(recipient).has_value();
  }
  /// From the listener. Throws kInvalidArgument for what is beyond the bounds.
  void receive(std::string_view envelope_from, const std::vector<std::string>& recipients,
               std::string_view raw);
  /// From a workspace's mailbox. True when it was about a message of ours.
  bool receive_from_mailbox(WorkspaceId workspace, std::string_view raw);

 private:
  bool record(const ReturnedMessage& message, const InboundMail& mail);
  std::optional<ReturnedMessage> by_link(const InboundMail& mail) const;

  FeedbackService& feedback_;
  const ReturnPathSigner& return_paths_;
  const LinkSigner& links_;
  Counter& used_;
  Counter& dropped_;
};

}  // namespace rapport
