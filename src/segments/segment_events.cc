#include "segments/segment_events.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "base/text.h"
#include "crypto/hash.h"
#include "stream/event.h"

namespace rapport {
namespace {

namespace bj = boost::json;

constexpr std::array<std::string_view, 3> kTopicKinds{"opt_in", "opt_out", "always"};

NewEvent make(WorkspaceId workspace, CustomerId customer, std::string_view name,
              std::string_view message_id, const bj::object& properties, Timestamp at,
              Timestamp now) {
  const std::string body = "{\"properties\":" + bj::serialize(properties) + "}";
  Event event;
  event.workspace = workspace;
  event.type = EventType::kTrack;
  event.origin = EventOrigin::kSystem;
  event.customer = customer;
  event.timestamp = at;
  event.received_at = now;
  event.message_id = message_id;
  event.name = name;
  event.body = body;
  return make_new_event(event);
}

bj::array to_array(std::span<const PartId> slots) {
  bj::array out;
  for (const PartId slot : slots) out.emplace_back(slot);
  return out;
}

std::string text(const bj::object& object, std::string_view member) {
  const bj::value* value = object.if_contains(member);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

bj::object definition_object(const SegmentDefinition& d) {
  bj::object referenced;
  for (const auto& [segment, json] : d.referenced) referenced[to_public(segment)] = json;
  bj::object out{{"segment_id", to_public(d.segment)},
                 {"version", d.version},
                 {"condition", d.condition_json},
                 {"referenced", std::move(referenced)},
                 {"time_zone", d.time_zone}};
  if (d.reading > 1) out["reading"] = d.reading;
  if (d.topics.empty()) return out;
  bj::object topics;
  for (const auto& [topic, facts] : d.topics) {
    bj::array channels(facts.channels.begin(), facts.channels.end());
    topics[topic] = bj::object{{"kind", kTopicKinds.at(static_cast<size_t>(facts.kind))},
                               {"channels", std::move(channels)}};
  }
  out["topics"] = std::move(topics);
  return out;
}

/// False when it is not one.
bool read_topic(const bj::key_value_pair& entry, SegmentDefinition& out) {
  if (!entry.value().is_object()) return false;
  const bj::object& object = entry.value().get_object();
  const std::string kind = text(object, "kind");
  const auto* const found = std::find(kTopicKinds.begin(), kTopicKinds.end(), kind);
  const bj::value* channels = object.if_contains("channels");
  if (found == kTopicKinds.end() || channels == nullptr || !channels->is_array()) return false;
  TopicFacts facts{static_cast<TopicKind>(found - kTopicKinds.begin()), {}};
  for (const bj::value& channel : channels->get_array()) {
    if (!channel.is_string()) return false;
    facts.channels.emplace_back(channel.get_string());
  }
  out.topics.emplace_back(std::string(entry.key()), std::move(facts));
  return true;
}

std::optional<bj::object> parse_object(std::string_view json) {
  boost::system::error_code failed;
  bj::value value = bj::parse(json, failed);
  if (failed || !value.is_object()) return std::nullopt;
  return std::move(value.as_object());
}

}  // namespace

std::string_view change_cause_name(ChangeCause cause) {
  switch (cause) {
    case ChangeCause::kEvent:
      return "event";
    case ChangeCause::kTrait:
      return "trait";
    case ChangeCause::kTime:
      return "time";
    case ChangeCause::kMerge:
      return "merge";
    case ChangeCause::kBackfill:
      return "backfill";
    case ChangeCause::kEdit:
      return "edit";
  }
  return "";
}

std::string segment_definition_json(const SegmentDefinition& definition) {
  return bj::serialize(definition_object(definition));
}

NewEvent make_segment_defined(const SegmentDefinition& d, Timestamp now) {
  const std::string id =
      to_public(d.segment) + ":defined:" + std::to_string(d.version) + ":" + d.time_zone;
  return make(d.workspace, {}, kSegmentDefinedEvent, id, definition_object(d), now, now);
}

NewEvent make_segment_removed(WorkspaceId workspace, SegmentId segment, Timestamp now) {
  return make(workspace, {}, kSegmentRemovedEvent, to_public(segment) + ":removed",
              {{"segment_id", to_public(segment)}}, now, now);
}

NewEvent make_segment_filled(const SegmentFill& fill, Timestamp now) {
  const bj::object properties{{"memberships", to_array(fill.slots)},
                              {"after", to_public(fill.after)},
                              {"through", to_public(fill.through)}};
  // The state says whether it was applied; a second try with other bounds is another event.
  const std::string id = "segment-filled:" + sha256_hex(bj::serialize(properties));
  return make(fill.workspace, {}, kSegmentFilledEvent, id, properties, now, now);
}

NewEvent make_segment_ready(WorkspaceId workspace, std::span<const PartId> slots, Timestamp now) {
  const bj::object properties{{"memberships", to_array(slots)}};
  const std::string id = "segment-ready:" + sha256_hex(bj::serialize(properties));
  return make(workspace, {}, kSegmentReadyEvent, id, properties, now, now);
}

NewEvent make_segment_change(const SegmentChange& c, std::string_view segment_name, Timestamp now) {
  bj::object properties{{"segment_id", to_public(c.segment)},
                        {"segment_name", segment_name},
                        {"change_id", c.id},
                        {"cause", change_cause_name(c.cause)}};
  if (c.cause == ChangeCause::kTrait) {
    properties["trait"] = c.detail;
  } else if (!c.detail.empty()) {
    properties["event_message_id"] = c.detail;
  }
  // What happened at which place of the log: the same however often it is tried.
  const std::string id = to_public(c.segment) + ":" + to_public(c.customer) + ":" +
                         (c.entered ? "entered:" : "left:") + std::to_string(c.offset) + ":" +
                         std::to_string(to_micros(c.at));
  return make(c.workspace, c.customer, c.entered ? kSegmentEnteredEvent : kSegmentLeftEvent, id,
              properties, c.at, now);
}

NewEvent make_time_reached(Timestamp now) {
  return make({}, {}, kTimeReachedEvent, "time:" + std::to_string(to_micros(now)), {}, now, now);
}

std::optional<SegmentDefinition> read_segment_defined(WorkspaceId workspace,
                                                      std::string_view json) {
  const auto object = parse_object(json);
  if (!object) return std::nullopt;
  SegmentDefinition d;
  d.workspace = workspace;
  const auto id = parse_id<SegmentTag>(text(*object, "segment_id"));
  const bj::value* version = object->if_contains("version");
  if (!id || version == nullptr || !version->is_number()) return std::nullopt;
  d.segment = *id;
  d.version = version->to_number<uint32_t>();
  d.condition_json = text(*object, "condition");
  d.time_zone = text(*object, "time_zone");
  if (const bj::value* referenced = object->if_contains("referenced")) {
    if (!referenced->is_object()) return std::nullopt;
    for (const auto& entry : referenced->get_object()) {
      const auto segment = parse_id<SegmentTag>(entry.key());
      if (!segment || !entry.value().is_string()) return std::nullopt;
      d.referenced.emplace_back(*segment, std::string(entry.value().get_string()));
    }
  }
  if (const bj::value* reading = object->if_contains("reading")) {
    if (!reading->is_number()) return std::nullopt;
    d.reading = reading->to_number<uint32_t>();
  }
  if (const bj::value* topics = object->if_contains("topics")) {
    if (!topics->is_object()) return std::nullopt;
    for (const auto& entry : topics->get_object()) {
      if (!read_topic(entry, d)) return std::nullopt;
    }
  }
  return d;
}

std::optional<SegmentFill> read_segment_filled(WorkspaceId workspace, std::string_view json) {
  const auto object = parse_object(json);
  const bj::value* slots = object ? object->if_contains("memberships") : nullptr;
  if (slots == nullptr || !slots->is_array()) return std::nullopt;
  SegmentFill fill;
  fill.workspace = workspace;
  for (const bj::value& slot : slots->get_array()) {
    if (!slot.is_number()) return std::nullopt;
    fill.slots.push_back(slot.to_number<PartId>());
  }
  fill.after = parse_id<CustomerTag>(text(*object, "after")).value_or(CustomerId{});
  fill.through = parse_id<CustomerTag>(text(*object, "through")).value_or(CustomerId{});
  return fill;
}

}  // namespace rapport
