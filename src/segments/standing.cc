#include "segments/standing.h"

#include <array>

namespace rapport {
namespace {

constexpr std::array<std::string_view, 6> kMessageEvents{"Message Sent",      "Message Delivered",
                                                         "Message Opened",    "Message Clicked",
                                                         "Message Converted", "Message Bounced"};

PropertyTest equals(std::string_view property, std::vector<std::string> values) {
  PropertyTest out;
  out.property.segments.emplace_back(property);
  out.test.op = values.size() == 1 ? ValueOp::kEq : ValueOp::kIn;
  for (std::string& value : values) out.test.values.emplace_back(std::move(value));
  return out;
}

}  // namespace

EventCondition expand(const MessageCondition& condition) {
  EventCondition out;
  out.filter.names.names.emplace_back(kMessageEvents.at(static_cast<size_t>(condition.fact)));
  const auto add = [&](std::string_view property, const std::string& value) {
    if (!value.empty()) out.filter.where.push_back(equals(property, {value}));
  };
  add("campaign_id", condition.campaign);
  add("journey_id", condition.journey);
  add(kChannelProperty, condition.channel);
  add(kTopicProperty, condition.topic);
  out.window = condition.window;
  out.count = condition.count;
  return out;
}

Standing standing_of(const ListCondition& condition) {
  return {std::string(kListAddedEvent),
          std::string(kListRemovedEvent),
          {equals(kListProperty, {to_public(condition.list)})},
          {}};
}

Standing standing_of(const TopicCondition& condition) {
  Standing out{std::string(kConsentGivenEvent), std::string(kConsentWithdrawnEvent), {}, {}};
  out.where.push_back(equals(kTopicProperty, {condition.topic, std::string(kAllTopicsValue)}));
  if (condition.channel.empty()) {
    out.each_of = kChannelProperty;
  } else {
    out.where.push_back(equals(kChannelProperty, {condition.channel}));
  }
  return out;
}

}  // namespace rapport
