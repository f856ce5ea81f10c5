#include "app/application.h"

#include <atomic>
#include <filesystem>
#include <optional>
#include <thread>

#include "access/access_routes.h"
#include "access/access_services.h"
#include "app/campaign_wiring.h"
#include "app/console_routes.h"
#include "app/data_folder.h"
#include "app/live_hub.h"
#include "app/live_topics.h"
#include "app/operations_routes.h"
#include "app/permission_parts.h"
#include "app/program_parts.h"
#include "app/provider_test_routes.h"
#include "app/setup_server.h"
#include "base/error.h"
#include "base/limits/delivery.h"
#include "base/text.h"
#include "crypto/secret_key.h"
#include "customers/activity_reader.h"
#include "customers/collect_routes.h"
#include "customers/customer_routes.h"
#include "customers/identity_routes.h"
#include "customers/identity_stage.h"
#include "customers/import_routes.h"
#include "customers/profile_stage.h"
#include "customers/rejected_stage.h"
#include "customers/vocabulary_routes.h"
#include "http/egress.h"
#include "http/openapi.h"
#include "http/server.h"
#include "mail/smtp_sink.h"
#include "messaging/campaign_launcher.h"
#include "messaging/campaign_routes.h"
#include "messaging/campaigns/campaign_stage.h"
#include "messaging/campaigns/report_routes.h"
#include "messaging/campaigns/single_message_routes.h"
#include "messaging/content/content_routes.h"
#include "messaging/delivery/deliverability_routes.h"
#include "messaging/delivery/hook_service.h"
#include "messaging/delivery/inbound_service.h"
#include "messaging/delivery/mailbox_service.h"
#include "messaging/email_channel.h"
#include "messaging/message_queue.h"
#include "messaging/message_sender.h"
#include "messaging/message_stage.h"
#include "messaging/messaging_routes.h"
#include "messaging/permission/permission_stage.h"
#include "messaging/permission/recipient_zone.h"
#include "messaging/test_message.h"
#include "messaging/tracking_routes.h"
#include "runtime/log.h"
#include "segments/list_routes.h"
#include "segments/list_stage.h"
#include "segments/segment_functions.h"
#include "segments/segment_history_routes.h"
#include "segments/segment_routes.h"
#include "segments/segment_service.h"
#include "segments/segment_worker.h"
#include "stream/dispatcher.h"

