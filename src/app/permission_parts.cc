#include "app/permission_parts.h"

#include "base/limits/permission.h"
#include "messaging/permission/own_page_routes.h"
#include "messaging/permission/permission_routes.h"
#include "messaging/permission/permission_stage.h"
#include "messaging/permission/restraint_routes.h"

namespace rapport {

PermissionParts::PermissionParts(const Needs& n)
    : needs_(n),
      topics_(n.control, n.access.audit, n.clock),
      consents_(n.state, n.customers, topics_, n.writer, n.projector, n.access.audit, n.clock,
                n.random),
      settings_(n.access.settings),
      hasher_(n.root),
      suppressions_(n.state, hasher_, n.writer, n.projector, n.access.audit, n.clock, n.random),
      gate_(n.state, topics_, settings_, hasher_, n.zones, n.writer, n.projector, n.clock,
            gate_ports()),
      links_(n.root),
      own_pages_(n.state, n.customers, topics_, consents_, n.messages, links_, n.writer,
                 n.projector, n.clock, n.random,
                 [this](WorkspaceId w) { return workspace_name(w); }),
      confirmations_(n.state, topics_, settings_, hasher_, links_, n.clock, n.random,
                     confirmation_ports()) {}

std::string PermissionParts::workspace_name(WorkspaceId workspace) const {
  const auto found = needs_.access.workspaces.find(workspace);
  return found ? found->name : std::string();
}

TopicId PermissionParts::topic_of(WorkspaceId workspace, CampaignId id) const {
  const auto campaign = sender_->find_campaign(workspace, id);
  return campaign ? parse_id<TopicTag>(campaign->plan.topic).value_or(TopicId{}) : TopicId{};
}

bool PermissionParts::is_open_topic(WorkspaceId workspace, std::string_view topic) const {
  const auto id = parse_id<TopicTag>(topic);
  const auto found = id ? topics_.find(workspace, *id) : std::nullopt;
  return found && !found->archived;
}

std::optional<TopicFacts> PermissionParts::topic_facts(WorkspaceId workspace,
                                                       std::string_view topic) const {
  const auto id = parse_id<TopicTag>(topic);
  const auto found = id ? topics_.find(workspace, *id) : std::nullopt;
  if (!found) return std::nullopt;
  TopicFacts facts;
  facts.channels = found->channels;
  if (found->message_class == MessageClass::kTransactional) {
    facts.kind = TopicKind::kAlways;
  } else if (found->default_consent == TopicDefault::kOptOut) {
    facts.kind = TopicKind::kOptOut;
  }
  return facts;
}

SendGate::Ports PermissionParts::gate_ports() {
  SendGate::Ports ports;
  ports.workspace_zone = [this](WorkspaceId w) {
    const auto found = needs_.access.workspaces.find(w);
    return found ? found->time_zone : std::string();
  };
  ports.campaign_topic = [this](WorkspaceId w,
                                CampaignId c) -> std::optional<SendGate::CampaignTopic> {
    const auto campaign = sender_->find_campaign(w, c);
    if (!campaign) return std::nullopt;
    return SendGate::CampaignTopic{topic_of(w, c), campaign->plan.transactional};
  };
  ports.waiting = [](Connection& c, WorkspaceId w, CustomerId customer, Timestamp now) {
    std::vector<SendGate::WaitingMessage> waiting;
    for (const Message& m : MessageReader::list_waiting(c, w, customer, now, limits::kMaxRivals)) {
      waiting.push_back({m.id, m.campaign, m.channel});
    }
    return waiting;
  };
  return ports;
}

ConfirmationSender::Ports PermissionParts::confirmation_ports() {
  ConfirmationSender::Ports ports;
  ports.send = [this](const Notice& notice) { return email_->send_notice(notice); };
  ports.workspace_name = [this](WorkspaceId w) { return workspace_name(w); };
  ports.default_sender = [this](WorkspaceId w) {
    const auto latest = campaigns_->list(w, {}, CampaignId{INT64_MAX}, 1).items;
    return latest.empty() ? std::string() : latest.front().campaign.from;
  };
  return ports;
}

void PermissionParts::connect(MessageSender& sender, TrackingService& tracking, EmailChannel& email,
                              CampaignService& campaigns, Dispatcher& dispatcher) {
  sender_ = &sender;
  email_ = &email;
  campaigns_ = &campaigns;
  sender.set_gate(gate_);
  dispatcher.add_handler(std::string(kConfirmationIntent), confirmations_);
  tracking.set_preferences_path([this](WorkspaceId w, CustomerId c) {
    OwnPageLink link;
    link.workspace = w;
    link.customer = c;
    return own_pages_.preferences_path(link);
  });
  tracking.set_consent([this](WorkspaceId w, CampaignId c) { return topic_of(w, c); },
                       [this](const MessageFact& fact) {
                         return consents_.refused(fact.workspace, fact.customer, fact.topic,
                                                  fact.channel);
                       });
  email.set_preferences_url([this](WorkspaceId w, CustomerId c) {
    return links_.preferences_url(w, c, needs_.clock.now());
  });
}

void PermissionParts::add_routes(Router& router) {
  const auto actor = [this](const Request& request) { return needs_.access.actor(request); };
  router.add(
      make_permission_routes({topics_, consents_, needs_.customers, needs_.access.keys, actor}));
  router.add(make_restraint_routes({suppressions_, settings_, actor}));
  router.add(make_own_page_routes(own_pages_));
}

}  // namespace rapport
