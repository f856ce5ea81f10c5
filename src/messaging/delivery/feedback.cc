#include "messaging/delivery/feedback.h"

#include "base/text.h"

namespace rapport {

bool FeedbackService::record(const Feedback& feedback) {
  const auto message = messages_.find(feedback.message.workspace, feedback.message.message);
  if (!message) return false;
  MessageFact fact;
  fact.workspace = feedback.message.workspace;
  fact.customer = message->customer;
  fact.message = message->id;
  fact.campaign = message->campaign;
  fact.channel = message->channel;
  fact.address = message->address;
  if (topic_) fact.topic = topic_(fact.workspace, fact.campaign);
  fact.reason = feedback.reason;
  fact.bounce = feedback.bounce;
  std::vector<NewEvent> events;
  events.push_back(make_step_event(feedback.step, fact, clock_.now(), feedback.occurrence));
  writer_.append(std::move(events));
  return true;
}

std::optional<ReturnedMessage> FeedbackService::find(WorkspaceId workspace,
                                                     std::string_view message_id,
                                                     std::string_view recipient) const {
  message_id = trim(message_id);
  if (message_id.starts_with('<')) message_id.remove_prefix(1);
  const auto id = parse_id<MessageTag>(message_id.substr(0, message_id.find('@')));
  if (!id) return std::nullopt;
  const auto message = messages_.find(workspace, *id);
  if (!message || !equals_ignore_case(message->address, trim(recipient))) return std::nullopt;
  return ReturnedMessage{workspace, *id};
}

}  // namespace rapport
