#include "messaging/permission/permission_routes.h"

#include <memory>

#include "access/role.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/limits/permission.h"
#include "customers/collect_service.h"
#include "http/json_schema.h"
#include "http/route_builder.h"

namespace rapport {
namespace {

struct TopicInput {
  std::string name;
  std::optional<std::map<std::string, std::string>> titles;
  std::optional<std::map<std::string, std::string>> descriptions;
  std::optional<std::vector<std::string>> channels;
  std::optional<std::string> default_consent;
  std::optional<bool> double_opt_in;
  std::optional<std::string> message_class;
  std::optional<int64_t> priority;
};
BOOST_DESCRIBE_STRUCT(TopicInput, (),
                      (name, titles, descriptions, channels, default_consent, double_opt_in,
                       message_class, priority))

struct TopicBody {
  std::string id;
  std::string name;
  std::map<std::string, std::string> titles;
  std::map<std::string, std::string> descriptions;
  std::vector<std::string> channels;
  std::string default_consent;
  bool double_opt_in = false;
  std::string message_class;
  int64_t priority = 50;
  bool archived = false;
  int64_t version = 1;
  Timestamp created_at;
  Timestamp updated_at;
};
BOOST_DESCRIBE_STRUCT(TopicBody, (),
                      (id, name, titles, descriptions, channels, default_consent, double_opt_in,
                       message_class, priority, archived, version, created_at, updated_at))

/// Where a customer stands with one topic on one channel.
struct ConsentStateBody {
  std::string topic_id;
  std::string topic;
  std::string channel;
  std::string status;    // what they said: none, requested, given, withdrawn
  bool allowed = false;  // what follows from it
  Nullable<Timestamp> at;
  std::string source;
};
BOOST_DESCRIBE_STRUCT(ConsentStateBody, (), (topic_id, topic, channel, status, allowed, at, source))

struct ConsentRecordBody {
  std::string topic_id;
  std::string topic;
  std::string channel;
  std::string status;
  Timestamp at;
  Timestamp recorded_at;
  std::string source;
  std::string text;
  Nullable<int64_t> text_version;
  std::string language;
  std::string actor;
  std::string address;
  RawJson proof;
};
BOOST_DESCRIBE_STRUCT(ConsentRecordBody, (),
                      (topic_id, topic, channel, status, at, recorded_at, source, text,
                       text_version, language, actor, address, proof))

struct CustomerConsentBody {
  std::vector<ConsentStateBody> states;
  std::vector<ConsentRecordBody> history;
  Nullable<std::string> next_cursor;
};
BOOST_DESCRIBE_STRUCT(CustomerConsentBody, (), (states, history, next_cursor))

struct ConsentChange {
  std::string topic_id;
  std::optional<std::string> channel;
  std::string status;
  std::string source;
  std::optional<std::string> text;
  std::optional<std::string> language;
  std::optional<Timestamp> at;
  std::optional<std::string> address;
  std::optional<RawJson> proof;
};
BOOST_DESCRIBE_STRUCT(ConsentChange, (),
                      (topic_id, channel, status, source, text, language, at, address, proof))

struct FormConsent {
  std::optional<std::string> user_id;
  std::optional<std::string> anonymous_id;
  std::optional<std::string> email;
  std::optional<std::string> phone;
  std::string topic_id;
  std::optional<std::string> channel;
  std::optional<std::string> status;
  std::string source;
  std::optional<std::string> text;
  std::optional<std::string> language;
  std::optional<Timestamp> at;
  std::optional<RawJson> proof;
};
BOOST_DESCRIBE_STRUCT(FormConsent, (),
                      (user_id, anonymous_id, email, phone, topic_id, channel, status, source, text,
                       language, at, proof))

struct FormConsentAnswer {
  std::string status;  // "requested": a confirmation is on its way
};
BOOST_DESCRIBE_STRUCT(FormConsentAnswer, (), (status))

struct RefusedRow {
  uint64_t line = 0;
  std::string field;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(RefusedRow, (), (line, field, reason))

struct ConsentImportAnswer {
  uint64_t accepted = 0;
  uint64_t duplicates = 0;
  uint64_t refused = 0;
  std::vector<RefusedRow> rows;  // the refused ones
};
BOOST_DESCRIBE_STRUCT(ConsentImportAnswer, (), (accepted, duplicates, refused, rows))

WorkspaceId workspace_of(const Request& request) {
  return WorkspaceId{request.caller.workspace};
}

TopicId topic_parameter(const Request& request) {
  const auto id = parse_id<TopicTag>(request.parameter("id"));
  if (!id) throw Error::not_found("Topic");
  return *id;
}

Customer customer_parameter(const PermissionServices& s, const Request& request) {
  const auto id = parse_id<CustomerTag>(request.parameter("id"));
  auto customer = id ? s.customers.find(workspace_of(request), *id) : std::nullopt;
  if (!customer) throw Error::not_found("Customer");
  return std::move(*customer);
}

TopicBody present(const Topic& t) {
  TopicBody body;
  body.id = to_public(t.id);
  body.name = t.name;
  body.titles = t.titles;
  body.descriptions = t.descriptions;
  body.channels = t.channels;
  body.default_consent = topic_default_name(t.default_consent);
  body.double_opt_in = t.double_opt_in;
  body.message_class = message_class_name(t.message_class);
  body.priority = t.priority;
  body.archived = t.archived;
  body.version = t.version;
  body.created_at = t.created_at;
  body.updated_at = t.updated_at;
  return body;
}

Topic topic_from(const Request& request) {
  auto input = parse_json<TopicInput>(request.body);
  Topic topic;
  topic.workspace = workspace_of(request);
  topic.name = std::move(input.name);
  topic.titles = std::move(input.titles).value_or(LocalTexts{});
  topic.descriptions = std::move(input.descriptions).value_or(LocalTexts{});
  if (input.channels) topic.channels = std::move(*input.channels);
  topic.double_opt_in = input.double_opt_in.value_or(false);
  topic.priority = input.priority.value_or(topic.priority);
  if (input.default_consent) {
    const auto parsed = parse_topic_default(*input.default_consent);
    if (!parsed) throw Error::invalid("default_consent", "must be opt_in or opt_out");
    topic.default_consent = *parsed;
  }
  if (input.message_class) {
    const auto parsed = parse_message_class(*input.message_class);
    if (!parsed) throw Error::invalid("message_class", "must be marketing or transactional");
    topic.message_class = *parsed;
  }
  return topic;
}

Response create_topic(const PermissionServices& s, const Request& request) {
  return Response::json(to_json(present(s.topics.create(topic_from(request), s.actor(request)))),
                        201);
}

Response list_topics(const PermissionServices& s, const Request& request) {
  Page<TopicBody> body;
  const auto topics = s.topics.list(workspace_of(request));
  for (const Topic& topic : *topics) body.items.push_back(present(topic));
  return Response::json(to_json(body));
}

Response get_topic(const PermissionServices& s, const Request& request) {
  return Response::json(
      to_json(present(s.topics.get(workspace_of(request), topic_parameter(request)))));
}

Response update_topic(const PermissionServices& s, const Request& request) {
  const TopicId id = topic_parameter(request);
  s.topics.get(workspace_of(request), id);
  Topic topic = topic_from(request);
  topic.id = id;
  return Response::json(to_json(present(s.topics.update(std::move(topic), s.actor(request)))));
}

Response archive_topic(const PermissionServices& s, const Request& request) {
  s.topics.archive(workspace_of(request), topic_parameter(request), s.actor(request));
  return Response::no_content();
}

const ConsentState* state_of(const std::vector<ConsentState>& states, TopicId topic,
                             std::string_view channel) {
  for (const ConsentState& state : states) {
    if (state.topic == topic && state.channel == channel) return &state;
  }
  return nullptr;
}

ConsentStateBody present(const Topic* topic, TopicId id, std::string_view channel,
                         const ConsentState* own, const ConsentState* all) {
  ConsentStateBody body;
  body.topic_id = topic_text(id);
  body.topic = topic ? topic->name : "";
  body.channel = channel;
  body.status = consent_status_name(own ? own->status : ConsentStatus::kNone);
  body.allowed = judge_consent(topic, own, all) == ConsentAnswer::kAllowed;
  if (own) {
    body.at = own->at;
    body.source = own->source;
  }
  return body;
}

/// Every topic on each of its channels, and the refusals of everything.
std::vector<ConsentStateBody> present(const std::vector<Topic>& topics,
                                      const std::vector<ConsentState>& states) {
  std::vector<ConsentStateBody> bodies;
  for (const ConsentState& state : states) {
    if (state.topic.value != 0) continue;
    bodies.push_back(present(nullptr, {}, state.channel, &state, &state));
    bodies.back().allowed = state.status != ConsentStatus::kWithdrawn;
  }
  for (const Topic& topic : topics) {
    for (const std::string& channel : topic.channels) {
      const ConsentState* own = state_of(states, topic.id, channel);
      if (topic.archived && !own) continue;
      bodies.push_back(present(&topic, topic.id, channel, own, state_of(states, {}, channel)));
    }
  }
  return bodies;
}

ConsentRecordBody present(const ConsentRecord& record) {
  const ConsentFact& f = record.fact;
  ConsentRecordBody body{topic_text(f.topic),
                         f.topic_name,
                         f.channel,
                         std::string(consent_status_name(f.status)),
                         f.at,
                         f.received_at,
                         f.source,
                         f.text,
                         {},
                         f.language,
                         f.actor,
                         f.address,
                         RawJson{f.proof.empty() ? "{}" : f.proof}};
  if (f.text_version != 0) body.text_version = f.text_version;
  return body;
}

Response get_consent(const PermissionServices& s, const Request& request) {
  const PageRequest page = parse_page(request);
  const Customer customer = customer_parameter(s, request);
  Offset before = INT64_MAX;
  if (!page.cursor.empty()) {
    const auto cursor = parse_int(page.cursor);
    if (!cursor || *cursor <= 0) throw Error::invalid("cursor", "is not one this list gave");
    before = static_cast<Offset>(*cursor);
  }
  const WorkspaceId workspace = workspace_of(request);
  CustomerConsentBody body;
  body.states = present(*s.topics.list(workspace), s.consents.states(workspace, customer.id));
  auto history = s.consents.history(workspace, customer.id, before, page.limit + 1);
  if (history.size() > page.limit) {
    history.resize(page.limit);
    body.next_cursor = std::to_string(history.back().offset);
  }
  for (const ConsentRecord& record : history) body.history.push_back(present(record));
  return Response::json(to_json(body));
}

TopicId topic_member(std::string_view text) {
  const auto topic = parse_topic_text(text);
  if (!topic) throw Error::invalid("topic_id", "is not a topic's id");
  return *topic;
}

ConsentStatus status_member(std::string_view text) {
  const auto status = parse_consent_status(text);
  if (!status || *status == ConsentStatus::kNone) {
    throw Error::invalid("status", "must be given, withdrawn or requested");
  }
  return *status;
}

Response change_consent(const PermissionServices& s, const Request& request) {
  const Customer customer = customer_parameter(s, request);
  const auto change = parse_json<ConsentChange>(request.body);
  ConsentInput input;
  input.topic = topic_member(change.topic_id);
  input.channel = change.channel.value_or("email");
  input.status = status_member(change.status);
  input.source = change.source;
  input.text = change.text.value_or("");
  input.language = change.language.value_or("");
  input.at = change.at;
  input.address = change.address.value_or("");
  if (change.proof) input.proof = change.proof->text;
  s.consents.record(workspace_of(request), customer.id, std::move(input), s.actor(request));
  return get_consent(s, request);
}

struct FormCaller {
  WorkspaceId workspace;
  bool trusted = false;
  std::string label;
};

/// The workspace of a write key, or of a key that may record consent.
FormCaller form_caller(const PermissionServices& s, const Request& request) {
  const std::string write_key = header_write_key(request);
  if (const auto workspace = s.keys.find_ingest_workspace(write_key)) {
    return {*workspace, false, "form"};
  }
  std::string_view secret = request.header("authorization");
  if (secret.starts_with("Bearer ")) {
    secret.remove_prefix(7);
    if (const auto workspace = s.keys.find_ingest_workspace(trim(secret))) {
      return {*workspace, false, "form"};
    }
    if (const auto key = s.keys.find(trim(secret))) {
      if (allows(key->scope, Permission::kConsentWrite)) return {key->workspace, true, key->name};
      throw Error(ErrorCode::kPermissionDenied, "The API key lacks the permission consent.write.");
    }
  }
  throw Error(ErrorCode::kUnauthenticated, "Send a write key or an admin key.");
}

/// What we saw of the request ourselves stands in the proof beside what the form said.
std::string form_proof(const FormConsent& form, const Request& request) {
  BrowserProof proof{
      request.remote_ip, request.header("user-agent"), request.header("origin"), {}, {}};
  if (form.proof) {
    if (!form.proof->text.starts_with('{')) throw Error::invalid("proof", "must be an object");
    proof.form = form.proof->text;
  }
  return proof_json(proof);
}

Response record_form(const PermissionServices& s, const Request& request) {
  const FormCaller caller = form_caller(s, request);
  const auto form = parse_json<FormConsent>(request.body);
  const PersonIdentifiers person{form.user_id.value_or(""), form.anonymous_id.value_or(""),
                                 form.email.value_or(""), form.phone.value_or("")};
  ConsentInput input;
  input.topic = topic_member(form.topic_id);
  input.channel = form.channel.value_or("email");
  input.status = status_member(form.status.value_or("given"));
  input.source = form.source;
  input.text = form.text.value_or("");
  input.language = form.language.value_or("");
  input.at = form.at;
  input.actor = caller.label;
  input.proof = form_proof(form, request);
  const ConsentStatus recorded =
      s.consents.record_from_form(caller.workspace, person, std::move(input), caller.trusted);
  return with_cors(
      request,
      Response::json(to_json(FormConsentAnswer{std::string(consent_status_name(recorded))}), 202));
}

Response import_consents(const PermissionServices& s, const Request& request) {
  const ConsentImport outcome =
      s.consents.import_csv(workspace_of(request), request.body, s.actor(request));
  ConsentImportAnswer answer{outcome.accepted, outcome.duplicates, outcome.refused.size(), {}};
  for (const auto& row : outcome.refused) {
    if (answer.rows.size() == limits::kMaxPage) break;
    answer.rows.push_back({row.line, row.field, row.reason});
  }
  return Response::json(to_json(answer));
}

using PermissionRoutes = RouteBuilder<PermissionServices>;

void add_topic_routes(PermissionRoutes& b) {
  using P = Permission;
  Route* route = &b.add("GET", "/api/v1/topics", P::kCampaignsRead, "listTopics",
                        "Subscription topics, oldest first", list_topics);
  route->response_schema = "TopicPage";
  route = &b.add("POST", "/api/v1/topics", P::kCampaignsWrite, "createTopic",
                 "Create a subscription topic", create_topic);
  route->request_schema = "TopicInput";
  route->response_schema = "Topic";
  route->success_status = 201;
  route =
      &b.add("GET", "/api/v1/topics/{id}", P::kCampaignsRead, "getTopic", "One topic", get_topic);
  route->response_schema = "Topic";
  route = &b.add("PUT", "/api/v1/topics/{id}", P::kCampaignsWrite, "updateTopic",
                 "Change a topic; its text gets a new version", update_topic);
  route->request_schema = "TopicInput";
  route->response_schema = "Topic";
  route = &b.add("DELETE", "/api/v1/topics/{id}", P::kCampaignsWrite, "archiveTopic",
                 "Archive a topic; what people agreed to stays on record", archive_topic);
  route->success_status = 204;
}

void add_consent_routes(PermissionRoutes& b) {
  using P = Permission;
  Route* route =
      &b.add("GET", "/api/v1/customers/{id}/consent", P::kCustomersRead, "getConsent",
             "Where a customer stands with each topic, and how they came there", get_consent);
  route->response_schema = "CustomerConsent";
  route->query = page_parameters();
  route = &b.add("POST", "/api/v1/customers/{id}/consent", P::kConsentWrite, "changeConsent",
                 "Record what a customer said, with proof", change_consent);
  route->request_schema = "ConsentChange";
  route->response_schema = "CustomerConsent";
  route = &b.add("POST", "/api/v1/consents", P::kIngest, "recordConsent",
                 "Record consent from a form, with a write key or an admin key", record_form);
  route->request_schema = "FormConsent";
  route->response_schema = "FormConsentAnswer";
  route->success_status = 202;
  route->max_body_bytes = limits::kMaxEventBytes;
  route = &b.add("POST", "/api/v1/consents/import", P::kConsentWrite, "importConsents",
                 "Import consents with their proof from CSV", import_consents);
  route->response_schema = "ConsentImportAnswer";
  route->max_body_bytes = limits::kMaxConsentImportBytes;
  Route& preflight = b.add("OPTIONS", "/api/v1/consents", P::kIngest, "", "",
                           [](const PermissionServices&, const Request& request) {
                             return with_cors(request, Response::no_content());
                           });
  preflight.tag.clear();
}

}  // namespace

RouteGroup make_permission_routes(PermissionServices services) {
  PermissionRoutes builder(std::move(services), "permission");
  add_topic_routes(builder);
  add_consent_routes(builder);
  return builder.take({named_schema<TopicInput>("TopicInput"), named_schema<TopicBody>("Topic"),
                       named_schema<Page<TopicBody>>("TopicPage"),
                       named_schema<CustomerConsentBody>("CustomerConsent"),
                       named_schema<ConsentChange>("ConsentChange"),
                       named_schema<FormConsent>("FormConsent"),
                       named_schema<FormConsentAnswer>("FormConsentAnswer"),
                       named_schema<ConsentImportAnswer>("ConsentImportAnswer")});
}

}  // namespace rapport
