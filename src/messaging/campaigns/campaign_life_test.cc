// Whole lives of campaigns in virtual time: schedules, throttles, pauses, crashes, audiences that
// change, experiments.
#include "messaging/campaigns/campaign_life_test_util.h"

namespace rapport {
namespace {

TEST_F(CampaignLifeTest, GoesAtTheLocalHourOfEach) {
  add_people(20);
  Campaign c = basic();
  c.plan.kind = CampaignKind::kScheduled;
  c.plan.schedule.local_time = "2026-03-08T09:00";  // New York's clocks go forward that night
  const CampaignId id = start(std::move(c));
  EXPECT_EQ(status(id), "scheduled");
  clock.set(*parse_timestamp("2026-03-07T18:00:00Z"));
  run_for(hours(28), minutes(30));
  EXPECT_EQ(status(id), "done");
  for (const CustomerId who : members_) {
    const TimeZone zone = load_time_zone(zone_of(who));
    ASSERT_EQ(channel_.attempts[who].size(), 1u);
    EXPECT_EQ(zone.to_local(channel_.attempts[who][0]), *parse_local_time("2026-03-08T09:00"))
        << zone.name();
  }
}

TEST_F(CampaignLifeTest, AnHourThatIsOverFollowsTheRule) {
  add_people(10);
  const Timestamp now = *parse_timestamp("2026-03-08T12:00:00Z");
  struct Case {
    PassedHour rule;
    bool sent_now, sent_later;
  };
  for (const Case& rule :
       {Case{PassedHour::kSendNow, true, true}, Case{PassedHour::kSkip, false, false},
        Case{PassedHour::kNextDay, false, true}}) {
    clock.set(now);
    channel_.attempts.clear();
    Campaign c = basic();
    c.plan.kind = CampaignKind::kScheduled;
    c.plan.schedule.local_time = "2026-03-08T09:00";
    c.plan.schedule.when_passed = rule.rule;
    const CampaignId id = start(std::move(c));
    launcher_->step();
    dispatch();
    for (const CustomerId who : members_) {
      const bool over =
          load_time_zone(zone_of(who)).to_utc(*parse_local_time("2026-03-08T09:00")) < now;
      EXPECT_EQ(channel_.attempts.count(who) > 0, over && rule.sent_now);
    }
    run_for(hours(36), minutes(30));
    EXPECT_EQ(status(id), "done");
    for (const CustomerId who : members_) {
      const TimeZone zone = load_time_zone(zone_of(who));
      const bool over = zone.to_utc(*parse_local_time("2026-03-08T09:00")) < now;
      EXPECT_EQ(channel_.attempts.count(who) > 0, !over || rule.sent_later);
    }
    if (rule.rule == PassedHour::kSkip) {
      EXPECT_GT(get(id).counts.skipped, 0);
    }
  }
}

TEST_F(CampaignLifeTest, RecursInTheWorkspacesZoneAndCatchesUp) {
  add_people(2);
  Campaign c = basic();
  c.plan.kind = CampaignKind::kRecurring;
  c.plan.schedule.rule = "FREQ=DAILY;BYHOUR=9;BYMINUTE=0;COUNT=12";
  clock.set(*parse_timestamp("2026-03-26T12:00:00Z"));
  const CampaignId id = start(std::move(c));
  EXPECT_EQ(get(id).next_run_at, parse_timestamp("2026-03-27T08:00:00Z"));
  run_for(hours(70), minutes(30));  // 27, 28, and 29 when clocks went forward
  EXPECT_EQ(channel_.accepted[members_[0]], 3);
  EXPECT_EQ(channel_.attempts[members_[0]][2], parse_timestamp("2026-03-29T07:00:00Z"));
  // Down for three days: of what was missed only the latest runs, and only if it is not too late.
  clock.set(*parse_timestamp("2026-04-01T10:00:00Z"));
  restart();
  launcher_->step();
  dispatch();
  EXPECT_EQ(channel_.accepted[members_[0]], 4);
  clock.set(*parse_timestamp("2026-04-03T22:00:00Z"));  // 15 hours late
  launcher_->step();
  dispatch();
  EXPECT_EQ(channel_.accepted[members_[0]], 4);
  // A pause: what fell into it is missed.
  service_.pause(workspace_, id, Actor::system());
  clock.set(*parse_timestamp("2026-04-04T07:30:00Z"));
  launcher_->step();
  service_.resume(workspace_, id, Actor::system());
  launcher_->step();
  dispatch();
  EXPECT_EQ(channel_.accepted[members_[0]], 4);
  run_for(hours(24 * 5), hours(1));
  EXPECT_EQ(status(id), "done");
  std::map<RunState, int> runs;
  for (const CampaignRun& run : service_.runs(workspace_, id)) ++runs[run.state];
  EXPECT_EQ(runs[RunState::kQueued] + runs[RunState::kMissed], 12);
  EXPECT_EQ(channel_.accepted[members_[0]], runs[RunState::kQueued]);
}

TEST_F(CampaignLifeTest, AnEvergreenCampaignTakesNewMembersOnce) {
  add_people(5);
  Campaign c = basic();
  c.plan.audience.evergreen = true;
  c.plan.schedule.ends_at = clock.now() + hours(2);
  const CampaignId id = start(std::move(c));
  run_for(minutes(5), minutes(1));
  EXPECT_EQ(get(id).counts.sent, 5);
  EXPECT_EQ(status(id), "sending");
  const std::vector<CustomerId> left(members_.begin(), members_.begin() + 2);
  members_.erase(members_.begin(), members_.begin() + 2);
  add_people(3);
  restart();
  run_for(minutes(5), minutes(1));
  members_.insert(members_.begin(), left.begin(), left.end());  // they come back
  run_for(hours(2), minutes(10));
  add_people(1);  // too late
  run_for(minutes(20), minutes(10));
  EXPECT_EQ(get(id).counts.sent, 8);
  EXPECT_EQ(status(id), "done");
  for (const auto& [who, count] : channel_.accepted) EXPECT_EQ(count, 1);
}

TEST_F(CampaignLifeTest, ThrottleHoldsInEveryMinute) {
  add_people(120);
  Campaign c = basic();
  c.plan.throttle_per_minute = 30;
  const CampaignId id = start(std::move(c));
  run_for(minutes(5), seconds(1));
  EXPECT_EQ(status(id), "done");
  std::vector<Timestamp> times;
  for (const auto& [who, attempts] : channel_.attempts) times.push_back(attempts[0]);
  std::sort(times.begin(), times.end());
  for (size_t i = 31; i < times.size(); ++i) {
    EXPECT_GE(times[i] - times[i - 31], minutes(1)) << i;
  }
}

TEST_F(CampaignLifeTest, PauseResumeCancel) {
  add_people(10);
  const CampaignId id = start(basic());
  launcher_->step();
  EXPECT_EQ(dispatch(3), 3u);
  EXPECT_EQ(campaign_status_name(service_.pause(workspace_, id, Actor::system()).campaign.status),
            "paused");
  EXPECT_EQ(dispatch(), 0u);
  EXPECT_EQ(error_of([&] { service_.pause(workspace_, id, Actor::system()); }),
            ErrorCode::kConflict);
  service_.resume(workspace_, id, Actor::system());
  EXPECT_EQ(dispatch(2), 2u);
  // One is in flight when it is cancelled: the channel has it, the log does not say so yet.
  std::vector<Intent> due;
  state_->read([&](Connection& c) {
    due = queue_.list_due(c, queue_.list_lanes(c).front(), nullptr, clock.now(), 1);
  });
  auto in_flight = sender_->execute(due.at(0), 0);
  service_.cancel(workspace_, id, Actor::system());
  ASSERT_TRUE(projector_.wait_applied(log_.end(), seconds(20)));
  EXPECT_EQ(get(id).counts.skipped, 5);
  store(std::move(in_flight));
  EXPECT_EQ(dispatch(), 0u);
  const CampaignReport end = get(id);
  EXPECT_EQ(status(id), "cancelled");
  EXPECT_EQ(end.counts.sent, 6);
  EXPECT_EQ(end.counts.skipped, 4);
  EXPECT_EQ(reader_.list(workspace_, of(id, "cancelled"), {}, 20).items.size(), 4u);
  for (const auto& work : std::vector<std::function<void()>>{
           [&] { service_.resume(workspace_, id, Actor::system()); },
           [&] { service_.pause(workspace_, id, Actor::system()); },
           [&] { service_.start(workspace_, id, Actor::system()); }}) {
    EXPECT_EQ(error_of(work), ErrorCode::kConflict);
  }
}

TEST_F(CampaignLifeTest, ControlGroupsAndLift) {
  add_people(300);
  service_.set_holdout_percent(workspace_, 10, Actor::system());
  Campaign c = basic();
  c.plan.control_percent = 20;
  c.plan.goal.event = "Order";
  c.plan.goal.where = {{"total", "gte", "50"}};
  c.plan.goal.window_hours = 24;
  c.plan.goal.value_property = "total";
  const CampaignId id = start(std::move(c));
  run_for(minutes(2), minutes(1));
  const CampaignReport done = get(id);
  EXPECT_EQ(status(id), "done");
  EXPECT_NEAR(static_cast<double>(done.withheld), 84, 30);
  EXPECT_EQ(done.counts.sent + done.withheld, 300);
  // Two of three who got it buy, one of three who did not.
  int n = 0;
  for (const CustomerId who : members_) {
    const bool got = channel_.accepted.count(who) > 0;
    ++n;
    if (n % 3 == 0 || (got && n % 3 == 1)) track(who, "Order", R"({"total":60})", clock.now());
    track(who, "Order", R"({"total":49})", clock.now());
  }
  track(members_[0], "Order", R"({"total":99})", clock.now() + hours(30));  // past the window
  const Campaign campaign = get(id).campaign;
  const CampaignOutcome outcome = reporter_.report(campaign, {});
  ASSERT_TRUE(outcome.lift);
  EXPECT_EQ(outcome.lift->treated.trials, done.counts.sent);
  EXPECT_EQ(outcome.lift->control.trials, done.withheld);
  EXPECT_NEAR(outcome.lift->treated.value(), 2.0 / 3, 0.1);
  EXPECT_NEAR(outcome.lift->control.value(), 1.0 / 3, 0.12);
  EXPECT_GT(outcome.lift->difference.low, 0);
  EXPECT_EQ(outcome.total.revenue, 60.0 * static_cast<double>(outcome.total.conversions));
  // The same people are held out of the next campaign; another campaign's own group differs.
  const auto withheld = [&](CampaignId campaign_id, uint8_t variant) {
    std::set<CustomerId> who;
    for (const Message& m : reader_.list(workspace_, of(campaign_id), {}, 1'000).items) {
      if (m.variant == variant) who.insert(m.customer);
    }
    return who;
  };
  Campaign again = basic();
  again.plan.control_percent = 20;
  const CampaignId second = start(std::move(again));
  run_for(minutes(2), minutes(1));
  EXPECT_EQ(withheld(id, kHoldoutVariant), withheld(second, kHoldoutVariant));
  EXPECT_NE(withheld(id, kControlVariant), withheld(second, kControlVariant));
}

TEST_F(CampaignLifeTest, AnExperimentChoosesItsWinner) {
  add_people(500);
  for (const bool sequential : {false, true}) {
    channel_.subjects.clear();
    Campaign c = basic();
    c.plan.experiment.variants = {{"A", 50, {"Subject A", "", "t"}, ""},
                                  {"B", 50, {"Subject B", "", "t"}, ""}};
    c.plan.experiment.test_percent = 60;
    c.plan.experiment.metric = WinnerMetric::kOpen;
    c.plan.experiment.sequential = sequential;
    c.plan.experiment.after_minutes = 60;
    const CampaignId id = start(std::move(c));
    run_for(minutes(3), minutes(1));
    const size_t tested = channel_.subjects.size();
    EXPECT_NEAR(static_cast<double>(tested), 300, 50);
    EXPECT_EQ(status(id), "sending");
    EXPECT_FALSE(reader_.winner(workspace_, id));
    // Nearly everybody opens B, hardly anybody A.
    react(id, MessageStep::kOpened,
          [](const Message& m) { return m.id.value % 10 < (m.variant == 1 ? 8u : 2u); });
    run_for(minutes(5), minutes(1));
    EXPECT_EQ(reader_.winner(workspace_, id).has_value(), sequential);
    run_for(minutes(60), minutes(10));
    EXPECT_EQ(reader_.winner(workspace_, id), 1u);
    EXPECT_EQ(status(id), "done");
    EXPECT_EQ(channel_.subjects.size(), 500u);
    for (const Message& m : reader_.list(workspace_, of(id), {}, 2'000).items) {
      if (m.variant == kUndecidedVariant) {
        EXPECT_EQ(m.subject, "Subject B");
      }
    }
    const auto outcome = reporter_.report(get(id).campaign, {});
    EXPECT_EQ(outcome.winner->reason, sequential ? "significant" : "time");
  }
}

TEST_F(CampaignLifeTest, ResendsToThoseWhoDidNotOpen) {
  add_people(9);
  const CampaignId first = start(basic());
  run_for(minutes(1), minutes(1));
  react(first, MessageStep::kOpened, [](const Message& m) { return m.id.value % 3 == 0; });
  const CampaignReport again =
      service_.resend(workspace_, first, "", "Did you see this?", Actor::system());
  service_.start(workspace_, again.campaign.id, Actor::system());
  run_for(minutes(1), minutes(1));
  const CampaignReport done = get(again.campaign.id);
  EXPECT_EQ(status(again.campaign.id), "done");
  EXPECT_EQ(done.counts.sent, 6);
  int twice = 0;
  for (const auto& [who, count] : channel_.accepted) twice += count == 2 ? 1 : 0;
  EXPECT_EQ(twice, 6);
}

TEST_F(CampaignLifeTest, SinglesAreSentOnceAKey) {
  SingleMessages singles(*state_, customers_, writer_, projector_, clock, random_);
  SingleRequest request;
  request.to.email = "New@Person.example";
  request.content = R"({"from":"a@b.c","subject":"Code","html":"","text":"1","template_id":""})";
  const Accepted first = singles.send(workspace_, request, "k1");
  EXPECT_EQ(singles.send(workspace_, request, "k1").message, first.message);
  SingleRequest other = request;
  other.data = R"({"a":1})";
  EXPECT_EQ(error_of([&] { singles.send(workspace_, other, "k1"); }), ErrorCode::kConflict);
  // After a restart the key is still known.
  ASSERT_TRUE(projector_.wait_applied(log_.end(), seconds(20)));
  SingleMessages fresh(*state_, customers_, writer_, projector_, clock, random_);
  EXPECT_EQ(fresh.send(workspace_, request, "k1").message, first.message);
  EXPECT_EQ(error_of([&] { fresh.send(workspace_, other, "k1"); }), ErrorCode::kConflict);
  EXPECT_NE(fresh.send(workspace_, request, "").message, first.message);
  EXPECT_NE(fresh.send(workspace_, other, "k2").message, first.message);
  ASSERT_TRUE(projector_.wait_applied(log_.end(), seconds(20)));
  EXPECT_EQ(dispatch(), 3u);
  EXPECT_EQ(reader_.find(workspace_, first.message)->status, MessageStep::kSent);
  EXPECT_EQ(reader_.find(workspace_, first.message)->address, "new@person.example");
  EXPECT_EQ(customers_.find_by(workspace_, "email", "new@person.example")->id, first.customer);
  request.to = {};
  EXPECT_EQ(field_of([&] { fresh.send(workspace_, request, ""); }), "to");
  request.to.email = "a@b\r\nBcc: c@d.e";
  EXPECT_EQ(field_of([&] { fresh.send(workspace_, request, ""); }), "to.email");
  request.to = {};
  request.to.user_id = "nobody";
  EXPECT_EQ(field_of([&] { fresh.send(workspace_, request, ""); }), "to.user_id");
}

// Whatever happens on the way, each recipient has exactly one row, and it ends in one outcome;
// nobody's mail is accepted twice except where a crash lost the record of the first time.
TEST_F(CampaignLifeTest, RandomLivesLeaveEachRecipientOneOutcome) {
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    SeededRandom chance(seed);
    channel_.random = std::make_unique<SeededRandom>(seed);
    channel_.retry_percent = 15;
    channel_.fail_percent = 5;
    channel_.attempts.clear();
    channel_.accepted.clear();
    channel_.ids.clear();
    members_.clear();
    add_people(30 + chance.below(30));
    Campaign c = basic();
    c.plan.control_percent = 10;
    c.plan.audience.evergreen = seed % 2 == 0;
    if (c.plan.audience.evergreen) c.plan.schedule.ends_at = clock.now() + hours(20);
    if (seed % 3 == 0) c.plan.throttle_per_minute = 20;
    if (seed % 3 == 1 && !c.plan.audience.evergreen) {
      c.plan.kind = CampaignKind::kScheduled;
      c.plan.schedule.local_time = format_timestamp(clock.now() + hours(14)).substr(0, 16);
    }
    const CampaignId id = start(std::move(c));
    size_t crashes = 0;
    bool paused = false;
    for (int step = 0; step < 150 || status(id) != "done"; ++step) {
      ASSERT_LT(step, 3'000);
      if (step < 150) {
        if (chance.below(10) == 0) {
          const auto refused = error_of([&] {
            if (paused) {
              service_.resume(workspace_, id, Actor::system());
            } else {
              service_.pause(workspace_, id, Actor::system());
            }
          });
          if (!refused) paused = !paused;  // one that is done is not paused
        }
        if (chance.below(12) == 0) add_people(1 + chance.below(3));
        if (chance.below(12) == 0 && members_.size() > 5) members_.erase(members_.begin());
      } else if (paused) {
        service_.resume(workspace_, id, Actor::system());
        paused = false;
      }
      if (chance.below(8) == 0) log_.fail_next(1);  // an append that fails is tried again later
      launcher_->step();
      log_.fail_next(0);
      const bool crash = step < 150 && chance.below(6) == 0;
      const size_t sent = dispatch(1 + chance.below(12), crash);
      if (paused) {
        EXPECT_EQ(sent, 0u);
      }
      if (crash) {
        crashes += sent > 0 ? 1 : 0;
        restart();
      }
      clock.advance(seconds(chance.below(900)));
      if (status(id) == "done" && step >= 150) break;
    }
    std::map<CustomerId, int> rows;
    int64_t outcomes = 0;
    MessageSlice all = reader_.list(workspace_, of(id), {}, 1'000);
    for (const Message& m : all.items) {
      ++rows[m.customer];
      EXPECT_FALSE(m.waiting);
      const bool ended = m.status == MessageStep::kSent || m.status == MessageStep::kFailed ||
                         m.status == MessageStep::kSkipped || m.status == MessageStep::kWithheld;
      outcomes += ended ? 1 : 0;
      if (m.status == MessageStep::kWithheld) {
        EXPECT_EQ(channel_.attempts.count(m.customer), 0u);
      }
    }
    for (const auto& [who, count] : rows) EXPECT_EQ(count, 1);
    EXPECT_EQ(outcomes, static_cast<int64_t>(all.items.size()));
    EXPECT_EQ(get(id).campaign.audience, outcomes);
    size_t repeats = 0;
    for (const auto& [who, count] : channel_.accepted) {
      repeats += static_cast<size_t>(count - 1);
      EXPECT_EQ(channel_.ids[who].size(), 1u);  // a repeat has the same Message-ID
    }
    EXPECT_LE(repeats, crashes) << "seed " << seed;
  }
}

}  // namespace
}  // namespace rapport
