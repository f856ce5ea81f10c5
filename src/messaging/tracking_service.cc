#include "messaging/tracking_service.h"

namespace rapport {
namespace {

constexpr std::chrono::milliseconds kApplyWait{1'000};

}  // namespace

TrackingService::TrackingService(const LinkSigner& signer, const MessageReader& messages,
                                 LogWriter& writer, Projector& projector, const Clock& clock,
                                 Random& random)
    : signer_(signer),
      messages_(messages),
      writer_(writer),
      projector_(projector),
      clock_(clock),
      random_(random) {}

std::optional<TrackingLink> TrackingService::find(LinkKind kind, std::string_view token) const {
  return signer_.open(kind, token);
}

void TrackingService::record_open(const TrackingLink& link) {
  record(link, MessageStep::kOpened, make_uuid(random_));
}

void TrackingService::record_click(const TrackingLink& link) {
  record(link, MessageStep::kClicked, make_uuid(random_));
}

void TrackingService::unsubscribe(const TrackingLink& link) {
  const Offset offset = record(link, MessageStep::kUnsubscribed, {});
  if (offset != 0) projector_.wait_applied(offset, kApplyWait);
}

Offset TrackingService::record(const TrackingLink& link, MessageStep step, std::string occurrence) {
  const auto message = messages_.find(link.workspace, link.message);
  if (!message) return 0;
  MessageFact fact;
  fact.workspace = link.workspace;
  fact.customer = message->customer;
  fact.message = message->id;
  fact.campaign = message->campaign;
  fact.channel = message->channel;
  fact.address = message->address;
  fact.url = link.url;
  std::vector<NewEvent> events;
  events.push_back(make_step_event(step, fact, clock_.now(), occurrence));
  return writer_.append(std::move(events)).last;
}

}  // namespace rapport
