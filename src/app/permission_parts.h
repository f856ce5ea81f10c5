// PermissionParts: topics, consent, suppression, the send gate and the customers' own pages, made
// and wired to the rest of messaging. Made once; see the parts for how they may be used at once.
#pragma once

#include "access/access_services.h"
#include "http/router.h"
#include "messaging/campaign_service.h"
#include "messaging/email_channel.h"
#include "messaging/message_sender.h"
#include "messaging/permission/confirmation_sender.h"
#include "messaging/permission/own_page_service.h"
#include "messaging/permission/send_gate.h"
#include "messaging/permission/suppression_service.h"
#include "messaging/tracking_service.h"
#include "runtime/random.h"
#include "segments/segment_references.h"

namespace rapport {

class PermissionParts {
 public:
  struct Needs {
    StateStore& control;
    const StateStore& state;
    AccessServices& access;
    const CustomerReader& customers;
    const MessageReader& messages;
    LogWriter& writer;
    Projector& projector;
    const SecretKey& root;
    ZoneTable& zones;
    const Clock& clock;
    Random& random;
  };

  explicit PermissionParts(const Needs& needs);

  /// Connects the gate, the links and the confirmations. Before anything is sent.
  void connect(MessageSender& sender, TrackingService& tracking, EmailChannel& email,
               CampaignService& campaigns, Dispatcher& dispatcher);
  /// Whether a campaign may be about it: the id of a topic that is not archived.
  bool is_open_topic(WorkspaceId workspace, std::string_view topic) const;
  /// What a campaign is about; 0: no topic.
  TopicId topic_of(WorkspaceId workspace, CampaignId campaign) const;
  /// What a condition about the topic asks; null when there is none.
  std::optional<TopicFacts> topic_facts(WorkspaceId workspace, std::string_view topic) const;
  void on_topic_change(std::function<void()> told) { topics_.on_change(std::move(told)); }
  void set_public_url(const std::string& url) { links_.set_public_url(url); }
  void set_brand(std::function<PageBrand(WorkspaceId)> brand) {
    own_pages_.set_brand(std::move(brand));
  }
  void add_routes(Router& router);

 private:
  SendGate::Ports gate_ports();
  ConfirmationSender::Ports confirmation_ports();
  std::string workspace_name(WorkspaceId workspace) const;
  const Needs needs_;
  MessageSender* sender_ = nullptr;  // the last three from `connect` on
  EmailChannel* email_ = nullptr;
  CampaignService* campaigns_ = nullptr;
  TopicService topics_;
  ConsentService consents_;
  PermissionSettingsService settings_;
  AddressHasher hasher_;
  SuppressionService suppressions_;
  SendGate gate_;
  PermissionLinks links_;
  OwnPageService own_pages_;
  ConfirmationSender confirmations_;
};

}  // namespace rapport
