#include "customers/customer_routes.h"

#include <memory>

#include "base/error.h"
#include "customers/customer_export.h"
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

struct EventTypeWords {
  static std::vector<std::string_view> words() {
    return {"track", "identify", "page", "screen", "group", "alias"};
  }
};

struct EventBody {
  uint64_t offset = 0;
  std::string message_id;
  OneOf<EventTypeWords> type;
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

struct RevenueBody {
  std::string currency;
  std::string amount;
};
BOOST_DESCRIBE_STRUCT(RevenueBody, (), (currency, amount))

struct ValueBody {
  int64_t orders = 0;
  int64_t refunds = 0;
  std::vector<RevenueBody> revenue;
  Nullable<Timestamp> first_order_at;
  Nullable<Timestamp> last_order_at;
};
BOOST_DESCRIBE_STRUCT(ValueBody, (), (orders, refunds, revenue, first_order_at, last_order_at))

struct TraitBody {
  std::string name;
  RawJson value;
  Timestamp updated_at;
  std::string event_type;
  std::string origin;
  std::string library;
  std::string message_id;
};
BOOST_DESCRIBE_STRUCT(TraitBody, (),
                      (name, value, updated_at, event_type, origin, library, message_id))

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

CustomerFilter filter_of(const CustomerServices& s, const Request& request) {
  CustomerFilter filter;
  filter.query = request.query_value("query").value_or("");
  if (const auto segment = request.query_value("segment_id"); segment && !segment->empty()) {
    filter.among = s.members(workspace_of(request), *segment);
    if (!filter.among) throw Error::invalid("segment_id", "is not a segment of this workspace");
  }
  return filter;
}

Response list_customers(const CustomerServices& s, const Request& request) {
  const PageRequest page = parse_page(request);
  const auto slice =
      s.reader.list(workspace_of(request), filter_of(s, request), page.limit, page.cursor);
  Page<CustomerBody> body;
  for (const Customer& customer : slice.items) body.items.push_back(present(customer));
  body.next_cursor = cursor_or_null(slice.next_cursor);
  return Response::json(to_json(body));
}

Response get_customer(const CustomerServices& s, const Request& request) {
  const auto customer = s.reader.find(workspace_of(request), customer_parameter(request));
  if (!customer) throw Error::not_found("Customer");
  return Response::json(to_json(present(*customer)));
}

Response get_customer_by(const CustomerServices& s, const Request& request) {
  const auto customer = s.reader.find_by(workspace_of(request), request.parameter("kind"),
                                         request.parameter("value"));
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

Response list_customer_events(const CustomerServices& s, const Request& request) {
  const PageRequest page = parse_page(request);
  const auto customer = s.reader.find(workspace_of(request), customer_parameter(request));
  if (!customer) throw Error::not_found("Customer");
  EventListFilter filter;
  filter.customer = customer->id;
  filter.name = request.query_value("name").value_or("");
  return event_page(s.reader.events(workspace_of(request), filter, page.limit, page.cursor));
}

Response list_customer_decisions(const CustomerServices& s, const Request& request) {
  const PageRequest page = parse_page(request);
  const auto customer = s.reader.find(workspace_of(request), customer_parameter(request));
  if (!customer) throw Error::not_found("Customer");
  Page<DecisionBody> body;
  for (const auto& r : s.reader.refusals(workspace_of(request), customer->id, page.limit)) {
    body.items.push_back({r.offset, r.kind, r.value, r.reason});
  }
  return Response::json(to_json(body));
}

Response list_events(const CustomerServices& s, const Request& request) {
  const PageRequest page = parse_page(request);
  EventListFilter filter;
  filter.name = request.query_value("name").value_or("");
  filter.who = request.query_value("customer").value_or("");
  if (filter.who.size() > limits::kMaxIdentifierBytes)
    throw Error::invalid("customer", "is too long");
  if (const auto type = request.query_value("type"); type && !type->empty()) {
    const auto parsed = parse_event_type(*type);
    if (!parsed) throw Error::invalid("type", "is not an event type");
    filter.type = static_cast<uint8_t>(*parsed);
  }
  return event_page(s.reader.events(workspace_of(request), filter, page.limit, page.cursor));
}

Response list_rejected(const CustomerServices& s, const Request& request) {
  const PageRequest page = parse_page(request);
  const auto slice = s.reader.rejected(workspace_of(request), page.limit, page.cursor);
  Page<RejectedBody> body;
  for (const RejectedEvent& r : slice.items) {
    body.items.push_back(
        {std::to_string(r.offset), r.received_at, r.reason, r.field, r.message_id, r.raw});
  }
  body.next_cursor = cursor_or_null(slice.next_cursor);
  return Response::json(to_json(body));
}

Customer found_customer(const CustomerServices& s, const Request& request) {
  auto customer = s.reader.find(workspace_of(request), customer_parameter(request));
  if (!customer) throw Error::not_found("Customer");
  return std::move(*customer);
}

Response get_customer_value(const CustomerServices& s, const Request& request) {
  const CustomerValue value = s.facts.value(workspace_of(request), found_customer(s, request).id);
  ValueBody body;
  body.orders = value.orders;
  body.refunds = value.refunds;
  for (const CurrencyRevenue& r : value.revenue) body.revenue.push_back({r.currency, r.amount});
  if (value.first_order_at) body.first_order_at.emplace(*value.first_order_at);
  if (value.last_order_at) body.last_order_at.emplace(*value.last_order_at);
  return Response::json(to_json(body));
}

Response list_customer_traits(const CustomerServices& s, const Request& request) {
  const PageRequest page = parse_page(request);
  auto facts = s.facts.traits(workspace_of(request), found_customer(s, request).id, page.cursor,
                              page.limit + 1);
  Page<TraitBody> body;
  if (facts.size() > page.limit) {
    facts.resize(page.limit);
    body.next_cursor = cursor_or_null(facts.back().name);
  }
  for (const TraitFact& f : facts) {
    body.items.push_back(
        {f.name, RawJson{f.value}, f.updated_at, f.event_type, f.origin, f.library, f.message_id});
  }
  return Response::json(to_json(body));
}

Response export_customers(const CustomerServices& s, const Request& request) {
  const auto columns = parse_export_columns(request.query_value("columns").value_or(""));
  auto lines = std::make_shared<CustomerExport>(s.reader, workspace_of(request),
                                                filter_of(s, request), columns);
  s.audit.record(workspace_of(request), Actor::of(request, false), "customers.export", "",
                 request.query_value("query").value_or(""));
  Response response;
  response.content_type = "text/csv; charset=utf-8";
  response.headers.emplace_back("Content-Disposition", "attachment; filename=\"customers.csv\"");
  response.next_piece = [lines] { return lines->next(); };
  return response;
}

using CustomerHandler = Response (*)(const CustomerServices&, const Request&);

Route get_route(const std::shared_ptr<const CustomerServices>& services, std::string pattern,
                Permission permission, std::string operation, std::string summary,
                std::string schema, std::vector<QueryParameter> query, CustomerHandler handler) {
  Route route;
  route.method = "GET";
  route.pattern = std::move(pattern);
  route.permission = permission;
  route.operation_id = std::move(operation);
  route.summary = std::move(summary);
  route.tag = "customers";
  route.response_schema = std::move(schema);
  route.query = std::move(query);
  route.handler = [services, handler](const Request& request) {
    return handler(*services, request);
  };
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

RouteGroup make_customer_routes(CustomerServices customer_services) {
  const auto services = std::make_shared<const CustomerServices>(std::move(customer_services));
  RouteGroup group;
  group.schemas = {
      named_schema<CustomerBody>("Customer"),
      named_schema<Page<CustomerBody>>("CustomerPage"),
      named_schema<Page<EventBody>>("EventPage"),
      named_schema<Page<RejectedBody>>("RejectedPage"),
      named_schema<Page<DecisionBody>>("IdentityDecisionPage"),
      named_schema<ValueBody>("CustomerValue"),
      named_schema<Page<TraitBody>>("CustomerTraitPage"),
  };
  const QueryParameter query{
      "query", "beginning of an identifier, an e-mail or of words of a name; any case and accents"};
  const QueryParameter segment{"segment_id", "only members of this segment"};
  const QueryParameter columns{
      "columns",
      "comma-separated: id, email, name, first_seen, last_seen, event_count, "
      "identifier:KIND, trait:NAME"};
  const QueryParameter name{"name", "only events of this name"};
  const QueryParameter customer{"customer",
                                "a customer's id, or text that finds customers as their list does"};
  const QueryParameter type{"type", "track, identify, page, screen, group or alias"};
  using P = Permission;
  group.routes = {
      get_route(services, "/api/v1/customers", P::kCustomersRead, "listCustomers",
                "Customers, newest first", "CustomerPage", page_parameters({query, segment}),
                list_customers),
      get_route(services, "/api/v1/customers/export", P::kCustomersExport, "exportCustomers",
                "Customers as CSV, newest first", "", {query, segment, columns}, export_customers),
      get_route(services, "/api/v1/customers/{id}/value", P::kCustomersRead, "getCustomerValue",
                "What a customer has bought", "CustomerValue", {}, get_customer_value),
      get_route(services, "/api/v1/customers/{id}/traits", P::kCustomersRead, "listCustomerTraits",
                "Traits with the time and the event that set them", "CustomerTraitPage",
                page_parameters(), list_customer_traits),
      get_route(services, "/api/v1/customers/{id}", P::kCustomersRead, "getCustomer",
                "One customer; a merged id answers as its survivor", "Customer", {}, get_customer),
      get_route(services, "/api/v1/customers/by/{kind}/{value}", P::kCustomersRead,
                "getCustomerByIdentifier", "The customer that holds an identifier", "Customer", {},
                get_customer_by),
      get_route(services, "/api/v1/customers/{id}/events", P::kCustomersRead, "listCustomerEvents",
                "A customer's timeline, newest first", "EventPage", page_parameters({name}),
                list_customer_events),
      get_route(services, "/api/v1/customers/{id}/identity", P::kCustomersRead,
                "listIdentityDecisions", "Identifiers that were not linked, and why",
                "IdentityDecisionPage", page_parameters(), list_customer_decisions),
      get_route(services, "/api/v1/events", P::kEventsRead, "listEvents",
                "Events of the workspace, newest first", "EventPage",
                page_parameters({name, type, customer}), list_events),
      get_route(services, "/api/v1/rejected", P::kEventsRead, "listRejectedEvents",
                "Refused events with their reason, newest first", "RejectedPage", page_parameters(),
                list_rejected),
  };
  return group;
}

}  // namespace rapport
