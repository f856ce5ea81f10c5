#include "messaging/campaigns/conversion_teller.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "messaging/campaigns/campaign_stage.h"
#include "messaging/campaigns/ledger_block.h"

namespace rapport {

std::vector<NewEvent> ConversionTeller::execute(const Intent& intent, size_t) {
  const MessageId id{intent.subject};
  const auto message = messages_.find_brief(intent.workspace, id);
  const auto first = state_.read_value([&](Connection& c) { return find_first_conversion(c, id); });
  ENSURE(message && first);
  std::string properties = "\"message_id\":" + json_quote(to_public(id)) +
                           ",\"campaign_id\":" + json_quote(to_public(message->campaign)) +
                           ",\"channel\":" + json_quote(message->channel);
  const TopicId topic = topic_ ? topic_(intent.workspace, message->campaign) : TopicId{};
  if (topic.value != 0) properties += ",\"topic_id\":" + json_quote(to_public(topic));
  const std::string variant = variant_name(message->variant);
  if (!variant.empty()) properties += ",\"variant\":" + json_quote(variant);
  properties +=
      ",\"run\":" + std::to_string(message->run) + ",\"value\":" + fmt::format("{}", first->amount);
  const std::string body = "{\"properties\":{" + properties + "}}";
  const std::string message_id = to_public(id) + ":converted";

  Event event;
  event.workspace = intent.workspace;
  event.origin = EventOrigin::kSystem;
  event.customer = message->customer;
  event.timestamp = first->at;
  event.received_at = clock_.now();
  event.message_id = message_id;
  event.name = kMessageConvertedEvent;
  event.body = body;
  std::vector<NewEvent> events;
  events.push_back(make_new_event(event));
  return events;
}

}  // namespace rapport
