#include "segments/standing.h"

#include <algorithm>
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
  out.filter.own = true;
  out.filter.names.names.emplace_back(kMessageEvents.at(static_cast<size_t>(condition.fact)));
  const auto add = [&](std::string_view property, const std::string& value) {
    if (!value.empty()) out.filter.where.push_back(equals(property, {value}));
  };
  add("campaign_id", condition.campaign);
  add("journey_id", condition.journey);
  add(kChannelProperty, condition.channel);
  add(kTopicProperty, condition.topic);
  // What a mail gateway or a picture proxy opened says nothing of the person.
  if (condition.fact == MessageFactKind::kOpened || condition.fact == MessageFactKind::kClicked) {
    PropertyTest person;
    person.property.segments.emplace_back("machine");
    person.test.op = ValueOp::kNotExists;
    out.filter.where.push_back(std::move(person));
  }
  out.window = condition.window;
  out.count = condition.count;
  return out;
}

Standing standing_of(const ListCondition& condition) {
  return {std::string(kListAddedEvent),
          std::string(kListRemovedEvent),
          {equals(kListProperty, {to_public(condition.list)})}};
}

std::vector<TopicTrack> topic_tracks(const TopicCondition& condition) {
  const auto track = [&](std::vector<std::string> names, const PropertyTest& topic, bool about_all,
                         bool given) {
    TopicTrack out{{{false, std::move(names)}, {topic}, true}, about_all, given};
    if (!condition.channel.empty()) {
      out.filter.where.push_back(equals(kChannelProperty, {condition.channel}));
    }
    return out;
  };
  const std::vector<std::string> given{std::string(kConsentGivenEvent)};
  const std::vector<std::string> refused{std::string(kConsentWithdrawnEvent),
                                         std::string(kUnsubscribedEvent)};
  const PropertyTest own = equals(kTopicProperty, {condition.topic});
  const PropertyTest all = equals(kTopicProperty, {std::string(kAllTopicsValue)});
  PropertyTest none = all;
  none.test.op = ValueOp::kNotExists;
  none.test.values.clear();
  return {track(given, own, false, true), track(refused, own, false, false),
          track(given, all, true, true), track(refused, all, true, false),
          track({std::string(kUnsubscribedEvent)}, none, true, false)};
}

std::vector<EventFilter> topic_filters_of_reading_1(const TopicCondition& condition) {
  std::vector<EventFilter> out;
  for (const std::string_view name : {kConsentGivenEvent, kConsentWithdrawnEvent}) {
    EventFilter filter;
    filter.names.names.emplace_back(name);
    filter.where.push_back(equals(kTopicProperty, {condition.topic, std::string(kAllTopicsValue)}));
    if (!condition.channel.empty()) {
      filter.where.push_back(equals(kChannelProperty, {condition.channel}));
    }
    out.push_back(std::move(filter));
  }
  return out;
}

std::vector<std::string> topic_channels(const TopicCondition& condition) {
  if (!condition.channel.empty()) return {condition.channel};
  if (condition.channels.empty() && allowed_unasked(condition)) return {"email"};
  return condition.channels;
}

bool allowed_unasked(const TopicCondition& condition) {
  return condition.kind.value_or(TopicKind::kOptIn) != TopicKind::kOptIn;
}

void TopicLedger::add(std::string_view channel, const TopicTrack& said) {
  const std::string_view key = condition_.channel.empty() ? channel : condition_.channel;
  auto found = channels_.find(key);
  if (found == channels_.end()) found = channels_.emplace(std::string(key), Said{}).first;
  if (said.about_all) {
    found->second.all_refused = !said.given;
    found->second.all_after_own = true;
  } else {
    found->second.own = said.given;
    found->second.all_after_own = false;
  }
}

bool TopicLedger::allowed(const Said& said) const {
  if (said.all_refused && (!said.own || said.all_after_own)) return false;
  return said.own.value_or(allowed_unasked(condition_));
}

bool TopicLedger::allowed() const {
  if (condition_.kind == TopicKind::kAlways) return true;
  const std::vector<std::string> wanted = topic_channels(condition_);
  if (wanted.empty()) {
    return std::any_of(channels_.begin(), channels_.end(),
                       [&](const auto& entry) { return allowed(entry.second); });
  }
  return std::any_of(wanted.begin(), wanted.end(), [&](const std::string& channel) {
    const auto found = channels_.find(channel);
    return allowed(found == channels_.end() ? Said{} : found->second);
  });
}

}  // namespace rapport
