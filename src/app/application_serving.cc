#include "access/access_routes.h"
#include "app/application_parts.h"
#include "app/console_routes.h"
#include "app/operations_routes.h"
#include "app/provider_test_routes.h"
#include "base/error.h"
#include "base/limits/delivery.h"
#include "base/text.h"
#include "customers/collect_routes.h"
#include "customers/customer_routes.h"
#include "customers/identity_routes.h"
#include "customers/import_routes.h"
#include "customers/vocabulary_routes.h"
#include "http/egress.h"
#include "http/openapi.h"
#include "journeys/journey_routes.h"
#include "messaging/campaign_routes.h"
#include "messaging/campaigns/report_routes.h"
#include "messaging/campaigns/single_message_routes.h"
#include "messaging/content/content_routes.h"
#include "messaging/delivery/deliverability_routes.h"
#include "messaging/messaging_routes.h"
#include "messaging/tracking_routes.h"
#include "runtime/log.h"
#include "segments/list_routes.h"
#include "segments/segment_history_routes.h"
#include "segments/segment_routes.h"

namespace rapport {
namespace {

constexpr std::chrono::milliseconds kShortWait{1'000};
// How long a refused write keeps the program unready: traffic must come back to find out.
constexpr std::chrono::seconds kFailureShown{10};

}  // namespace

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
  router.add(make_journey_routes({journeys, actor}));
  router.add(make_single_message_routes(
      {singles, campaigns,
       [this](WorkspaceId w, const std::string& id) { return content.content.has_template(w, id); },
       [this](WorkspaceId w) { return campaigns.holdout_percent(w); }, content.files}));
  router.add(make_test_message_routes(test_messages, actor));
  router.add(make_message_content_routes(message_contents));
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
  router.add(
      make_content_routes({content.content, content.renderer, content.images, content.files,
                           customers, access.workspaces, [this] { return public_url(); }, actor}));
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

}  // namespace rapport
