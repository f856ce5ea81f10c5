#include "segments/customer_list.h"

#include "base/text.h"
#include "segments/standing.h"
#include "stream/event.h"

namespace rapport {
namespace {

NewEvent make(WorkspaceId workspace, CustomerId customer, std::string_view name,
              const std::string& message_id, const std::string& properties, Timestamp now) {
  const std::string body = "{\"properties\":" + properties + "}";
  Event event;
  event.workspace = workspace;
  event.type = EventType::kTrack;
  event.origin = EventOrigin::kSystem;
  event.customer = customer;
  event.timestamp = event.received_at = now;
  event.message_id = message_id;
  event.name = name;
  event.body = body;
  return make_new_event(event);
}

}  // namespace

NewEvent make_list_change(const CustomerList& list, CustomerId customer, bool added, Timestamp now,
                          std::string_view occurrence) {
  const std::string id = to_public(list.id);
  const std::string properties = "{" + json_quote(kListProperty) + ":" + json_quote(id) +
                                 ",\"list_name\":" + json_quote(list.name) + "}";
  return make(
      list.workspace, customer, added ? kListAddedEvent : kListRemovedEvent,
      id + ":" + to_public(customer) + (added ? ":added:" : ":removed:") + std::string(occurrence),
      properties, now);
}

NewEvent make_list_deleted(WorkspaceId workspace, ListId list, Timestamp now) {
  const std::string id = to_public(list);
  return make(workspace, {}, kListDeletedEvent, id + ":deleted",
              "{" + json_quote(kListProperty) + ":" + json_quote(id) + "}", now);
}

}  // namespace rapport
