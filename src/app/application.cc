#include "app/application.h"

#include "app/application_parts.h"
#include "base/error.h"
#include "customers/import_routes.h"
#include "runtime/log.h"
#include "segments/segment_functions.h"

namespace rapport {
namespace {

constexpr std::chrono::seconds kMaintenanceEvery{60};

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
      segment_worker(
          {*control, *state, *warehouse, writer, projector, segment_stage, clock,
           [this](WorkspaceId w) { return time_zone_of(w); },
           [this](WorkspaceId w, std::string_view t) { return permission.topic_facts(w, t); }}),
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
      email(transport, content.renderer, signer, clock),
      just_sent(std::chrono::seconds(c.machine_click_seconds)),
      sender(*control, messages, customers, access.workspaces, clock, metrics),
      reporter(*state),
      singles(*state, customers, writer, projector, clock, random),
      queue(*control),
      campaigns(*control, messages, access.audit, access.settings, writer,
                make_campaign_ports(segments, lists, access.workspaces, permission, content),
                clock),
      journeys(*control, access.audit, clock,
               make_journey_references(segments, permission, content.content)),
      test_messages(campaigns, customers, messages, access.workspaces, email, access.audit, random),
      message_contents(*control, messages, customers, access.workspaces, sandbox, *log, email),
      launcher(*control, *log, writer, projector,
               make_launcher_ports(
                   {segments, *state, access.workspaces, zones, campaigns, reporter, messages}),
               clock),
      conversions(*state, messages, clock),
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
  permission.on_topic_change([this] { segment_worker.notify(); });
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
  evaluator.set_world(
      {[this](WorkspaceId w) { return access.workspaces.get(w).time_zone; },
       [this](WorkspaceId w, SegmentId s) { return segments.named(w, s); },
       [this](WorkspaceId w, std::string_view t) { return permission.topic_facts(w, t); }});
  permission.connect(sender, tracking, email, campaigns, dispatcher);
  const auto topic_of = [this](WorkspaceId w, CampaignId c) { return permission.topic_of(w, c); };
  feedback.set_topic(topic_of);
  conversions.set_topic(topic_of);
  dispatcher.add_handler(std::string(kConversionIntent), conversions);
  dispatcher.add_source(queue);
  dispatcher.keep_journal(in_flight);
  projector.weigh([](const Event& e, size_t bytes) { return ledger_weight(e.name, bytes); });
  campaigns.on_changed([this](CampaignId id) {
    queue.campaign_changed(id);
    launcher.notify();
    dispatcher.notify();
  });
  segments.add_uses(make_audience_uses(campaigns));
  segments.add_uses(make_journey_uses(journeys));
  lists.add_uses(make_audience_uses(campaigns));
  lists.add_uses(make_journey_uses(journeys));
  content.content.set_campaign_usage(make_template_usage(campaigns, messages));
  content.files.set_used_by(
      [this](WorkspaceId w, std::string_view id) { return campaigns.file_used_by(w, id); });
  email.set_enclosures(content.enclosures);
  sender.set_just_sent(just_sent);
  tracking.set_just_sent(just_sent);
  permission.set_brand([this](WorkspaceId w) {
    const Brand brand = content.content.brand(w, clock.now());
    return PageBrand{brand.name, brand.logo_url, brand.primary_color};
  });
  writer.on_appended([this](Offset end) { projector.notify(end); });
  writer.limit_lag([this] { return projector.applied(); });
  projector.on_committed([this](Offset applied) {
    dispatcher.notify();
    segment_worker.committed();
    live.changed(applied);
  });
  add_live_topics(live, customers, campaigns, imports, segments,
                  [this](uint64_t w) { return overview(WorkspaceId{w}); });
  add_gauges();
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
