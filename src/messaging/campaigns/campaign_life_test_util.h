// The world in which whole lives of campaigns run in virtual time: the launcher, the queue and the
// sender are the real ones; the test is the dispatcher. Test support.
#pragma once

#include <gtest/gtest.h>

#include <set>

#include "access/access_test_support.h"
#include "customers/identity_stage.h"
#include "customers/profile_stage.h"
#include "messaging/campaign_launcher.h"
#include "messaging/campaign_service.h"
#include "messaging/campaigns/campaign_stage.h"
#include "messaging/campaigns/random_channel.h"
#include "messaging/campaigns/report.h"
#include "messaging/campaigns/single_messages.h"
#include "messaging/message_queue.h"
#include "messaging/message_sender.h"
#include "messaging/message_stage.h"
#include "messaging/permission/recipient_zone.h"
#include "runtime/random.h"
#include "runtime/zoneinfo.h"
#include "stream/stream_test_support.h"

namespace rapport {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

inline const char* const kZones[]{"Pacific/Kiritimati", "Asia/Ho_Chi_Minh", "Europe/Berlin",
                                  "America/New_York", "Pacific/Pago_Pago"};

class CampaignLifeTest : public AccessTest {
 protected:
  CampaignLifeTest() : workspace_(add_workspace("Shop")) {
    projector_.open();
    writer_.on_appended([this](Offset end) { projector_.notify(end); });
    writer_.start();
    projector_.start();
    service_.on_changed([this](CampaignId id) { queue_.campaign_changed(id); });
    restart();
  }
  ~CampaignLifeTest() override {
    writer_.stop();
    projector_.stop();
  }

  /// What a new process begins with: nothing in memory.
  void restart() {
    LauncherPorts ports;
    ports.segment = [this](WorkspaceId, SegmentId, Timestamp) { return members_; };
    ports.zones = [](WorkspaceId, const std::vector<CustomerId>& who) {
      static ZoneTable table;
      std::vector<std::shared_ptr<const TimeZone>> zones;
      for (const CustomerId c : who) zones.push_back(table.find(zone_of(c)));
      return zones;
    };
    ports.workspace_zone = [](WorkspaceId) { return std::string("Europe/Berlin"); };
    ports.holdout_percent = [this](WorkspaceId w) { return service_.holdout_percent(w); };
    ports.not_opened = [this](WorkspaceId w, CampaignId c) { return reader_.not_opened(w, c); };
    ports.variants = [this](const Campaign& c) { return reporter_.variants(c); };
    launcher_ = std::make_unique<CampaignLauncher>(*control, log_, writer_, projector_,
                                                   std::move(ports), clock);
    sender_ = std::make_unique<MessageSender>(*control, reader_, customers_, access->workspaces,
                                              clock, metrics_);
    sender_->add_channel(channel_);
  }
  static std::string zone_of(CustomerId c) { return kZones[c.value % std::size(kZones)]; }

  void store(std::vector<NewEvent> events) {
    ASSERT_TRUE(projector_.wait_applied(writer_.append(std::move(events)).last, seconds(20)));
  }
  std::vector<CustomerId> add_people(size_t count) {
    std::vector<NewEvent> events;
    const size_t from = people_;
    for (size_t i = 0; i < count; ++i) {
      const std::string user = "u" + std::to_string(people_++);
      const std::string body = R"({"traits":{"email":")" + user + R"(@x.y"}})";
      Event e;
      e.workspace = workspace_;
      e.type = EventType::kIdentify;
      e.timestamp = e.received_at = clock.now();
      e.message_id = e.user_id = user;
      e.body = body;
      events.push_back(make_new_event(e));
    }
    store(std::move(events));
    std::vector<CustomerId> added;
    for (size_t i = from; i < people_; ++i) {
      added.push_back(customers_.find_by(workspace_, "user_id", "u" + std::to_string(i))->id);
    }
    members_.insert(members_.end(), added.begin(), added.end());
    std::sort(members_.begin(), members_.end());
    return added;
  }
  Campaign basic() {
    Campaign c;
    c.workspace = workspace_;
    c.name = "Life";
    c.from = "a@b.c";
    c.content = {"Hello", "", "text"};
    c.plan.audience.segments = {SegmentId{1}};
    return c;
  }
  CampaignId start(Campaign campaign) {
    const CampaignId id = service_.create(std::move(campaign), Actor::system()).campaign.id;
    service_.start(workspace_, id, Actor::system());
    return id;
  }
  CampaignReport get(CampaignId id) { return service_.get(workspace_, id); }
  static MessageFilter of(CampaignId id, std::string reason = {}) {
    MessageFilter filter;
    filter.campaign = id;
    filter.reason = std::move(reason);
    return filter;
  }
  std::string status(CampaignId id) {
    return std::string(campaign_status_name(get(id).campaign.status));
  }