namespace rapport {
namespace {

constexpr std::chrono::seconds kMaintenanceEvery{60};
constexpr std::chrono::milliseconds kShortWait{1'000};
// How long a refused write keeps the program unready: traffic must come back to find out.
constexpr std::chrono::seconds kFailureShown{10};

const DataFolder& checked(const DataFolder& folder) {
  if (!folder.is_initialised()) {
    throw Error(ErrorCode::kNotFound, folder.root.string() +
                                          " is not a data folder of rapport yet; begin with "
                                          "`rapport init --data DIR --workspace NAME --email E`");
  }
  folder.create();
  return folder;
}

/// Opens a store that can be made again from the log, and says so when it does not open.
template <class Open>
auto open_rebuildable(Open open, std::string_view advice) {
  try {
    return open();
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kConflict) throw;
    throw Error(error.code(), error.public_detail() + " " + std::string(advice), error.what());
  }
}

}  // namespace

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
  MessageSender sender;
  CampaignReporter reporter;
  SingleMessages singles;
  MessageQueue queue;
  CampaignService campaigns;
  TestMessages test_messages;
  CampaignLauncher launcher;
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

Application::Parts::Parts(const Config& c)
    : config(c),
      folder(checked(DataFolder(c.data))),
      lock(folder),
      root(load_secret_key(folder.secret_key())),
      control(open_sqlite_state_store(folder.control())),
      state(open_sqlite_state_store(
          folder.state(),
          {.cache_kib = static_cast<int>(c.state_cache_mib * 1024), .rebuildable = true})),
      sandbox_store(open_sqlite_state_store(folder.sandbox(), {.cache_kib = 2048, .readers = 2})),
      log(open_sqlite_event_log(folder.log())),
      message_ids(
          open_rebuildable([this] { return open_rocksdb_message_index(folder.message_ids()); },
                           "Remove log/message_ids; it is rebuilt from the log.")),
      warehouse(open_rebuildable(
          [this, &c] {
            return open_duckdb_warehouse(
                folder.warehouse(),
                {.memory_limit_mib = static_cast<size_t>(c.warehouse_memory_mib),
                 .functions = segment_functions()});
          },
          "`rapport replay` rebuilds it from the log.")),
      segment_stage(memberships),
      writer(*log, *message_ids, clock),
      projector(*log, *state, *warehouse,
                {&identity_stage, &profile_stage, &rejected_stage, &message_stage, &campaign_stage,
                 &list_stage, &segment_stage, &permission_stage}),
      access(*control, clock, root),
      customers(*state, *warehouse, *log),
      activity(*warehouse, clock, activity_names()),
      customer_facts(*state, *warehouse, *log),
      vocabulary(*warehouse, clock),
      identity(*state, writer, projector, access.audit, clock, random),
      collect(
          writer, projector,
          [this](std::string_view key) { return access.keys.find_ingest_workspace(key); }, clock,
          random, metrics),
      imports(*control, folder.imports(), access.audit, clock, direct_transports(collect)),
      summaries(customers),
      evaluator(*warehouse, clock),
      segments(*control, access.audit, clock, evaluator, summaries),
      segment_worker({*control, *state, *warehouse, writer, projector, segment_stage, clock,
                      [this](WorkspaceId w) { return time_zone_of(w); }}),
      segment_insight(*state, *warehouse, memberships, segments, clock),
      lists({*control, *state, writer, projector, access.audit, clock, random, segments, evaluator,
             summaries}),
      content(*control, access.audit, clock),
      messages(*state),
      permission({*control, *state, access, customers, messages, writer, projector, root, zones,
                  clock, random}),
      signer(root),
      providers(access.settings),
      sandbox(*sandbox_store),
      sending_domains(*control, clock, root, access.audit),
      provider_list(*control, providers, clock, root, access.audit),
      return_paths(root),
      transport(provider_list, sandbox, sending_domains, return_paths, clock),
      email(transport, signer, clock),
      sender(*control, messages, customers, access.workspaces, clock, metrics),
      reporter(*state),
      singles(*state, customers, writer, projector, clock, random),
      queue(*control),
      campaigns(*control, messages, access.audit, access.settings, writer,
                make_campaign_ports(segments, lists, access.workspaces, permission), clock),
      test_messages(campaigns, customers, messages, access.workspaces, email, access.audit, random),
      launcher(*control, *log, writer, projector,
               make_launcher_ports({segments, *state, access.workspaces, customers, zones,
                                    campaigns, reporter, messages, permission}),
               clock),
      feedback(messages, writer, clock),
      inbound(feedback, return_paths, signer, metrics),
      hooks(
          *control, feedback, return_paths,
          [this](const std::string& url) { return fetch_for_hook(url); }, clock, root,
          access.audit),
      mailboxes(*control, inbound, clock, root, access.audit),
      tracking(signer, messages, writer, projector, clock, random),
      in_flight(folder.in_flight()),
      dispatcher(*state, writer, projector, clock, static_cast<size_t>(c.dispatch_workers)) {
  segment_stage.read_from(*warehouse);
  projector.open();
  segment_stage.load(*state);
  segments.set_engine(memberships, [this] { segment_worker.notify(); });
  if (projector.applied() > log->end()) {
    // New events would get offsets that count as applied, and never show.
    throw Error(
        ErrorCode::kCorrupted,
        "The projections are ahead of the log, which lost events; when it is restored as far "
        "as can be, `rapport replay` rebuilds them from it");
  }
  if (warehouse->applied() < projector.applied()) {
    throw Error(ErrorCode::kCorrupted,
                "The warehouse is behind the state store; rebuild both with `rapport replay`");
  }
  sender.add_channel(email);
  dispatcher.add_handler("message", sender);
  evaluator.set_world({[this](WorkspaceId w) { return access.workspaces.get(w).time_zone; },
                       [this](WorkspaceId w, SegmentId s) { return segments.named(w, s); }});
  permission.connect(sender, tracking, email, campaigns, dispatcher);
  dispatcher.add_source(queue);
  dispatcher.keep_journal(in_flight);
  projector.weigh([](const Event& e, size_t bytes) { return ledger_weight(e.name, bytes); });
  campaigns.on_changed([this](CampaignId id) {
    queue.campaign_changed(id);
    launcher.notify();
    dispatcher.notify();
  });
  segments.set_usage_check([this](WorkspaceId w, SegmentId s) -> std::optional<std::string> {
    const auto user = campaigns.segment_used_by(w, s);
    return user ? std::optional("campaign “" + *user + "”") : std::nullopt;
  });
  writer.on_appended([this](Offset end) { projector.notify(end); });
  writer.limit_lag([this] { return projector.applied(); });
  projector.on_committed([this](Offset applied) {
    dispatcher.notify();
    segment_worker.committed();
    live.changed(applied);
  });
  add_live_topics(live, customers, campaigns, imports,
                  [this](uint64_t w) { return overview(WorkspaceId{w}); });
  add_gauges();
}

void Application::Parts::add_gauges() {
  metrics.gauge_callback("rapport_log_end", "Offset of the last event in the log",
                         [this] { return static_cast<double>(log->end()); });
  metrics.gauge_callback("rapport_applied", "Offset up to which events are applied",
                         [this] { return static_cast<double>(projector.applied()); });
  metrics.gauge_callback("rapport_messages_in_flight", "Messages being sent",
                         [this] { return static_cast<double>(dispatcher.in_flight()); });
  metrics.gauge_callback("process_resident_memory_bytes", "Resident memory",
                         [] { return resident_bytes(); });
}

Router Application::Parts::make_router() {
  Router router;
  const auto actor = [this](const Request& request) { return access.actor(request); };
  router.add(
      make_operations_routes({metrics, [this] { return readiness(); },
                              [this](uint64_t w) { return overview(WorkspaceId{w}); }, openapi}));
  router.add(make_setup_done_routes());
  router.add(
      make_console_routes({activity, access.workspaces, [this] { return system_figures(); }}));
  router.add(make_access_routes(access));
  router.add(make_collect_routes(collect, config.public_url));
  router.add(make_import_routes({imports, actor}));
  router.add(make_customer_routes(
      {customers, customer_facts, access.audit,
       [this](WorkspaceId w, std::string_view id) { return segment_members(w, id); }}));
  router.add(make_vocabulary_routes(vocabulary));
  router.add(make_identity_routes(identity, actor));
  router.add(make_segment_routes(segments));
  router.add(make_segment_history_routes(segment_insight));
  router.add(make_list_routes(lists));
  router.add(make_messaging_routes({messages, providers, sandbox, actor,
                                    [this] { projector.wait_applied(log->end(), kShortWait); }}));
  router.add(make_campaign_routes({campaigns, actor}));
  router.add(make_report_routes({campaigns, reporter}));
  router.add(make_single_message_routes(
      {singles, campaigns, {}, [this](WorkspaceId w) { return campaigns.holdout_percent(w); }}));
  router.add(make_test_message_routes(test_messages, actor));
  const DeliverabilityServices deliverability{
      sending_domains,
      provider_list,
      hooks,
      mailboxes,
      dns,
      public_url_shown(),
      config.inbound_listen.empty() ? std::string() : config.inbound_name,
      actor};
  router.add(make_deliverability_routes(deliverability));
  router.add(make_provider_routes(deliverability));
  router.add(make_mailbox_routes(deliverability));
  router.add(make_content_routes({content.content, content.renderer, content.images, customers,
                                  access.workspaces, [this] { return public_url(); }, actor}));
  permission.add_routes(router);
  router.add(make_tracking_routes(tracking));
  router.add(make_provider_test_routes({providers, sandbox, clock, actor, access.audit}));
  *openapi = openapi_document(router, RAPPORT_VERSION);
  return router;
}

std::string Application::Parts::readiness() const {
  if (stopping) return "stopping";
  if (!ready) return "starting";
  const auto failed_at = writer.last_failure();
  const bool failing = failed_at && clock.steady() - *failed_at < kFailureShown;
  return failing ? "storage_failing" : "ready";
}

std::optional<std::vector<CustomerId>> Application::Parts::segment_members(
    WorkspaceId workspace, std::string_view id) const {
  const auto segment = parse_id<SegmentTag>(id);
  const auto found = segment ? segments.find(workspace, *segment) : std::nullopt;
  if (!found) return std::nullopt;
  std::vector<CustomerId> members;
  segments.each_member(
      *found, [&](CustomerId customer) { members.push_back(customer); }, std::nullopt);
  return members;
}

OverviewFigures Application::Parts::overview(WorkspaceId workspace) const {
  const CampaignCounts totals = messages.totals(workspace);
  OverviewFigures figures;
  figures.customers = customers.count(workspace);
  figures.events = customers.count_events(workspace);
  figures.segments = static_cast<int64_t>(segments.count_segments(workspace));
  figures.campaigns = campaigns.count(workspace);
  figures.sent = totals.sent;
  figures.opened = totals.opened;
  figures.clicked = totals.clicked;
  figures.unsubscribed = totals.unsubscribed;
  figures.log_end = log->end();
  figures.applied = projector.applied();
  return figures;
}

SystemFigures Application::Parts::system_figures() const {
  SystemFigures figures;
  figures.version = RAPPORT_VERSION;
  figures.status = readiness();
  figures.started_at = started_at;
  figures.log_end = log->end();
  figures.applied = projector.applied();
  figures.messages_in_flight = static_cast<int64_t>(dispatcher.in_flight());
  figures.resident_bytes = static_cast<int64_t>(resident_bytes());
  figures.public_url = public_url();
  figures.storage = {{"log", stored_bytes(folder.log_folder())},
                     {"control", stored_bytes(folder.control())},
                     {"state", stored_bytes(folder.state())},
                     {"warehouse", stored_bytes(folder.warehouse())},
                     {"sandbox", stored_bytes(folder.sandbox())}};
  return figures;
}

std::string Application::Parts::time_zone_of(WorkspaceId workspace) const {
  const auto found = access.workspaces.find(workspace);
  return found && !found->time_zone.empty() ? found->time_zone : "UTC";
}

std::string Application::Parts::public_url() const {
  if (!config.public_url.empty()) {
    std::string_view url = config.public_url;
    while (url.ends_with('/')) url.remove_suffix(1);
    return std::string(url);
  }
  const ListenAddress address = parse_listen(config.listen);
  const bool any = address.host == "0.0.0.0" || address.host == "::";
  const std::string host = any ? "127.0.0.1" : address.host;
  const std::string shown = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return (config.tls_certificate.empty() ? "http://" : "https://") + shown + ":" +
         std::to_string(server->port());
}

/// As configured; before the server knows its port.
std::string Application::Parts::public_url_shown() const {
  std::string_view url = config.public_url;
  while (url.ends_with('/')) url.remove_suffix(1);
  return std::string(url);
}

std::string Application::Parts::fetch_for_hook(const std::string& url) const {
  HttpReply reply = Egress({.allow_private = config.egress_private == "true"}).fetch("GET", url);
  if (!reply.ok()) throw Error(ErrorCode::kUnavailable, "The provider did not answer.");
  return std::move(reply.body);
}

void Application::Parts::listen_for_mail() {
  if (config.inbound_listen.empty()) return;
  const ListenAddress address = parse_listen(config.inbound_listen);
  SmtpSinkOptions options;
  options.host = address.host;
  options.port = address.port;
  options.name = config.inbound_name;
  options.max_message_bytes = limits::kMaxInboundBytes;
  options.max_recipients = limits::kMaxInboundRecipients;
  options.max_connections = limits::kMaxInboundConnections;
  options.max_failures = limits::kMaxInboundFailures;
  mail_listener.emplace(
      options,
      [this](const ReceivedMail& mail) -> std::string {
        try {
          inbound.receive(mail.envelope_from, mail.recipients, mail.data);
          return {};
        } catch (const Error& error) {
          if (error.code() != ErrorCode::kInvalidArgument) throw;
          return "554 5.6.0 the message cannot be read";
        }
      },
      [this](const std::string& recipient) -> std::string {
        return inbound.accepts(recipient) ? "" : "550 5.1.1 no such address";
      });
  log_info("listening_for_mail", {{"port", mail_listener->port()}});
}

void Application::Parts::serve() {
  const ListenAddress address = parse_listen(config.listen);
  HttpServerOptions options;
  options.host = address.host;
  options.port = address.port;
  options.io_threads = static_cast<size_t>(config.io_threads);
  options.tls_certificate = config.tls_certificate;
  options.tls_key = config.tls_key;
  options.static_root = config.console;
  for (const std::string_view proxy : split(config.trusted_proxies, ',')) {
    if (!trim(proxy).empty()) options.trusted_proxies.emplace_back(trim(proxy));
  }
  HttpServerHooks hooks;
  hooks.authorise = [this](const Route& route, Request& request) {
    access.authoriser.authorise(route, request);
  };
  auto& durations =
      metrics.histogram("rapport_http_duration_seconds", "Time of a request", duration_buckets());
  auto& failures = metrics.counter("rapport_http_errors_total", "Requests answered with 5xx");
  hooks.on_finished = [&durations, &failures,
                       all = config.access_log == "true"](const FinishedRequest& r) {
    durations.observe(static_cast<double>(r.duration.count()) / 1e6);
    if (r.status >= 500) failures.add();
    if (!all && r.status < 500) return;
    log_info("request", {{"method", r.method},
                         {"route", r.route},
                         {"status", r.status},
                         {"duration_us", r.duration.count()},
                         {"request_id", r.request_id},
                         {"remote_ip", r.remote_ip}});
  };
  server.emplace(std::move(options), make_router(), std::move(hooks), clock);
  server->websocket("/api/v1/live", Permission::kSignedIn,
                    [this](const Request& request) { return live.connect(request); });
  server->start();
  email.set_public_url(public_url());
  content.renderer.set_public_url(public_url());
  permission.set_public_url(public_url());
}

void Application::Parts::start() {
  started = true;
  started_at = clock.now();
  writer.start();
  projector.start();
  serve();
  listen_for_mail();
  launcher.start();
  imports.start();
  projector.notify(log->end());
  // Intents carried out before a crash are known only when the whole log is applied.
  starter = std::thread([this] {
    const Offset end = log->end();
    while (!stopping && !projector.wait_applied(end, std::chrono::milliseconds(200))) {
    }
    if (stopping) return;
    dispatcher.start();
    segment_worker.start();
    ready = true;
    log_info("ready", {{"applied", projector.applied()}});
  });
  maintenance = std::thread([this] { maintain(); });
  log_info("serving", {{"address", public_url()}, {"data", folder.root.string()}});
}

void Application::Parts::maintain() {
  std::unique_lock wait(maintenance_mutex);
  while (!stopping) {
    maintenance_wake.wait_for(wait, kMaintenanceEvery, [this] { return stopping.load(); });
    if (stopping) return;
    wait.unlock();
    try {
      access.maintain();
      imports.maintain();
      mailboxes.poll(stopping);
    } catch (const std::exception& error) {
      log_error("maintenance_failed", {{"error", error.what()}});
    }
    wait.lock();
  }
}

void Application::Parts::stop() {
  if (stopping.exchange(true)) return;
  ready = false;
  const StopWatchdog watchdog;
  { const std::lock_guard wake(maintenance_mutex); }
  maintenance_wake.notify_all();
  if (server) server->stop();
  mail_listener.reset();
  if (starter.joinable()) starter.join();
  imports.stop();
  launcher.stop();
  segment_worker.stop();
  dispatcher.stop();
  writer.stop();
  projector.stop();
  if (maintenance.joinable()) maintenance.join();
  live.stop();
  access.maintain();
}

Application::Application(const Config& config) : parts_(std::make_unique<Parts>(config)) {}
Application::~Application() {
  // A start that failed half way has threads that use what is about to go.
  if (parts_->started) parts_->stop();
}

void Application::start() {
  parts_->start();
}
void Application::stop() {
  parts_->stop();
}
uint16_t Application::port() const {
  return parts_->server->port();
}
Offset Application::applied() const {
  return parts_->projector.applied();
}

Offset Application::rebuild() {
  parts_->projector.run_to_end();
  return parts_->log->end();
}

std::string Application::openapi() const {
  parts_->make_router();
  return *parts_->openapi;
}

}  // namespace rapport
