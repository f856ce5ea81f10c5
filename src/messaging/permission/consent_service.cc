#include "messaging/permission/consent_service.h"

#include <algorithm>

#include "base/error.h"
#include "base/limits.h"
#include "base/limits/permission.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "mail/address.h"
#include "stream/event.h"

namespace rapport {
namespace {

constexpr std::chrono::seconds kApplyWait{5};
constexpr std::chrono::minutes kClockSkew{5};

void check_text(std::string_view field, std::string_view text, size_t max_bytes) {
  if (text.size() > max_bytes || !is_valid_utf8(text)) {
    throw Error::invalid(std::string(field),
                         "must be a text of up to " + std::to_string(max_bytes) + " bytes");
  }
}

}  // namespace

std::string proof_json(const BrowserProof& proof) {
  constexpr size_t kKept = 300;
  std::string json = "{\"ip\":" + json_quote(proof.ip) +
                     ",\"user_agent\":" + json_quote(utf8_prefix(proof.user_agent, kKept));
  if (!proof.origin.empty()) {
    json += ",\"origin\":" + json_quote(utf8_prefix(proof.origin, kKept));
  }
  if (proof.requested_at) {
    json += ",\"requested_at\":" + json_quote(format_timestamp(*proof.requested_at));
  }
  if (!proof.form.empty()) json += ",\"form\":" + std::string(proof.form);
  return json + "}";
}

void check_person(const PersonIdentifiers& person) {
  const std::pair<std::string_view, std::string_view> all[]{{"user_id", person.user_id},
                                                            {"anonymous_id", person.anonymous_id},
                                                            {"email", person.email},
                                                            {"phone", person.phone}};
  bool any = false;
  for (const auto& [field, text] : all) {
    check_text(field, text, limits::kMaxIdentifierBytes);
    any = any || !trim(text).empty();
  }
  if (!any) throw Error::invalid("user_id", "or email, phone or anonymous_id is required");
  if (!person.email.empty() && !is_valid_address(person.email)) {
    throw Error::invalid("email", "is not an e-mail address");
  }
}

ConsentService::ConsentService(const StateStore& state, const CustomerReader& customers,
                               const TopicService& topics, LogWriter& writer, Projector& projector,
                               AuditService& audit, const Clock& clock, Random& random)
    : state_(state),
      customers_(customers),
      topics_(topics),
      writer_(writer),
      projector_(projector),
      audit_(audit),
      clock_(clock),
      random_(random) {}

ConsentFact ConsentService::fact_from(WorkspaceId workspace, CustomerId customer,
                                      const ConsentInput& input) const {
  const Timestamp now = clock_.now();
  ConsentFact fact;
  fact.workspace = workspace;
  fact.customer = customer;
  fact.topic = input.topic;
  fact.channel = input.channel;
  fact.status = input.status;
  fact.at = input.at.value_or(now);
  fact.received_at = now;
  fact.source = input.source;
  fact.text = input.text;
  fact.language = input.language;
  fact.actor = input.actor;
  fact.address = input.address;
  fact.proof = input.proof;
  if (input.status == ConsentStatus::kNone) {
    throw Error::invalid("status", "must be given, withdrawn or requested");
  }
  if (fact.at > now + kClockSkew) throw Error::invalid("at", "lies in the future");
  fact.at = std::min(fact.at, now);
  if (trim(input.source).empty()) throw Error::invalid("source", "is required");
  check_text("source", input.source, limits::kMaxConsentSourceBytes);
  check_text("text", input.text, limits::kMaxConsentTextBytes);
  check_text("language", input.language, 35);
  check_text("address", input.address, limits::kMaxIdentifierBytes);
  check_text("channel", input.channel, 32);
  if (input.proof.size() > limits::kMaxConsentProofBytes ||
      (!input.proof.empty() && !input.proof.starts_with('{'))) {
    throw Error::invalid("proof", "must be an object of up to " +
                                      std::to_string(limits::kMaxConsentProofBytes) + " bytes");
  }
  if (input.topic.value == 0) {
    if (input.status != ConsentStatus::kWithdrawn) {
      throw Error::invalid("topic_id", "“all” can only be withdrawn; agree to each topic");
    }
    return fact;
  }
  const auto topic = topics_.find(workspace, input.topic);
  if (!topic) throw Error::invalid("topic_id", "there is no such topic");
  if (!topic->on_channel(input.channel)) {
    throw Error::invalid("channel", "the topic is not on this channel");
  }
  fact.topic_name = topic->name;
  if (fact.text.empty()) {
    fact.text = topic->description(page_language(input.language));
    fact.text_version = topic->version;
  } else if (fact.text == topic->description(page_language(input.language))) {
    fact.text_version = topic->version;
  }
  return fact;
}

void ConsentService::append_and_wait(std::vector<NewEvent> events) {
  const Offset last = writer_.append(std::move(events)).last;
  projector_.wait_applied(last, kApplyWait);
}

void ConsentService::record(WorkspaceId workspace, CustomerId customer, ConsentInput input,
                            const Actor& actor) {
  const auto found = customers_.find(workspace, customer);
  if (!found) throw Error::not_found("Customer");
  input.actor = actor.label;
  if (input.address.empty()) input.address = found->email();
  const ConsentFact fact = fact_from(workspace, found->id, input);
  if (fact.status == ConsentStatus::kGiven && fact.proof.size() < 3) {
    throw Error::invalid("proof", "is required: how do we know that they agreed?");
  }
  std::vector<NewEvent> events;
  events.push_back(make_consent_event(fact, make_uuid(random_)));
  append_and_wait(std::move(events));
  audit_.record(workspace, actor, "consent." + std::string(consent_status_name(fact.status)),
                to_public(found->id), topic_text(fact.topic) + " " + fact.channel);
}

void ConsentService::record_own(WorkspaceId workspace, CustomerId customer,
                                const std::vector<ConsentInput>& inputs) {
  std::vector<NewEvent> events;
  for (const ConsentInput& input : inputs) {
    events.push_back(make_consent_event(fact_from(workspace, customer, input), make_uuid(random_)));
  }
  if (!events.empty()) append_and_wait(std::move(events));
}

std::optional<CustomerId> ConsentService::find_person(WorkspaceId workspace,
                                                      const PersonIdentifiers& person) const {
  const std::pair<std::string_view, std::string_view> all[]{{"user_id", person.user_id},
                                                            {"email", person.email},
                                                            {"phone", person.phone},
                                                            {"anonymous_id", person.anonymous_id}};
  for (const auto& [kind, value] : all) {
    if (value.empty()) continue;
    if (const auto customer = customers_.find_by(workspace, kind, value)) return customer->id;
  }
  return std::nullopt;
}

NewEvent make_identify_event(WorkspaceId workspace, const PersonIdentifiers& person,
                             std::string_view email, std::string_view language,
                             std::string_view known_email, EventOrigin origin, Timestamp at,
                             std::string_view message_id) {
  std::string traits;
  const auto add = [&](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    traits += (traits.empty() ? "" : ",") + json_quote(name) + ":" + json_quote(value);
  };
  add("email", email);
  add("phone", person.phone);
  add("language", language);
  std::string body = "{\"traits\":{" + traits + "}";
  if (!known_email.empty()) {
    body += ",\"context\":{\"traits\":{\"email\":" + json_quote(known_email) + "}}";
  }
  body += "}";
  Event event;
  event.workspace = workspace;
  event.type = EventType::kIdentify;
  event.origin = origin;
  event.timestamp = event.received_at = at;
  event.message_id = message_id;
  event.user_id = person.user_id;
  event.anonymous_id = person.anonymous_id;
  event.body = body;
  return make_new_event(event);
}

NewEvent ConsentService::identify(WorkspaceId workspace, const PersonIdentifiers& person,
                                  EventOrigin origin) {
  return make_identify_event(workspace, person, person.email, {}, {}, origin, clock_.now(),
                             make_uuid(random_));
}

CustomerId ConsentService::resolve(WorkspaceId workspace, const PersonIdentifiers& person) {
  const int given =
      static_cast<int>(!person.user_id.empty()) + static_cast<int>(!person.email.empty()) +
      static_cast<int>(!person.phone.empty()) + static_cast<int>(!person.anonymous_id.empty());
  // One identifier that is known says nothing new; several may belong together from now on.
  if (given == 1) {
    if (const auto customer = find_person(workspace, person)) return *customer;
  }
  std::vector<NewEvent> events;
  events.push_back(identify(workspace, person, EventOrigin::kClient));
  const Offset last = writer_.append(std::move(events)).last;
  if (!projector_.wait_applied(last, kApplyWait)) {
    throw Error(ErrorCode::kUnavailable, "The customer is not known yet; try again")
        .with_retry_after(std::chrono::seconds(5));
  }
  const auto customer = find_person(workspace, person);
  if (!customer) throw Error::invalid("user_id", "is a value that identifies nobody");
  return *customer;
}

ConsentStatus ConsentService::record_from_form(WorkspaceId workspace,
                                               const PersonIdentifiers& person, ConsentInput input,
                                               bool trusted) {
  check_person(person);
  // Everything is judged before a customer is made of it.
  fact_from(workspace, {}, input);
  const CustomerId customer = resolve(workspace, person);
  if (input.address.empty()) input.address = person.email;
  if (input.address.empty()) {
    if (const auto found = customers_.find(workspace, customer)) input.address = found->email();
  }
  if (input.status == ConsentStatus::kGiven && !trusted) {
    const auto topic = topics_.find(workspace, input.topic);
    const bool refused = state_.read_value([&](Connection& c) {
      const auto own = consent_store::find(c, workspace, customer, input.topic, input.channel);
      const auto all = consent_store::find(c, workspace, customer, {}, input.channel);
      return (own && own->status == ConsentStatus::kWithdrawn) ||
             (all && all->status == ConsentStatus::kWithdrawn);
    });
    if (refused || (topic && topic->double_opt_in)) input.status = ConsentStatus::kRequested;
  }
  std::vector<NewEvent> events;
  events.push_back(make_consent_event(fact_from(workspace, customer, input), make_uuid(random_)));
  append_and_wait(std::move(events));
  return input.status;
}

bool ConsentService::refused(WorkspaceId workspace, CustomerId customer, TopicId topic,
                             std::string_view channel) const {
  const auto found = customers_.find(workspace, customer);
  if (!found) return false;
  return state_.read_value([&](Connection& c) {
    const auto own = consent_store::find(c, workspace, found->id, topic, channel);
    const auto all = consent_store::find(c, workspace, found->id, {}, channel);
    const bool refused_all = all && all->status == ConsentStatus::kWithdrawn;
    if (topic.value == 0) {
      // Having come back to one topic, they can refuse everything again.
      const auto states = consent_store::list(c, workspace, found->id);
      return refused_all && std::none_of(states.begin(), states.end(), [&](const ConsentState& s) {
               return s.channel == channel && s.status == ConsentStatus::kGiven &&
                      s.offset > all->offset;
             });
    }
    const bool answered = own && own->status != ConsentStatus::kRequested;
    if (answered && (!all || own->offset > all->offset)) {
      return own->status == ConsentStatus::kWithdrawn;
    }
    return refused_all;
  });
}

std::vector<ConsentState> ConsentService::states(WorkspaceId workspace, CustomerId customer) const {
  return state_.read_value(
      [&](Connection& c) { return consent_store::list(c, workspace, customer); });
}

std::vector<ConsentRecord> ConsentService::history(WorkspaceId workspace, CustomerId customer,
                                                   Offset before, size_t limit) const {
  return state_.read_value([&](Connection& c) {
    return consent_store::list_history(c, workspace, customer, before, limit);
  });
}

}  // namespace rapport
