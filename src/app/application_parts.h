// Everything an Application is made of, and what it does with it. Internal to app/: the parts are
// put together in application.cc and serve in application_serving.cc.
#pragma once

#include <atomic>
#include <filesystem>
#include <optional>
#include <thread>
#include "access/access_services.h"
#include "app/application.h"
#include "app/campaign_wiring.h"
#include "app/console_routes.h"
#include "app/data_folder.h"
#include "app/live_hub.h"
#include "app/live_topics.h"
#include "app/operations_routes.h"
#include "app/permission_parts.h"
#include "app/program_parts.h"
#include "app/setup_server.h"
#include "base/error.h"
#include "base/limits/delivery.h"
#include "base/text.h"
#include "crypto/secret_key.h"
#include "customers/activity_reader.h"
#include "customers/collect_service.h"
#include "customers/customer_facts.h"
#include "customers/identity_service.h"
#include "customers/identity_stage.h"
#include "customers/import/import_jobs.h"
#include "customers/profile_stage.h"
#include "customers/rejected_stage.h"
#include "customers/vocabulary.h"
#include "http/egress.h"
#include "http/openapi.h"
#include "http/server.h"
#include "journeys/journey_service.h"
#include "mail/dns.h"
#include "mail/smtp_sink.h"
#include "messaging/campaign_launcher.h"
#include "messaging/campaign_service.h"
#include "messaging/campaigns/campaign_stage.h"
#include "messaging/campaigns/conversion_teller.h"
#include "messaging/campaigns/report.h"
#include "messaging/campaigns/single_messages.h"
#include "messaging/content/content_routes.h"
#include "messaging/delivery/hook_service.h"
#include "messaging/delivery/inbound_service.h"
#include "messaging/delivery/mailbox_service.h"
#include "messaging/delivery/provider_service.h"
#include "messaging/delivery/sending_domain.h"
#include "messaging/email_channel.h"
#include "messaging/email_provider.h"
#include "messaging/message_content.h"
#include "messaging/message_queue.h"
#include "messaging/message_reader.h"
#include "messaging/message_sender.h"
#include "messaging/message_stage.h"
#include "messaging/permission/permission_stage.h"
#include "messaging/permission/recipient_zone.h"
#include "messaging/test_message.h"
#include "messaging/tracking.h"
#include "messaging/tracking_service.h"
#include "runtime/log.h"
#include "segments/list_service.h"
#include "segments/list_stage.h"
#include "segments/segment_functions.h"
#include "segments/segment_insight.h"
#include "segments/segment_service.h"
#include "segments/segment_worker.h"
#include "stream/dispatcher.h"

namespace rapport {

// In the order of their floors; destroyed from the top down.
struct Application::Parts {
  explicit Parts(const Config& config);

  void start();
  void stop();
  Router make_router();
  void serve();
  void maintain();
  std::string readiness() const;
  OverviewFigures overview(WorkspaceId workspace) const;
  SystemFigures system_figures() const;
  void add_gauges();
  std::string public_url() const;
  std::string time_zone_of(WorkspaceId workspace) const;
  std::optional<std::vector<CustomerId>> segment_members(WorkspaceId workspace,
                                                         std::string_view id) const;
  std::string public_url_shown() const;
  std::string fetch_for_hook(const std::string& url) const;
  void listen_for_mail();

  Config config;
  DataFolder folder;
  FolderLock lock;
  SystemClock clock;
  SystemRandom random;
  MetricsRegistry metrics;
  SecretKey root;
  std::unique_ptr<StateStore> control;
  std::unique_ptr<StateStore> state;
  std::unique_ptr<StateStore> sandbox_store;
  std::unique_ptr<EventLog> log;
  std::unique_ptr<MessageIndex> message_ids;
  std::unique_ptr<Warehouse> warehouse;

  IdentityStage identity_stage;
  ProfileStage profile_stage;
  RejectedStage rejected_stage;
  MessageStage message_stage;
  CampaignStage campaign_stage;
  SegmentMemberships memberships;
  SegmentStage segment_stage;
  ListStage list_stage;
  PermissionStage permission_stage;
  LogWriter writer;
  Projector projector;

  AccessServices access;
  CustomerReader customers;
  ActivityReader activity;
  CustomerFacts customer_facts;
  Vocabulary vocabulary;
  IdentityService identity;
  CollectService collect;
  ImportJobs imports;
  Summaries summaries;
  SegmentEvaluator evaluator;
  SegmentService segments;
  SegmentWorker segment_worker;
  SegmentInsight segment_insight;
  ListService lists;

  ZoneTable zones;
  ContentParts content;
  MessageReader messages;
  PermissionParts permission;
  LinkSigner signer;
  EmailProviderService providers;
  SandboxMailbox sandbox;
  SendingDomainService sending_domains;
  ProviderService provider_list;
  ReturnPathSigner return_paths;
  MailTransport transport;
  EmailChannel email;
  JustSent just_sent;
  MessageSender sender;
  CampaignReporter reporter;
  SingleMessages singles;
  MessageQueue queue;
  CampaignService campaigns;
  JourneyService journeys;
  TestMessages test_messages;
  MessageContents message_contents;
  CampaignLauncher launcher;
  ConversionTeller conversions;
  FeedbackService feedback;
  InboundService inbound;
  HookService hooks;
  MailboxService mailboxes;
  SystemDns dns;
  TrackingService tracking;
  InFlightJournal in_flight;
  Dispatcher dispatcher;

  LiveHub live{clock, caller_may};
  Timestamp started_at{};
  std::shared_ptr<std::string> openapi = std::make_shared<std::string>();
  std::optional<HttpServer> server;
  std::optional<SmtpSink> mail_listener;
  bool started = false;
  std::atomic<bool> ready{false};
  std::atomic<bool> stopping{false};
  std::mutex maintenance_mutex;
  std::condition_variable maintenance_wake;
  std::thread maintenance;
  std::thread starter;
};

}  // namespace rapport
