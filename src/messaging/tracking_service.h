// TrackingService: opens, clicks and unsubscribes come back as events about the message.
// Thread-safe.
//
// Everything is committed to the log before the caller answers. A link of a message that is not in
// the ledger, however well signed, is as good as none.
#pragma once

#include <optional>
#include <string>

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
  void record_open(const TrackingLink& link);
  void record_click(const TrackingLink& link);
  /// Also waits, briefly, until the suppression is applied.
  void unsubscribe(const TrackingLink& link);

 private:
  Offset record(const TrackingLink& link, MessageStep step, std::string occurrence);

  const LinkSigner& signer_;
  const MessageReader& messages_;
  LogWriter& writer_;
  Projector& projector_;
  const Clock& clock_;
  Random& random_;
};

}  // namespace rapport
