#include "messaging/permission/own_page_service.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/limits.h"
#include "base/limits/access.h"
#include "base/limits/permission.h"
#include "base/text.h"
#include "mail/address.h"
#include "messaging/permission/permission_stage.h"
#include "messaging/permission/suppression.h"
#include "stream/event.h"

namespace rapport {
namespace {

constexpr std::chrono::seconds kApplyWait{3};
constexpr std::string_view kSource = "preference_centre";

const ConsentState* state_of(const std::vector<ConsentState>& states, TopicId topic,
                             std::string_view channel) {
  for (const ConsentState& state : states) {
    if (state.topic == topic && state.channel == channel) return &state;
  }
  return nullptr;
}

std::string field(const FormFields& form, std::string_view name) {
  for (const auto& [key, value] : form) {
    if (key == name) return value;
  }
  return {};
}

/// First language of an Accept-Language that we speak.
std::string_view accepted_language(std::string_view header) {
  for (const std::string_view part : split(header, ',')) {
    const std::string_view tag = trim(part.substr(0, part.find(';')));
    const std::string lower = to_lower_ascii(tag.substr(0, 2));
    if (lower == "en" || lower == "zh" || lower == "vi") return page_language(tag);
  }
  return "en";
}

/// A trait's JSON as people read it.
std::string plain_value(std::string_view json) {
  if (json.size() < 2 || json.front() != '"') return std::string(json);
  Payload payload;
  const std::string wrapped = "{\"v\":" + std::string(json) + "}";
  if (!payload.parse(wrapped)) return std::string(json);
  return payload.text("v").value_or("");
}

std::string proof_of(const PageVisit& visit, std::optional<Timestamp> requested_at = {}) {
  return proof_json({visit.ip, visit.user_agent, {}, {}, requested_at});
}

}  // namespace

OwnPageService::OwnPageService(const StateStore& state, const CustomerReader& customers,
                               const TopicService& topics, ConsentService& consents,
                               const MessageReader& messages, const PermissionLinks& links,
                               LogWriter& writer, Projector& projector, const Clock& clock,
                               Random& random,
                               std::function<std::string(WorkspaceId)> workspace_name)
    : state_(state),
      customers_(customers),
      topics_(topics),
      consents_(consents),
      messages_(messages),
      links_(links),
      writer_(writer),
      projector_(projector),
      clock_(clock),
      random_(random),
      workspace_name_(std::move(workspace_name)) {}

std::optional<OwnPageLink> OwnPageService::open(OwnPageKind kind, std::string_view token) const {
  auto link = links_.open(kind, token, clock_.now());
  if (!link) return std::nullopt;
  const auto found = customers_.find(link->workspace, link->customer);
  if (!found) return std::nullopt;
  link->customer = found->id;
  return link;
}

Customer OwnPageService::customer(const OwnPageLink& link) const {
  auto found = customers_.find(link.workspace, link.customer);
  if (!found) throw Error::not_found("Customer");
  return std::move(*found);
}

CustomerPreferences OwnPageService::wishes(const OwnPageLink& link) const {
  return state_.read_value(
      [&](Connection& c) { return gate_store::preferences(c, link.workspace, link.customer); });
}

std::string OwnPageService::language(const OwnPageLink& link, const PageVisit& visit) const {
  if (!visit.language.empty()) return std::string(page_language(visit.language));
  if (const auto chosen = wishes(link).language; !chosen.empty()) return chosen;
  const Customer known = customer(link);
  for (const std::string_view trait : {"language", "locale"}) {
    if (const auto text = known.text_trait(trait); !text.empty()) {
      return std::string(page_language(text));
    }
  }
  return std::string(accepted_language(visit.accept_language));
}

std::vector<OfferedTopic> OwnPageService::offered(const std::vector<Topic>& topics,
                                                  const std::vector<ConsentState>& states) const {
  std::vector<OfferedTopic> rows;
  for (const Topic& topic : topics) {
    // Receipts and the like are not a matter of choice.
    if (topic.archived || topic.message_class == MessageClass::kTransactional) continue;
    for (const std::string& channel : topic.channels) {
      const ConsentState* own = state_of(states, topic.id, channel);
      const ConsentAnswer answer = judge_consent(&topic, own, state_of(states, {}, channel));
      rows.push_back(
          {&topic, channel, answer == ConsentAnswer::kAllowed, answer == ConsentAnswer::kPending});
    }
  }
  return rows;
}

PageBrand OwnPageService::brand(WorkspaceId workspace) const {
  PageBrand brand = brand_ ? brand_(workspace) : PageBrand();
  if (trim(brand.name).empty()) brand.name = workspace_name_(workspace);
  return brand;
}

PreferencesView OwnPageService::preferences(const OwnPageLink& link, const PageVisit& visit) const {
  PreferencesView view;
  view.brand = brand(link.workspace);
  view.language = language(link, visit);
  view.token = links_.token(link);
  view.address = customer(link).email();
  view.all_topics = topics_.list(link.workspace);
  view.topics = offered(*view.all_topics, consents_.states(link.workspace, link.customer));
  view.wishes = wishes(link);
  view.now = clock_.now();
  return view;
}

OwnDataView OwnPageService::own_data(const OwnPageLink& link, const PageVisit& visit) const {
  const Customer known = customer(link);
  OwnDataView view;
  view.brand = brand(link.workspace);
  view.language = language(link, visit);
  view.token = links_.token(link);
  view.since = known.first_seen;
  for (const LinkedIdentifier& i : known.identifiers) {
    if (view.facts.size() < limits::kOwnPageTraits) view.facts.emplace_back(i.kind, i.value);
  }
  for (const auto& [name, json] : known.traits) {
    if (view.facts.size() >= limits::kOwnPageTraits) break;
    view.facts.emplace_back(name, plain_value(json));
  }
  MessageFilter filter;
  filter.customer = known.id;
  filter.outcome = parse_outcome("sent");
  const auto sent =
      messages_.list_newest(link.workspace, filter, std::nullopt, limits::kOwnPageMessages);
  for (const Message& message : sent.items) {
    for (const MessageStepRecord& step : message.history) {
      if (step.step != MessageStep::kSent) continue;
      view.messages.push_back({message.subject, message.channel, step.at});
    }
  }
  view.consents = consents_.history(link.workspace, known.id, INT64_MAX, limits::kOwnPageConsents);
  return view;
}

void OwnPageService::append_and_wait(std::vector<NewEvent> events) {
  if (events.empty()) return;
  projector_.wait_applied(writer_.append(std::move(events)).last, kApplyWait);
}

NewEvent OwnPageService::identify(const Customer& known, WorkspaceId workspace,
                                  std::string_view email, std::string_view language) {
  PersonIdentifiers person;
  person.user_id = known.identifier("user_id");
  if (person.user_id.empty()) person.anonymous_id = known.identifier("anonymous_id");
  std::string context;
  if (person.user_id.empty() && person.anonymous_id.empty()) context = known.email();
  return make_identify_event(workspace, person, email, language, context, EventOrigin::kClient,
                             clock_.now(), make_uuid(random_));
}

void OwnPageService::save(const OwnPageLink& link, const PageVisit& visit, const FormFields& form) {
  const Customer known = customer(link);
  const std::string chosen_language = field(form, "language");
  const std::string shown(chosen_language.empty() ? language(link, visit)
                                                  : std::string(page_language(chosen_language)));
  std::set<std::string> ticked;
  for (const auto& [name, value] : form) {
    if (name == "topic") ticked.insert(value);
  }
  const auto topics = topics_.list(link.workspace);
  const auto states = consents_.states(link.workspace, known.id);
  std::vector<ConsentInput> changes;
  for (const OfferedTopic& row : offered(*topics, states)) {
    const bool wanted = ticked.contains(to_public(row.topic->id) + ":" + row.channel);
    if (wanted == row.on) continue;
    ConsentInput input;
    input.topic = row.topic->id;
    input.channel = row.channel;
    input.status = wanted ? ConsentStatus::kGiven : ConsentStatus::kWithdrawn;
    input.source = kSource;
    input.language = shown;
    input.actor = "customer";
    input.address = known.email();
    input.proof = proof_of(visit);
    changes.push_back(std::move(input));
  }
  consents_.record_own(link.workspace, known.id, changes);

  const CustomerPreferences before = wishes(link);
  CustomerPreferences after = before;
  after.frequency = cap_of_frequency(field(form, "frequency")) ? field(form, "frequency") : "";
  after.language = shown;
  const Timestamp now = clock_.now();
  if (const auto weeks = parse_int(field(form, "pause")); weeks) {
    after.paused_until.reset();
    if (*weeks > 0 && *weeks <= limits::kMaxPauseWeeks) {
      after.paused_until = now + std::chrono::hours(*weeks * 7 * 24);
    }
  }
  std::vector<NewEvent> events;
  if (after != before) {
    events.push_back(
        make_preferences_event(link.workspace, known.id, after, kSource, now, make_uuid(random_)));
  }
  // What is written to them follows their language, which is a trait.
  if (shown != known.text_trait("language") && shown != before.language) {
    events.push_back(identify(known, link.workspace, {}, shown));
  }
  append_and_wait(std::move(events));
}

void OwnPageService::unsubscribe_all(const OwnPageLink& link, const PageVisit& visit) {
  const Customer known = customer(link);
  std::set<std::string> channels{"email"};
  const auto topics = topics_.list(link.workspace);
  for (const Topic& topic : *topics) channels.insert(topic.channels.begin(), topic.channels.end());
  std::vector<ConsentInput> changes;
  for (const std::string& channel : channels) {
    ConsentInput input;
    input.channel = channel;
    input.status = ConsentStatus::kWithdrawn;
    input.source = kSource;
    input.language = language(link, visit);
    input.actor = "customer";
    if (channel == "email") input.address = known.email();
    input.proof = proof_of(visit);
    changes.push_back(std::move(input));
  }
  consents_.record_own(link.workspace, known.id, changes);
  // The address may belong to other profiles too; its owner said no.
  if (known.email().empty()) return;
  Suppression suppression;
  suppression.channel = "email";
  suppression.address = known.email();
  suppression.reason = "unsubscribed";
  suppression.source = kSource;
  suppression.at = clock_.now();
  std::vector<NewEvent> events;
  events.push_back(make_suppression_event(link.workspace, suppression, make_uuid(random_)));
  append_and_wait(std::move(events));
}

PageText OwnPageService::request_address(const OwnPageLink& link, const PageVisit& visit,
                                         const std::string& address) {
  const std::string wanted = normal_address(address);
  if (wanted.size() > limits::kMaxEmailBytes || !is_valid_address(wanted)) {
    return PageText::kBadAddress;
  }
  const Timestamp now = clock_.now();
  const int64_t lately = state_.read_value([&](Connection& c) {
    return consent_store::count_requests(c, link.workspace, link.customer, "email",
                                         now - std::chrono::hours(24));
  });
  if (lately >= static_cast<int64_t>(limits::kMaxConfirmationsADay)) return PageText::kTooMany;
  std::vector<NewEvent> events;
  events.push_back(make_address_request_event(link.workspace, link.customer, wanted,
                                              language(link, visit), now, make_uuid(random_)));
  append_and_wait(std::move(events));
  return PageText::kChangeSent;
}

std::optional<std::string> OwnPageService::consent_title(const OwnPageLink& link,
                                                         const PageVisit& visit) const {
  const auto request = state_.read_value(
      [&](Connection& c) { return consent_store::find_request(c, link.workspace, link.subject); });
  if (!request) return std::nullopt;
  const auto topic = topics_.find(link.workspace, request->topic);
  if (!topic || topic->archived) return std::nullopt;
  return std::string(topic->title(language(link, visit)));
}

void OwnPageService::confirm_consent(const OwnPageLink& link, const PageVisit& visit) {
  const auto request = state_.read_value(
      [&](Connection& c) { return consent_store::find_request(c, link.workspace, link.subject); });
  if (!request) return;
  const auto states = consents_.states(link.workspace, link.customer);
  const ConsentState* own = state_of(states, request->topic, request->channel);
  const ConsentState* all = state_of(states, {}, request->channel);
  const bool given = own && own->status == ConsentStatus::kGiven;
  // Confirming again, by a second click or a scanner, is no second consent.
  if (given && own->offset > request->offset && (!all || all->offset < own->offset)) return;
  ConsentInput input;
  input.topic = request->topic;
  input.channel = request->channel;
  input.source = "double_opt_in";
  input.language = language(link, visit);
  input.actor = "customer";
  input.address = request->address;
  input.proof = proof_of(visit, request->at);
  consents_.record_own(link.workspace, link.customer, {input});
}

void OwnPageService::confirm_address(const OwnPageLink& link, const PageVisit& visit) {
  const Customer known = customer(link);
  if (normal_address(known.email()) == link.text) return;
  std::vector<NewEvent> events;
  events.push_back(identify(known, link.workspace, link.text, {}));
  events.push_back(make_address_changed_event(link.workspace, known.id, link.text, proof_of(visit),
                                              clock_.now(), make_uuid(random_)));
  append_and_wait(std::move(events));
}

std::string OwnPageService::preferences_path(const OwnPageLink& link) const {
  OwnPageLink target;
  target.workspace = link.workspace;
  target.customer = link.customer;
  target.expires = clock_.now() + limits::kPreferencesLinkLifetime;
  return "/p/" + links_.token(target);
}

}  // namespace rapport