  /// Sends what may go now; up to `limit`. A crash loses the record of the one it interrupts.
  size_t dispatch(size_t limit = SIZE_MAX, bool crash_at_end = false) {
    size_t sent = 0;
    std::vector<LaneKey> lanes;
    state_->read([&](Connection& c) { lanes = queue_.list_lanes(c); });
    for (const LaneKey& lane : lanes) {
      std::vector<Intent> due;
      state_->read(
          [&](Connection& c) { due = queue_.list_due(c, lane, nullptr, clock.now(), 10'000); });
      for (const Intent& intent : due) {
        if (sent == limit || !queue_.admit(lane, clock.now())) break;
        auto events = sender_->execute(intent, 0);
        ++sent;
        if (crash_at_end && sent == limit) return sent;
        if (!events.empty()) store(std::move(events));
      }
    }
    return sent;
  }
  /// Lets time pass in steps until the campaign is done or the time is over.
  void run_for(Micros time, Micros step) {
    for (Micros passed{0}; passed <= time; passed += step) {
      ASSERT_TRUE(launcher_->step());
      dispatch();
      clock.advance(step);
    }
  }
  void track(CustomerId customer, const std::string& name, const std::string& properties,
             Timestamp at) {
    const auto found = customers_.find(workspace_, customer);
    const std::string user(found->identifier("user_id"));
    const std::string id = "t" + std::to_string(++tracked_);
    const std::string body = "{\"properties\":" + properties + "}";
    Event e;
    e.workspace = workspace_;
    e.timestamp = e.received_at = at;
    e.message_id = id;
    e.name = name;
    e.user_id = user;
    e.body = body;
    std::vector<NewEvent> events;
    events.push_back(make_new_event(e));
    store(std::move(events));
  }
  /// The step of every message of a campaign to the customers.
  void react(CampaignId id, MessageStep step, const std::function<bool(const Message&)>& who) {
    std::vector<NewEvent> events;
    for (const Message& m : reader_.list(workspace_, of(id), {}, 10'000).items) {
      if (m.status != MessageStep::kSent || !who(m)) continue;
      MessageFact fact;
      fact.workspace = workspace_;
      fact.customer = m.customer;
      fact.message = m.id;
      fact.campaign = id;
      events.push_back(make_step_event(step, fact, clock.now(), "r"));
    }
    if (!events.empty()) store(std::move(events));
  }

  WorkspaceId workspace_;
  stream_test::TestLog log_;
  std::unique_ptr<StateStore> state_ = open_sqlite_state_store(":memory:");
  std::unique_ptr<Warehouse> warehouse_ = open_duckdb_warehouse("");
  std::unique_ptr<MessageIndex> index_ = make_memory_message_index();
  IdentityStage identity_;
  ProfileStage profiles_;
  MessageStage messages_;
  CampaignStage goals_;
  Projector projector_{log_, *state_, *warehouse_, {&identity_, &profiles_, &messages_, &goals_}};
  LogWriter writer_{log_, *index_, clock};
  CustomerReader customers_{*state_, *warehouse_, log_};
  MessageReader reader_{*state_};
  CampaignReporter reporter_{*state_};
  MetricsRegistry metrics_;
  SeededRandom random_{7};
  MessageQueue queue_{*control};
  RandomChannel channel_{clock};
  CampaignService service_{*control, reader_,      access->audit, access->settings,
                           writer_,  make_ports(), clock};
  std::unique_ptr<CampaignLauncher> launcher_;
  std::unique_ptr<MessageSender> sender_;
  std::vector<CustomerId> members_;
  size_t people_ = 0;
  int tracked_ = 0;

 private:
  static CampaignPorts make_ports() {
    CampaignPorts ports;
    ports.segment_exists = [](WorkspaceId, SegmentId) { return true; };
    ports.workspace_zone = [](WorkspaceId) { return std::string("Europe/Berlin"); };
    return ports;
  }
};

}  // namespace rapport
