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

std::string TrackingService::preferences_path(const TrackingLink& link) const {
  const auto fact = fact_of(link);
  if (!fact || !preferences_path_) return {};
  return preferences_path_(link.workspace, fact->customer);
}

std::optional<MessageFact> TrackingService::fact_of(const TrackingLink& link) const {
  MessageFact fact;
  fact.workspace = link.workspace;
  fact.message = link.message;
  fact.customer = link.customer;
  fact.campaign = link.campaign;
  fact.url = link.url;
  if (link.customer.value == 0) {
    const auto message = messages_.find_brief(link.workspace, link.message);
    if (!message) return std::nullopt;
    fact.customer = message->customer;
    fact.campaign = message->campaign;
  }
  if (topic_) fact.topic = topic_(link.workspace, fact.campaign);
  return fact;
}

void TrackingService::submit(const TrackingLink& link, std::string machine,
                             std::function<void(bool)> done) {
  auto fact = fact_of(link);
  if (!fact) return done(true);
  if (machine.empty() && just_sent_ && just_sent_->is(link.message, clock_.now())) {
    machine = "too_soon";
  }
  fact->machine = std::move(machine);
  const MessageStep step =
      link.kind == LinkKind::kOpen ? MessageStep::kOpened : MessageStep::kClicked;
  std::vector<NewEvent> events;
  events.push_back(make_step_event(step, *fact, clock_.now(), make_uuid(random_)));
  writer_.submit(std::move(events),
                 [done = std::move(done)](const AppendResult& result) { done(!result.failed); });
}

void TrackingService::unsubscribe(const TrackingLink& link) {
  auto fact = fact_of(link);
  const auto message = messages_.find_brief(link.workspace, link.message);
  if (!fact || !message) return;
  fact->address = message->address;
  std::string occurrence;
  if (refused_) {
    if (refused_(*fact)) return;
    // They may have come back since this link was used before: it counts again.
    occurrence = make_uuid(random_);
  }
  std::vector<NewEvent> events;
  events.push_back(make_step_event(MessageStep::kUnsubscribed, *fact, clock_.now(), occurrence));
  projector_.wait_applied(writer_.append(std::move(events)).last, kApplyWait);
}

}  // namespace rapport
