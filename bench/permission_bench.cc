// The gate that every message passes: suppression, consent, wishes, quiet hours and caps of one
// recipient after the other, read from a state.db of 200,000 customers on disk.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>

#include "access/access_services.h"
#include "customers/identity_stage.h"
#include "customers/profile_stage.h"
#include "messaging/message_stage.h"
#include "messaging/permission/consent_store.h"
#include "messaging/permission/gate_store.h"
#include "messaging/permission/permission_stage.h"
#include "messaging/permission/send_gate.h"
#include "storage/message_index.h"

namespace rapport {
namespace {

constexpr uint64_t kCustomers = 200'000;
constexpr WorkspaceId kShop{1};

class Shop {
 public:
  Shop() {
    std::string pattern = (std::filesystem::temp_directory_path() / "rapport-gate-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) std::abort();
    folder_ = pattern;
    state_ = open_sqlite_state_store(folder_ + "/state.db",
                                     {.cache_kib = 64 * 1024, .rebuildable = true});
    projector_ = std::make_unique<Projector>(
        *log_, *state_, *warehouse_,
        std::vector<Stage*>{&identity_, &profiles_, &messages_, &permission_});
    projector_->open();
    writer_.start();
    access_ = std::make_unique<AccessServices>(*control_, clock_, SecretKey());
    control_->write([&](Connection& c) {
      c.run("INSERT INTO workspaces (id, name, time_zone, created_at) VALUES ($1, 'S', 'UTC', $2)",
            kShop, clock_.now());
    });
    topics_ = std::make_unique<TopicService>(*control_, access_->audit, clock_);
    settings_ = std::make_unique<PermissionSettingsService>(access_->settings);
    Topic topic;
    topic.workspace = kShop;
    topic.name = "News";
    topic_ = topics_->create(topic, Actor::system()).id;
    fill();
    SendGate::Ports ports;
    ports.workspace_zone = [](WorkspaceId) { return "Asia/Ho_Chi_Minh"; };
    gate_ = std::make_unique<SendGate>(*state_, *topics_, *settings_, hasher_, zones_, writer_,
                                       *projector_, clock_, std::move(ports));
  }
  ~Shop() {
    writer_.stop();
    std::filesystem::remove_all(folder_);
  }

  /// Caps that concern the message make it take its place in the log before it is sent.
  void use_caps(bool concern) {
    PermissionSettings settings;
    for (const int64_t days : {1, 7, 30}) {
      Cap cap;
      cap.channel = concern ? "email" : "sms";
      cap.limit = 100'000;
      cap.window = std::chrono::hours(24 * days);
      settings.caps.push_back(cap);
    }
    settings.quiet_hours.emplace_back();
    settings_->put(kShop, settings, Actor::system());
  }

  SendDecision admit(uint64_t n, uint64_t message) {
    Customer customer;
    customer.id = CustomerId{1 + n % kCustomers};
    customer.traits = {{"country", R"("VN")"}};
    GateRequest request;
    request.workspace = kShop;
    request.message = MessageId{message};
    request.channel = "email";
    request.address = "c" + std::to_string(customer.id.value) + "@x.example";
    request.topic = topic_;
    request.queued_at = clock_.now();
    return gate_->admit(request, customer);
  }

 private:
  void fill() {
    state_->write([&](Connection& c) {
      for (uint64_t n = 1; n <= kCustomers; ++n) {
        ConsentFact fact;
        fact.workspace = kShop;
        fact.customer = CustomerId{n};
        fact.topic = topic_;
        fact.status = ConsentStatus::kGiven;
        fact.at = fact.received_at = clock_.now();
        consent_store::record(c, fact, n);
        gate_store::put_zone(c, kShop, fact.customer, "Asia/Tokyo", clock_.now(), n);
        for (uint64_t slot = 0; slot < 2; ++slot) {
          gate_store::put_slot(c, kShop, fact.customer,
                               {MessageId{2 * n + slot}, "email", topic_, clock_.now()});
        }
        if (n % 20 == 0) {
          c.run(
              "INSERT INTO suppressions (workspace, channel, address, reason, at, log_offset) "
              "VALUES ($1, 'email', $2, 'bounced', 0, $3)",
              kShop, "other" + std::to_string(n) + "@x.example", n);
        }
      }
    });
  }

  std::string folder_;
  ManualClock clock_{*parse_timestamp("2026-06-10T03:00:00Z")};
  std::unique_ptr<EventLog> log_ = make_memory_event_log();
  std::unique_ptr<MessageIndex> index_ = make_memory_message_index();
  std::unique_ptr<Warehouse> warehouse_ = open_duckdb_warehouse("");
  std::unique_ptr<StateStore> control_ = open_sqlite_state_store(":memory:");
  std::unique_ptr<StateStore> state_;
  IdentityStage identity_;
  ProfileStage profiles_;
  MessageStage messages_;
  PermissionStage permission_;
  std::unique_ptr<Projector> projector_;
  LogWriter writer_{*log_, *index_, clock_};
  std::unique_ptr<AccessServices> access_;
  std::unique_ptr<TopicService> topics_;
  std::unique_ptr<PermissionSettingsService> settings_;
  AddressHasher hasher_{SecretKey()};
  ZoneTable zones_;
  TopicId topic_;
  std::unique_ptr<SendGate> gate_;
};

Shop& shop() {
  static Shop one;
  return one;
}

void BM_GateDecision(benchmark::State& state) {
  shop().use_caps(false);
  uint64_t n = 0;
  for (auto _ : state) {
    n += 7'919;
    if (shop().admit(n, 10'000'000 + n).verdict != SendVerdict::kSend)
      state.SkipWithError("not sent");
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_GateDecision)->Unit(benchmark::kMicrosecond);

void BM_GateAdmission(benchmark::State& state) {
  if (state.thread_index() == 0) shop().use_caps(true);
  uint64_t n = static_cast<uint64_t>(state.thread_index()) << 40;
  for (auto _ : state) {
    n += 7'919;
    if (shop().admit(n, 20'000'000 + n).verdict != SendVerdict::kSend)
      state.SkipWithError("not sent");
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_GateAdmission)->Threads(8)->UseRealTime()->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace rapport
