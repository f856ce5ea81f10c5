// The gate on a world in memory: exact caps under threads and crashes, and a long random life in
// virtual time in which no message may break a rule.
#include "messaging/permission/send_gate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <thread>

#include "access/access_test_support.h"
#include "customers/customers_test_support.h"
#include "messaging/message.h"
#include "messaging/message_stage.h"
#include "messaging/permission/gate_store.h"
#include "messaging/permission/permission_stage.h"
#include "storage/message_index.h"
#include "stream/stream_test_support.h"

namespace rapport {
namespace {

using customers_test::World;
using std::chrono::hours;

class SendGateTest : public AccessTest {
 protected:
  SendGateTest() : workspace_(add_workspace("Shop")) {
    writer_.on_appended([this](Offset) { world_.projector.run_to_end(); });
    writer_.start();
  }
  ~SendGateTest() override { writer_.stop(); }

  /// By way of the writer: the projector is its thread's.
  Customer customer(const std::string& user, const std::string& traits = "") {
    const std::string body = R"({"traits":{"email":")" + user + R"(@x.y")" + traits + "}}";
    const std::string id = "identify-" + user;
    Event event;
    event.workspace = workspace_;
    event.type = EventType::kIdentify;
    event.timestamp = event.received_at = clock.now();
    event.message_id = id;
    event.user_id = user;
    event.body = body;
    store(make_new_event(event));
    return world_.by("user_id", user, workspace_);
  }
  void caps(std::vector<Cap> caps, bool hold = false, std::vector<QuietHours> quiet = {}) {
    PermissionSettings settings;
    settings.caps = std::move(caps);
    settings.hold_over_cap = hold;
    settings.quiet_hours = std::move(quiet);
    settings_.put(workspace_, settings, Actor::system());
  }
  static Cap cap(int64_t limit, Micros window, TopicId topic = {}) {
    Cap c;
    c.limit = limit;
    c.window = window;
    c.topic = topic;
    return c;
  }
  GateRequest request(uint64_t id, const Customer& to, TopicId topic = {}) {
    GateRequest r;
    r.workspace = workspace_;
    r.message = MessageId{id};
    r.channel = "email";
    r.address = to.email();
    r.topic = topic;
    r.queued_at = clock.now();
    return r;
  }
  void store(NewEvent event) {
    std::vector<NewEvent> events;
    events.push_back(std::move(event));
    const Offset last = writer_.append(std::move(events)).last;
    ASSERT_TRUE(world_.projector.wait_applied(last, std::chrono::seconds(5)));
  }
  void step(MessageStep s, uint64_t id, const Customer& to, TopicId topic = {}) {
    MessageFact fact;
    fact.workspace = workspace_;
    fact.customer = to.id;
    fact.message = MessageId{id};
    fact.topic = topic;
    store(make_step_event(s, fact, clock.now()));
  }
  std::string judge(const GateRequest& r, const Customer& to) {
    const SendDecision d = gate_->admit(r, to);
    if (d.verdict == SendVerdict::kSend) return "send";
    return (d.verdict == SendVerdict::kHold ? "hold " : "skip ") +
           std::string(skip_reason_name(d.reason));
  }
  /// Forgets what is in memory only; what was appended may still report to the gate that asked.
  void restart() {
    if (gate_) ended_.push_back(std::move(gate_));
    // The dispatcher begins when everything in the log is applied.
    ASSERT_TRUE(world_.projector.wait_applied(world_.log->end(), std::chrono::seconds(5)));
    gate_ = std::make_unique<SendGate>(*world_.state, topics_, settings_, hasher_, zones_, writer_,
                                       world_.projector, clock, SendGate::Ports{});
  }

