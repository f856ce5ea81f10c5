#include "customers/event_json.h"

#include "base/text.h"
#include "stream/payload.h"

namespace rapport {
namespace {

std::string object_member(const Payload& body, std::string_view name) {
  auto json = body.json(name);
  return json && json->starts_with('{') ? std::move(*json) : "{}";
}

std::string context_of(const Payload& body, const Event& event) {
  std::string context = object_member(body, "context");
  if (!event.shared_context.empty()) context = merge_json_under(context, event.shared_context);
  if (!event.ip.empty()) {
    context = merge_json_under(context, "{\"ip\":" + json_quote(event.ip) + "}");
  }
  return context;
}

std::string optional_time(const std::optional<Timestamp>& t) {
  return t ? json_quote(format_timestamp(*t)) : "null";
}

std::string text_or_null(std::string_view text) {
  return text.empty() ? "null" : json_quote(text);
}

}  // namespace

std::string render_event_json(Offset offset, const Event& event, CustomerId customer,
                              std::string_view label) {
  Payload body;
  body.parse(event.body);
  std::string out = "{\"offset\":" + std::to_string(offset);
  const auto add = [&out](std::string_view name, const std::string& value) {
    out += ",\"";
    out += name;
    out += "\":";
    out += value;
  };
  add("message_id", json_quote(event.message_id));
  add("type", json_quote(event_type_name(event.type)));
  add("name", text_or_null(event.name));
  add("customer_id", customer.value == 0 ? "null" : json_quote(to_public(customer)));
  add("customer_label", text_or_null(label));
  add("user_id", text_or_null(event.user_id));
  add("anonymous_id", text_or_null(event.anonymous_id));
  if (event.type == EventType::kGroup) add("group_id", json_quote(event.related_id));
  if (event.type == EventType::kAlias) add("previous_id", json_quote(event.related_id));
  add("timestamp", json_quote(format_timestamp(event.timestamp)));
  add("received_at", json_quote(format_timestamp(event.received_at)));
  add("original_timestamp", optional_time(event.original_timestamp));
  add("sent_at", optional_time(event.sent_at));
  add("properties", object_member(body, "properties"));
  add("traits", object_member(body, "traits"));
  add("context", context_of(body, event));
  out += '}';
  return out;
}

}  // namespace rapport
