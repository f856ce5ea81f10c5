#include "customers/customer_routes.h"

#include "base/error.h"
#include "http/json_schema.h"
#include "stream/event.h"

namespace rapport {
namespace {

struct IdentifierBody {
  std::string kind;
  std::string value;
  Timestamp linked_at;
  std::string reason;
  std::string message_id;
};
BOOST_DESCRIBE_STRUCT(IdentifierBody, (), (kind, value, linked_at, reason, message_id))

struct CustomerBody {
  std::string id;
  std::vector<IdentifierBody> identifiers;
  std::map<std::string, RawJson> traits;
  Timestamp first_seen;
  Timestamp last_seen;
  int64_t event_count = 0;
  std::vector<std::string> merged_from;
};
BOOST_DESCRIBE_STRUCT(CustomerBody, (),
                      (id, identifiers, traits, first_seen, last_seen, event_count, merged_from))

struct EventBody {
  uint64_t offset = 0;
  std::string message_id;
  std::string type;
  Nullable<std::string> name;
  Nullable<std::string> customer_id;
  Nullable<std::string> customer_label;
  Nullable<std::string> user_id;
  Nullable<std::string> anonymous_id;
  std::optional<std::string> group_id;
  std::optional<std::string> previous_id;
  Timestamp timestamp;
  Timestamp received_at;
  Nullable<Timestamp> original_timestamp;
  Nullable<Timestamp> sent_at;
  std::map<std::string, RawJson> properties;
  std::map<std::string, RawJson> traits;
  std::map<std::string, RawJson> context;
};
BOOST_DESCRIBE_STRUCT(EventBody, (),
                      (offset, message_id, type, name, customer_id, customer_label, user_id,
                       anonymous_id, group_id, previous_id, timestamp, received_at,
                       original_timestamp, sent_at, properties, traits, context))

struct RejectedBody {
  std::string id;
  Timestamp received_at;
  std::string reason;
  std::string field;
  std::string message_id;
  std::string raw;
};
BOOST_DESCRIBE_STRUCT(RejectedBody, (), (id, received_at, reason, field, message_id, raw))

struct DecisionBody {
  uint64_t offset = 0;
  std::string kind;
  std::string value;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(DecisionBody, (), (offset, kind, value, reason))

CustomerBody present(const Customer& customer) {
  CustomerBody body;
  body.id = to_public(customer.id);
  for (const LinkedIdentifier& i : customer.identifiers) {
    body.identifiers.push_back({i.kind, i.value, i.linked_at, i.reason, i.message_id});
  }
  for (const auto& [name, json] : customer.traits) body.traits[name] = RawJson{json};
  body.first_seen = customer.first_seen;
  body.last_seen = customer.last_seen;
  body.event_count = customer.event_count;
  for (const CustomerId id : customer.merged_from) body.merged_from.push_back(to_public(id));
  return body;
}

Nullable<std::string> cursor_or_null(std::string cursor) {
  if (cursor.empty()) return {};
  Nullable<std::string> result;
  result = std::move(cursor);
  return result;
}

CustomerId customer_parameter(const Request& request) {
  const auto id = parse_id<CustomerTag>(request.parameter("id"));
  if (!id) throw Error::not_found("Customer");
  return *id;
}

WorkspaceId workspace_of(const Request& request) {
  return WorkspaceId{request.caller.workspace};
}

Response list_customers(const CustomerReader& reader, const Request& request) {
  const PageRequest page = parse_page(request);
  const auto slice = reader.list(workspace_of(request), request.query_value("query").value_or(""),
                                 page.limit, page.cursor);
  Page<CustomerBody> body;
  for (const Customer& customer : slice.items) body.items.push_back(present(customer));
  body.next_cursor = cursor_or_null(slice.next_cursor);
  return Response::json(to_json(body));
}

Response get_customer(const CustomerReader& reader, const Request& request) {
  const auto customer = reader.find(workspace_of(request), customer_parameter(request));
  if (!customer) throw Error::not_found("Customer");
  return Response::json(to_json(present(*customer)));
}

Response get_customer_by(const CustomerReader& reader, const Request& request) {
  const auto customer =
      reader.find_by(workspace_of(request), request.parameter("kind"), request.parameter("value"));
  if (!customer) throw Error::not_found("Customer");
  return Response::json(to_json(present(*customer)));
}

/// Event JSON comes rendered: it is joined, not parsed and written again.
Response event_page(const Slice<std::string>& slice) {
  std::string body = "{\"items\":[";
  for (const std::string& item : slice.items) {
    if (body.back() != '[') body += ',';
    body += item;
  }
  body += "],\"next_cursor\":";
  body += slice.next_cursor.empty() ? "null" : json_quote(slice.next_cursor);
  return Response::json(body + "}");
}

Response list_customer_events(const CustomerReader& reader, const Request& request) {
  const PageRequest page = parse_page(request);
  const auto customer = reader.find(workspace_of(request), customer_parameter(request));
  if (!customer) throw Error::not_found("Customer");
  EventFilter filter;
  filter.customer = customer->id;
  filter.name = request.query_value("name").value_or("");
  return event_page(reader.events(workspace_of(request), filter, page.limit, page.cursor));
}

Response list_customer_decisions(const CustomerReader& reader, const Request& request) {
  const PageRequest page = parse_page(request);
  const auto customer = reader.find(workspace_of(request), customer_parameter(request));
  if (!customer) throw Error::not_found("Customer");
  Page<DecisionBody> body;
  for (const auto& r : reader.refusals(workspace_of(request), customer->id, page.limit)) {
    body.items.push_back({r.offset, r.kind, r.value, r.reason});
  }
  return Response::json(to_json(body));
}

Response list_events(const CustomerReader& reader, const Request& request) {
  const PageRequest page = parse_page(request);
  EventFilter filter;
  filter.name = request.query_value("name").value_or("");
  if (const auto type = request.query_value("type"); type && !type->empty()) {
    const auto parsed = parse_event_type(*type);
    if (!parsed) throw Error::invalid("type", "is not an event type");
    filter.type = static_cast<uint8_t>(*parsed);
  }
  return event_page(reader.events(workspace_of(request), filter, page.limit, page.cursor));
}

Response list_rejected(const CustomerReader& reader, const Request& request) {
  const PageRequest page = parse_page(request);
  const auto slice = reader.rejected(workspace_of(request), page.limit, page.cursor);
  Page<RejectedBody> body;
  for (const RejectedEvent& r : slice.items) {
    body.items.push_back(
        {std::to_string(r.offset), r.received_at, r.reason, r.field, r.message_id, r.raw});
  }
  body.next_cursor = cursor_or_null(slice.next_cursor);
  return Response::json(to_json(body));
}

using ReaderHandler = Response (*)(const CustomerReader&, const Request&);

Route get_route(const CustomerReader& reader, std::string pattern, Permission permission,
                std::string operation, std::string summary, std::string schema,
                std::vector<QueryParameter> query, ReaderHandler handler) {
  Route route;
  route.method = "GET";
  route.pattern = std::move(pattern);
  route.permission = permission;
  route.operation_id = std::move(operation);
  route.summary = std::move(summary);
  route.tag = "customers";
  route.response_schema = std::move(schema);
  route.query = std::move(query);
  route.handler = [&reader, handler](const Request& request) { return handler(reader, request); };
  return route;
}

}  // namespace

std::string customer_summary_json(const Customer& customer) {
  std::string json =
      "{\"id\":" + json_quote(to_public(customer.id)) + ",\"traits\":" + customer.traits_json();
  if (const std::string email = customer.email(); !email.empty()) {
    json += ",\"email\":" + json_quote(email);
  }
  return json + "}";
}

RouteGroup make_customer_routes(const CustomerReader& reader) {
  RouteGroup group;
  group.schemas = {
      named_schema<CustomerBody>("Customer"),
      named_schema<Page<CustomerBody>>("CustomerPage"),
      named_schema<Page<EventBody>>("EventPage"),
      named_schema<Page<RejectedBody>>("RejectedPage"),
      named_schema<Page<DecisionBody>>("IdentityDecisionPage"),
  };
  const QueryParameter query{"query", "prefix of an identifier, a name or an e-mail"};
  const QueryParameter name{"name", "only events of this name"};
  const QueryParameter type{"type", "track, identify, page, screen, group or alias"};
  using P = Permission;
  group.routes = {
      get_route(reader, "/api/v1/customers", P::kCustomersRead, "listCustomers",
                "Customers, newest first", "CustomerPage", page_parameters({query}),
                list_customers),
      get_route(reader, "/api/v1/customers/{id}", P::kCustomersRead, "getCustomer",
                "One customer; a merged id answers as its survivor", "Customer", {}, get_customer),
      get_route(reader, "/api/v1/customers/by/{kind}/{value}", P::kCustomersRead,
                "getCustomerByIdentifier", "The customer that holds an identifier", "Customer", {},
                get_customer_by),
      get_route(reader, "/api/v1/customers/{id}/events", P::kCustomersRead, "listCustomerEvents",
                "A customer's timeline, newest first", "EventPage", page_parameters({name}),
                list_customer_events),
      get_route(reader, "/api/v1/customers/{id}/identity", P::kCustomersRead,
                "listIdentityDecisions", "Identifiers that were not linked, and why",
                "IdentityDecisionPage", page_parameters(), list_customer_decisions),
      get_route(reader, "/api/v1/events", P::kEventsRead, "listEvents",
                "Events of the workspace, newest first", "EventPage", page_parameters({name, type}),
                list_events),
      get_route(reader, "/api/v1/rejected", P::kEventsRead, "listRejectedEvents",
                "Refused events with their reason, newest first", "RejectedPage", page_parameters(),
                list_rejected),
  };
  return group;
}

}  // namespace rapport