  MessageStage messages_;
  PermissionStage stage_;
  World world_{{&messages_, &stage_}};
  WorkspaceId workspace_;
  std::unique_ptr<MessageIndex> index_ = make_memory_message_index();
  LogWriter writer_{*world_.log, *index_, clock};
  TopicService topics_{*control, access->audit, clock};
  PermissionSettingsService settings_{access->settings};
  AddressHasher hasher_{root_key()};
  ZoneTable zones_;
  std::vector<std::unique_ptr<SendGate>> ended_;
  std::unique_ptr<SendGate> gate_ =
      std::make_unique<SendGate>(*world_.state, topics_, settings_, hasher_, zones_, writer_,
                                 world_.projector, clock, SendGate::Ports{});
};

TEST_F(SendGateTest, ThreadsNeverShareAPlace) {
  caps({cap(3, hours(24))});
  const Customer ann = customer("ann");
  std::atomic<int> admitted{0};
  std::atomic<uint64_t> next{1'000};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 5; ++i) {
        if (judge(request(next++, ann), ann) == "send") ++admitted;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(admitted, 3);
}

TEST_F(SendGateTest, APlaceSurvivesACrashAndEndsWithItsMessage) {
  caps({cap(1, hours(24))});
  const Customer ann = customer("ann");
  EXPECT_EQ(judge(request(1'001, ann), ann), "send");
  restart();  // sent or not, nobody recorded
  EXPECT_EQ(judge(request(1'002, ann), ann), "skip frequency_cap");
  EXPECT_EQ(judge(request(1'001, ann), ann), "send");  // it has its place
  clock.advance(hours(30));
  EXPECT_EQ(judge(request(1'003, ann), ann), "skip frequency_cap");  // still not ended
  step(MessageStep::kFailed, 1'001, ann);
  EXPECT_EQ(judge(request(1'003, ann), ann), "send");
  step(MessageStep::kSent, 1'003, ann);
  EXPECT_EQ(judge(request(1'004, ann), ann), "skip frequency_cap");
  clock.advance(hours(24));
  EXPECT_EQ(judge(request(1'004, ann), ann), "send");
}

TEST_F(SendGateTest, SuppressionByHashTooAndWishes) {
  const Customer ann = customer("ann");
  EXPECT_EQ(judge(request(1, ann), ann), "send");
  Suppression s;
  s.channel = "email";
  s.address = "ANN@x.y";
  s.reason = "manual";
  s.at = clock.now();
  store(make_suppression_event(workspace_, s, "s1"));
  EXPECT_EQ(judge(request(1, ann), ann), "skip suppressed");
  const std::string hash = hasher_.hash(workspace_, "email", "ann@x.y");
  store(make_address_forgotten_event(workspace_, "email", "ann@x.y", hash, clock.now(), "s2"));
  for (const std::string& row : stream_test::dump(*world_.state)) {
    if (row.starts_with("suppressions|")) {
      EXPECT_EQ(row.find("ann@x.y"), std::string::npos);
    }
  }
  EXPECT_EQ(judge(request(1, ann), ann), "skip suppressed");
  store(make_suppression_removed_event(workspace_, "email", hash, "me", clock.now(), "s3"));
  EXPECT_EQ(judge(request(1, ann), ann), "send");

  CustomerPreferences wishes;
  wishes.paused_until = clock.now() + hours(1);
  store(make_preferences_event(workspace_, ann.id, wishes, "test", clock.now(), "p1"));
  EXPECT_EQ(judge(request(1, ann), ann), "skip paused");
  clock.advance(hours(1));
  wishes.paused_until.reset();
  wishes.frequency = "weekly";
  store(make_preferences_event(workspace_, ann.id, wishes, "test", clock.now(), "p2"));
  EXPECT_EQ(judge(request(1, ann), ann), "send");
  step(MessageStep::kSent, 1, ann);
  clock.advance(hours(7 * 24 - 1));
  EXPECT_EQ(judge(request(2, ann), ann), "skip customer_frequency");
  clock.advance(hours(1));
  EXPECT_EQ(judge(request(2, ann), ann), "send");
}

/// One message of the random life.
struct Life {
  uint64_t id = 0;
  size_t who = 0;
  TopicId topic;
  Timestamp due;
  Timestamp queued;
  int outcomes = 0;
};

// Random caps, quiet hours, zones, pauses, refusals, failures and crashes over three weeks of
// virtual time. What was really sent is judged by rules written again, here.
TEST_F(SendGateTest, NoMessageBreaksARuleAndEachHasOneOutcome) {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    SeededRandom random(seed);
    const std::string tag = "s" + std::to_string(seed) + "-";
    Topic topic;
    topic.workspace = workspace_;
    topic.name = tag;
    topic.default_consent = TopicDefault::kOptOut;
    const TopicId one = topics_.create(topic, Actor::system()).id;
    const TopicId two = topics_.create(topic, Actor::system()).id;
    const std::vector<Cap> rules{cap(2, hours(24)), cap(3, hours(72)), cap(1, hours(36), one)};
    QuietHours quiet;
    caps(rules, seed % 2 == 0, {quiet});
    const char* zone_names[]{"Asia/Ho_Chi_Minh", "Australia/Lord_Howe", "America/St_Johns",
                             "Europe/Berlin", "Asia/Kathmandu"};
    struct Person {
      Customer customer;
      std::shared_ptr<const TimeZone> zone;
      std::optional<Timestamp> paused_until;
      std::set<uint64_t> refused;
      std::vector<std::pair<Timestamp, TopicId>> sent;
    };
    std::vector<Person> people;
    for (size_t i = 0; i < 6; ++i) {
      const char* zone = zone_names[random.below(5)];
      people.push_back(
          {customer(tag + std::to_string(i), std::string(R"(,"timezone":")") + zone + "\""),
           zones_.find(zone),
           {},
           {},
           {}});
    }
    std::vector<Life> lives;
    for (uint64_t i = 0; i < 150; ++i) {
      Life life;
      life.id = seed * 1'000'000 + i;
      life.who = random.below(people.size());
      life.topic = random.below(2) == 0 ? one : two;
      life.queued = life.due = clock.now() + std::chrono::minutes(random.below(20 * 24 * 60));
      lives.push_back(life);
    }
    size_t sent_in_all = 0;
    const Timestamp end = clock.now() + hours(40 * 24);
    while (clock.now() < end) {
      auto next = std::min_element(lives.begin(), lives.end(), [](const Life& a, const Life& b) {
        return std::pair(a.outcomes, a.due) < std::pair(b.outcomes, b.due);
      });
      if (next->outcomes > 0) break;
      clock.set(std::max(clock.now(), next->due));
      Person& person = people[next->who];
      if (random.below(12) == 0) {
        CustomerPreferences wishes;
        if (random.below(2) == 0) wishes.paused_until = clock.now() + hours(random.below(72));
        person.paused_until = wishes.paused_until;
        store(make_preferences_event(workspace_, person.customer.id, wishes, "test", clock.now(),
                                     tag + "p" + std::to_string(to_micros(clock.now()))));
      }
      if (random.below(25) == 0) {
        ConsentFact fact;
        fact.workspace = workspace_;
        fact.customer = person.customer.id;
        fact.topic = next->topic;
        const bool refuse = !person.refused.contains(next->topic.value);
        fact.status = refuse ? ConsentStatus::kWithdrawn : ConsentStatus::kGiven;
        fact.at = fact.received_at = clock.now();
        fact.source = "test";
        store(make_consent_event(fact, tag + "c" + std::to_string(next->id) + "-" +
                                           std::to_string(to_micros(clock.now()))));
        refuse ? (void)person.refused.insert(next->topic.value)
               : (void)person.refused.erase(next->topic.value);
      }
      GateRequest r = request(next->id, person.customer, next->topic);
      r.queued_at = next->queued;
      const SendDecision d = gate_->admit(r, person.customer);
      if (d.verdict == SendVerdict::kHold) {
        ASSERT_GT(d.until, clock.now());
        next->due = d.until;
        continue;
      }
      if (d.verdict == SendVerdict::kSkip) {
        step(MessageStep::kSkipped, next->id, person.customer, next->topic);
        ++next->outcomes;
        continue;
      }
      const uint64_t fate = random.below(10);
      if (fate == 0) {  // a kill before anything left: the message comes again
        restart();
        next->due = clock.now() + std::chrono::minutes(1);
        continue;
      }
      if (fate == 1) {  // the provider wants it later
        next->due = clock.now() + std::chrono::minutes(1 + random.below(600));
        continue;
      }
      if (fate == 2) {
        step(MessageStep::kFailed, next->id, person.customer, next->topic);
        ++next->outcomes;
        continue;
      }
      step(MessageStep::kSent, next->id, person.customer, next->topic);
      ++next->outcomes;
      ++sent_in_all;
      if (fate == 3) restart();
      const Timestamp now = clock.now();
      EXPECT_FALSE(person.paused_until && now < *person.paused_until) << seed;
      EXPECT_FALSE(person.refused.contains(next->topic.value)) << seed;
      const LocalTime local = person.zone->to_local(now);
      const auto hour =
          std::chrono::floor<hours>(local - std::chrono::floor<std::chrono::days>(local)).count();
      EXPECT_TRUE(hour >= 8 && hour < 21) << person.zone->name() << " " << hour;
      person.sent.emplace_back(now, next->topic);
      for (const Cap& rule : rules) {
        const auto within = std::count_if(
            person.sent.begin(), person.sent.end(), [&](const std::pair<Timestamp, TopicId>& s) {
              return s.first > now - rule.window &&
                     (rule.topic.value == 0 || rule.topic == s.second);
            });
        EXPECT_LE(within, rule.limit) << seed;
      }
    }
    for (const Life& life : lives) EXPECT_EQ(life.outcomes, 1) << life.id;
    EXPECT_GT(sent_in_all, 40u);
  }
}

}  // namespace
}  // namespace rapport
