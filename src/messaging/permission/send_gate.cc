#include "messaging/permission/send_gate.h"

#include <algorithm>

#include "messaging/permission/consent_store.h"
#include "messaging/permission/gate_store.h"

namespace rapport {
namespace {

const Topic* topic_of(const std::vector<Topic>& topics, TopicId id) {
  const auto found =
      std::find_if(topics.begin(), topics.end(), [&](const Topic& t) { return t.id == id; });
  return found == topics.end() ? nullptr : &*found;
}

const ConsentState* state_of(const std::vector<ConsentState>& states, TopicId topic,
                             std::string_view channel) {
  for (const ConsentState& state : states) {
    if (state.topic == topic && state.channel == channel) return &state;
  }
  return nullptr;
}

}  // namespace

SendGate::SendGate(const StateStore& state, const TopicService& topics,
                   const PermissionSettingsService& settings, const AddressHasher& hasher,
                   ZoneTable& zones, LogWriter& writer, Projector& projector, const Clock& clock,
                   Ports ports)
    : state_(state),
      topics_(topics),
      settings_(settings),
      hasher_(hasher),
      zones_(zones),
      writer_(writer),
      projector_(projector),
      clock_(clock),
      ports_(std::move(ports)) {}

SendDecision SendGate::admit(const GateRequest& request, const Customer& customer) {
  Stripe& stripe = stripes_[std::hash<CustomerId>()(customer.id) % kStripes];
  SendDecision decision;
  {
    const std::lock_guard lock(stripe.mutex);
    const auto found = stripe.taken.find(customer.id);
    static const std::vector<SendSlot> kNone;
    const std::vector<SendSlot>& taken = found == stripe.taken.end() ? kNone : found->second;
    decision = state_.read_value([&](Connection& c) { return judge(c, request, customer, taken); });
    if (decision.verdict == SendVerdict::kSend && decision.takes_slot) {
      stripe.taken[customer.id].push_back(
          {request.message, request.channel, request.topic, std::nullopt});
    }
  }
  if (decision.verdict == SendVerdict::kSend && decision.takes_slot) {
    record(request, customer.id, stripe);
  }
  return decision;
}

void SendGate::record(const GateRequest& request, CustomerId customer, Stripe& stripe) {
  std::vector<NewEvent> events;
  events.push_back(make_admitted_event(request.workspace, customer, request.message,
                                       request.channel, request.topic, clock_.now()));
  try {
    const Offset last = writer_.append(std::move(events)).last;
    // Held in memory until readers of the state see it there.
    projector_.when_applied(last, [&stripe, customer, message = request.message] {
      give_back(stripe, customer, message);
    });
  } catch (...) {
    give_back(stripe, customer, request.message);
    throw;
  }
}

void SendGate::give_back(Stripe& stripe, CustomerId customer, MessageId message) {
  const std::lock_guard lock(stripe.mutex);
  const auto found = stripe.taken.find(customer);
  if (found == stripe.taken.end()) return;
  std::erase_if(found->second, [&](const SendSlot& slot) { return slot.message == message; });
  if (found->second.empty()) stripe.taken.erase(found);
}

SendDecision SendGate::judge(Connection& state, const GateRequest& request,
                             const Customer& customer, const std::vector<SendSlot>& taken) const {
  const WorkspaceId workspace = request.workspace;
  DecisionInput in;
  in.now = clock_.now();
  in.message = request.message;
  in.channel = request.channel;
  in.topic_id = request.topic;
  in.queued_at = request.queued_at;
  in.suppression =
      suppression_store::find_reason(state, workspace, request.channel, request.address,
                                     hasher_.hash(workspace, request.channel, request.address));
  const auto topics = topics_.list(workspace);
  in.topic = request.topic.value == 0 ? nullptr : topic_of(*topics, request.topic);
  in.transactional = request.transactional ||
                     (in.topic && in.topic->message_class == MessageClass::kTransactional);
  if (in.transactional) return decide(in);

  const auto settings = settings_.get(workspace);
  in.hold_over_cap = settings->hold_over_cap;
  in.max_hold = settings->max_hold();
  const auto consents = consent_store::list(state, workspace, customer.id);
  in.own = request.topic.value == 0 ? nullptr : state_of(consents, request.topic, request.channel);
  in.all = state_of(consents, {}, request.channel);
  const auto wishes = gate_store::preferences(state, workspace, customer.id);
  in.paused_until = wishes.paused_until;
  in.quiet = quiet_hours_of(settings->quiet_hours, request.channel);
  std::shared_ptr<const TimeZone> zone;
  if (in.quiet) {
    const std::string fallback = ports_.workspace_zone ? ports_.workspace_zone(workspace) : "";
    zone = zones_.zone_of(
        zone_evidence(customer, gate_store::zone(state, workspace, customer.id), fallback));
    in.zone = zone.get();
  }
  add_caps(state, request, customer.id, *settings, wishes.frequency, taken, in);
  return decide(in);
}

void SendGate::add_caps(Connection& state, const GateRequest& request, CustomerId customer,
                        const PermissionSettings& settings, std::string_view frequency,
                        const std::vector<SendSlot>& taken, DecisionInput& in) const {
  in.caps = settings.caps;
  if (const auto own = cap_of_frequency(frequency)) in.caps.push_back(*own);
  if (in.caps.empty()) return;
  Micros longest{};
  for (const Cap& cap : in.caps) longest = std::max(longest, cap.window);
  in.slots = gate_store::slots(state, request.workspace, customer, in.now - longest);
  for (const SendSlot& slot : taken) {
    const bool known = std::any_of(in.slots.begin(), in.slots.end(), [&](const SendSlot& stored) {
      return stored.message == slot.message;
    });
    if (!known) in.slots.push_back(slot);
  }
  in.priority = in.topic ? in.topic->priority : kDefaultPriority;
  if (is_outranked(request.workspace, in.priority)) in.rivals = rivals(state, request, customer);
}

// Looking for rivals reads the customer's messages: only where one may be more important.
bool SendGate::is_outranked(WorkspaceId workspace, int64_t priority) const {
  if (kDefaultPriority > priority) return true;
  const auto topics = topics_.list(workspace);
  return std::any_of(topics->begin(), topics->end(),
                     [&](const Topic& topic) { return topic.priority > priority; });
}

std::vector<Rival> SendGate::rivals(Connection& state, const GateRequest& request,
                                    CustomerId customer) const {
  std::vector<Rival> found;
  if (!ports_.waiting || !ports_.campaign_topic) return found;
  const auto topics = topics_.list(request.workspace);
  for (const WaitingMessage& waiting :
       ports_.waiting(state, request.workspace, customer, clock_.now())) {
    if (waiting.message == request.message) continue;
    const auto about = ports_.campaign_topic(request.workspace, waiting.campaign);
    if (!about || about->transactional) continue;
    const Topic* topic = topic_of(*topics, about->topic);
    if (topic && topic->message_class == MessageClass::kTransactional) continue;
    found.push_back({waiting.message, waiting.channel, about->topic,
                     topic ? topic->priority : kDefaultPriority});
  }
  return found;
}

}  // namespace rapport
