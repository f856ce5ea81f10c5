#include "customers/event_json.h"

#include <boost/json.hpp>

#include "base/text.h"

namespace rapport {
namespace {

namespace json = boost::json;

/// Members of `over` win; objects on both sides are merged.
void merge_under(json::object& over, const json::object& under) {
  for (const auto& [key, value] : under) {
    json::value* own = over.if_contains(key);
    if (own == nullptr) {
      over.emplace(key, value);
    } else if (own->is_object() && value.is_object()) {
      merge_under(own->as_object(), value.as_object());
    }
  }
}

json::object parse_object(std::string_view text) {
  json::error_code failed;
  json::value value = json::parse(text, failed);
  return !failed && value.is_object() ? std::move(value.as_object()) : json::object{};
}

std::string object_member(const json::object& body, std::string_view name) {
  const json::value* value = body.if_contains(name);
  return value != nullptr && value->is_object() ? json::serialize(*value) : "{}";
}

std::string optional_time(const std::optional<Timestamp>& t) {
  return t ? json_quote(format_timestamp(*t)) : "null";
}

std::string text_or_null(std::string_view text) {
  return text.empty() ? "null" : json_quote(text);
}

}  // namespace

std::string render_event_json(Offset offset, const Event& event, CustomerId customer) {
  json::object body = parse_object(event.body);
  json::object context;
  if (json::value* own = body.if_contains("context"); own != nullptr && own->is_object()) {
    context = std::move(own->as_object());
  }
  if (!event.shared_context.empty()) merge_under(context, parse_object(event.shared_context));
  if (!event.ip.empty() && !context.contains("ip")) context["ip"] = event.ip;

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
  add("context", json::serialize(context));
  out += '}';
  return out;
}

}  // namespace rapport
