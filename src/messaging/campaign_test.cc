#include "messaging/campaign.h"

#include <gtest/gtest.h>

#include "access/access_test_support.h"
#include "base/limits/templates.h"
#include "customers/identity_stage.h"
#include "customers/profile_stage.h"
#include "messaging/campaign_launcher.h"
#include "messaging/campaign_service.h"
#include "messaging/campaign_store.h"
#include "messaging/message_stage.h"
#include "stream/stream_test_support.h"

namespace rapport {
namespace {

using stream_test::TestLog;

Campaign good_campaign() {
  Campaign campaign;
  campaign.workspace = WorkspaceId{1};
  campaign.name = "Spring";
  campaign.plan.audience.segments = {SegmentId{4}};
  campaign.from = "Shop <shop@x.y>";
  campaign.content = {"Hello", "<p>Hi</p>", ""};
  return campaign;
}

TEST(CampaignRules, NameTheField) {
  struct Case {
    std::string field;
    std::function<void(Campaign&)> change;
  };
  const auto text = [](size_t n) { return std::string(n, 'x'); };
  const Case cases[]{
      {"", [](Campaign&) {}},
      {"",
       [](Campaign& c) {
         c.content = {"s", "", "text only"};
       }},
      {"", [](Campaign& c) { c.content.subject = "{{ customer.traits.a | upcase }}"; }},
      {"name", [](Campaign& c) { c.name = " "; }},
      {"name", [&](Campaign& c) { c.name = text(201); }},
      {"channel", [](Campaign& c) { c.channel = "sms"; }},
      {"from", [](Campaign& c) { c.from = ""; }},
      {"from", [](Campaign& c) { c.from = "nobody"; }},
      {"from", [](Campaign& c) { c.from = "{{ x }} <a@b.c>"; }},
      {"from", [](Campaign& c) { c.from = "a@b.c\r\nBcc: x@y.z"; }},
      {"template.subject", [](Campaign& c) { c.content.subject = " \n"; }},
      {"template.subject", [&](Campaign& c) { c.content.subject = text(2'001); }},
      {"template.subject", [](Campaign& c) { c.content.subject = "{% if %}"; }},
      {"template.html", [](Campaign& c) { c.content.html = "{% for %}"; }},
      {"template.html", [](Campaign& c) { c.content.html = " "; }},
      {"template.html", [&](Campaign& c) { c.content.html = text(limits::kMaxTemplateBytes + 1); }},
      {"template.text", [](Campaign& c) { c.content.text = "{{ unclosed"; }},
  };
  for (const Case& c : cases) {
    Campaign campaign = good_campaign();
    c.change(campaign);
    EXPECT_EQ(field_of([&] { check_campaign(campaign); }), c.field);
    EXPECT_EQ(error_of([&] { check_campaign(campaign); }).has_value(), !c.field.empty());
  }
  EXPECT_EQ(campaign_status_name(CampaignStatus::kDraft), "draft");
  EXPECT_EQ(campaign_status_name(CampaignStatus::kDone), "done");
}

LauncherPorts segments_of(AudienceSource source) {
  LauncherPorts ports;
  ports.segment = std::move(source);
  return ports;
}

class CampaignTest : public AccessTest {
 protected:
  CampaignTest() : workspace_(add_workspace("Shop")) {
    projector_.open();
    service_.on_changed([this](CampaignId) { ++started_; });
  }
  ~CampaignTest() override {
    writer_.stop();
    projector_.stop();
  }

  void start_stream() {
    writer_.on_appended([this](Offset end) { projector_.notify(end); });
    writer_.start();
    projector_.start();
  }
  Campaign draft() {
    Campaign campaign = good_campaign();
    campaign.workspace = workspace_;
    return service_.create(campaign, Actor::system()).campaign;
  }
  CampaignReport report(CampaignId id) { return service_.get(workspace_, id); }
  /// Runs a launcher until the campaign is no longer starting.
  void launch(CampaignId id, AudienceSource audience) {
    CampaignLauncher launcher(*control, log_, writer_, projector_, segments_of(std::move(audience)),
                              clock);
    launcher.start();
    await_status(id, CampaignStatus::kStarting);
    launcher.stop();
  }
  void await_status(CampaignId id, CampaignStatus while_it_is) {
    while (report(id).campaign.status == while_it_is) std::this_thread::yield();
  }
  /// How often each customer is queued in the log for a campaign.
  std::map<uint64_t, int> queued() {
    std::map<uint64_t, int> counts;
    log_.read(1, SIZE_MAX, [&](Offset, std::string_view record) {
      const Event event = decode_event(record);
      if (event.name != kBlockEvent) return;
      Payload payload;
      payload.parse(event.body);
      const auto block = read_block_event(event.workspace, payload);
      for (const LedgerEntry& entry : block->recipients) ++counts[entry.customer.value];
    });
    return counts;
  }

  WorkspaceId workspace_;
  TestLog log_;
  std::unique_ptr<StateStore> state_ = open_sqlite_state_store(":memory:");
  std::unique_ptr<Warehouse> warehouse_ = open_duckdb_warehouse("");
  std::unique_ptr<MessageIndex> index_ = make_memory_message_index();
  IdentityStage identity_;
  ProfileStage profiles_;
  MessageStage messages_;
  Projector projector_{log_, *state_, *warehouse_, {&identity_, &profiles_, &messages_}};
  LogWriter writer_{log_, *index_, clock};
  MessageReader reader_{*state_};
  bool segment_exists_ = true;
  CampaignService service_{*control, reader_, access->audit, access->settings,
                           writer_,  ports(), clock};
  CampaignPorts ports() {
    CampaignPorts ports;
    ports.segment_exists = [this](WorkspaceId, SegmentId) { return segment_exists_; };
    return ports;
  }
  int started_ = 0;
};

AudienceSource audience_of(uint64_t count, int* asked = nullptr) {
  return [count, asked](WorkspaceId, SegmentId, Timestamp) {
    if (asked != nullptr) ++*asked;
    std::vector<CustomerId> customers;
    for (uint64_t i = 1; i <= count; ++i) customers.push_back({1'000'000 + i});
    return customers;
  };
}

TEST_F(CampaignTest, ADraftIsEditedThenStartedOnce) {
  Campaign campaign = draft();
  EXPECT_EQ(campaign.status, CampaignStatus::kDraft);
  EXPECT_EQ(campaign.created_at, clock.now());
  campaign.name = "Summer";
  EXPECT_EQ(service_.update(campaign, Actor::system()).campaign.name, "Summer");
  const auto users = service_.audience_users(workspace_, to_public(SegmentId{4}));
  ASSERT_EQ(users.size(), 1u);
  EXPECT_EQ(users.front().name, "Summer");
  EXPECT_TRUE(service_.audience_users(workspace_, to_public(SegmentId{5})).empty());
  segment_exists_ = false;
  EXPECT_EQ(field_of([&] { service_.update(campaign, Actor::system()); }), "segment_id");
  EXPECT_EQ(field_of([&] { service_.start(workspace_, campaign.id, Actor::system()); }),
            "segment_id");
  segment_exists_ = true;
  const CampaignReport started = service_.start(workspace_, campaign.id, Actor::system());
  EXPECT_EQ(started.campaign.status, CampaignStatus::kStarting);
  EXPECT_EQ(started.campaign.started_at, clock.now());
  EXPECT_EQ(started_, 1);
  const auto conflict = [&](const std::function<void()>& work) {
    EXPECT_EQ(error_of(work), ErrorCode::kConflict);
  };
  conflict([&] { service_.start(workspace_, campaign.id, Actor::system()); });
  conflict([&] { service_.update(campaign, Actor::system()); });
  conflict([&] { service_.remove(workspace_, campaign.id, Actor::system()); });
  EXPECT_EQ(started_, 1);
  // Another workspace has no such campaign.
  const WorkspaceId other = add_workspace("Other");
  for (const auto& work : std::vector<std::function<void()>>{
           [&] { service_.get(other, campaign.id); },
           [&] { service_.start(other, campaign.id, Actor::system()); },
           [&] { service_.remove(other, campaign.id, Actor::system()); }}) {
    EXPECT_EQ(error_of(work), ErrorCode::kNotFound);
  }
  const Campaign second = draft();
  service_.remove(workspace_, second.id, Actor::system());
  EXPECT_EQ(service_.count(workspace_), 1);
  EXPECT_EQ(service_.list(workspace_, {}, CampaignId{INT64_MAX}, 10).items.size(), 1u);
}

TEST_F(CampaignTest, EveryRecipientIsQueuedOnce) {
  start_stream();
  const Campaign campaign = draft();
  service_.start(workspace_, campaign.id, Actor::system());
  launch(campaign.id, audience_of(2'500));
  const auto counts = queued();
  EXPECT_EQ(counts.size(), 2'500u);
  for (const auto& [customer, n] : counts) ASSERT_EQ(n, 1) << customer;
  ASSERT_TRUE(projector_.wait_applied(log_.end(), std::chrono::seconds(20)));
  // Nobody of them exists: all are skipped, and the campaign is done.
  const CampaignReport done = report(campaign.id);
  EXPECT_EQ(done.campaign.status, CampaignStatus::kDone);
  EXPECT_EQ(done.counts.skipped, 2'500);
  EXPECT_EQ(done.campaign.audience, 2'500);
  EXPECT_EQ(done.finished_at, clock.now());
}

TEST_F(CampaignTest, AnEmptyAudienceIsDoneAtOnce) {
  start_stream();
  const Campaign campaign = draft();
  service_.start(workspace_, campaign.id, Actor::system());
  launch(campaign.id, audience_of(0));
  const CampaignReport done = report(campaign.id);
  EXPECT_EQ(done.campaign.status, CampaignStatus::kDone);
  EXPECT_EQ(done.campaign.audience, 0);
  EXPECT_EQ(done.finished_at, done.campaign.started_at);
}

TEST_F(CampaignTest, AKillAtAnyPointRepeatsNobody) {
  start_stream();
  const Campaign campaign = draft();
  service_.start(workspace_, campaign.id, Actor::system());
  // Killed while the audience is asked for: nothing is fixed yet.
  {
    std::atomic<bool> asked{false};
    CampaignLauncher launcher(
        *control, log_, writer_, projector_,
        segments_of([&](WorkspaceId, SegmentId, Timestamp) -> std::vector<CustomerId> {
          asked = true;
          throw Error(ErrorCode::kUnavailable, "killed");
        }),
        clock);
    launcher.start();
    while (!asked) std::this_thread::yield();
    launcher.stop();
  }
  EXPECT_EQ(report(campaign.id).campaign.audience, std::nullopt);
  EXPECT_TRUE(queued().empty());
  // Killed after the first block is in the log: its announcement, and a hundred recipients.
  {
    log_.fail_from(3);
    CampaignLauncher launcher(*control, log_, writer_, projector_, segments_of(audience_of(2'500)),
                              clock);
    launcher.start();
    while (log_.attempts() < 3) std::this_thread::yield();
    launcher.stop();
    log_.fail_from(0);
  }
  EXPECT_EQ(report(campaign.id).campaign.audience, 2'500);
  EXPECT_EQ(report(campaign.id).campaign.status, CampaignStatus::kStarting);
  EXPECT_EQ(queued().size(), 100u);
  // Started again: the audience stays as it was fixed, even though the segment changed.
  int asked = 0;
  launch(campaign.id, audience_of(9'999, &asked));
  EXPECT_EQ(asked, 0);
  // Killed after everything is queued, before that is noted.
  control->write([&](Connection& c) {
    c.run("UPDATE campaign_runs SET state = 1, queued = 0 WHERE campaign = $1", campaign.id);
    c.run("UPDATE campaigns SET open = 1 WHERE id = $1", campaign.id);
  });
  launch(campaign.id, audience_of(9'999, &asked));
  const auto counts = queued();
  EXPECT_EQ(counts.size(), 2'500u);
  for (const auto& [customer, n] : counts) ASSERT_EQ(n, 1) << customer;
}

TEST_F(CampaignTest, OneBrokenCampaignDoesNotHoldUpTheOthers) {
  start_stream();
  const Campaign broken = draft();
  const Campaign good = draft();
  service_.start(workspace_, broken.id, Actor::system());
  service_.start(workspace_, good.id, Actor::system());
  std::atomic<int> asked{0};
  CampaignLauncher launcher(
      *control, log_, writer_, projector_,
      segments_of([&](WorkspaceId, SegmentId, Timestamp) -> std::vector<CustomerId> {
        if (asked++ == 0) throw std::runtime_error("no");
        return {{5}};
      }),
      clock);
  launcher.start();
  await_status(good.id, CampaignStatus::kStarting);
  launcher.stop();
  EXPECT_EQ(report(broken.id).campaign.status, CampaignStatus::kStarting);
}

}  // namespace
}  // namespace rapport
