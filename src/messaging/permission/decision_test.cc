#include "messaging/permission/decision.h"

#include <gtest/gtest.h>

#include "base/error.h"

#include "messaging/permission/permission_settings.h"
#include "messaging/permission/recipient_zone.h"

namespace rapport {
namespace {

using std::chrono::hours;
using R = SkipReason;
using V = SendVerdict;

Timestamp at(const char* text) {
  return *parse_timestamp(text);
}

const Timestamp kNoon = at("2026-06-10T12:00:00Z");

class DecisionTest : public testing::Test {
 protected:
  DecisionTest() {
    topic_.id = TopicId{1};
    topic_.default_consent = TopicDefault::kOptOut;
    in_.now = in_.queued_at = kNoon;
    in_.message = MessageId{100};
    in_.channel = "email";
    in_.topic_id = topic_.id;
    in_.topic = &topic_;
    in_.max_hold = hours(72);
  }
  std::string verdict() const {
    const SendDecision d = decide(in_);
    if (d.verdict == V::kSend) return d.takes_slot ? "send+slot" : "send";
    const std::string reason(skip_reason_name(d.reason));
    if (d.verdict == V::kSkip) return "skip " + reason;
    return "hold " + reason + " " + format_timestamp(d.until);
  }
  void sent(uint64_t id, Micros ago, std::string channel = "email", uint64_t topic = 1) {
    in_.slots.push_back({MessageId{id}, std::move(channel), TopicId{topic}, in_.now - ago});
  }
  Cap cap(int64_t limit, Micros window, std::string channel = "", uint64_t topic = 0) {
    Cap c;
    c.limit = limit;
    c.window = window;
    c.channel = std::move(channel);
    c.topic = TopicId{topic};
    return c;
  }

  Topic topic_;
  DecisionInput in_;
};

TEST_F(DecisionTest, SuppressionWinsOverEverything) {
  for (const char* reason : {"bounced", "complained", "manual", "erased", "unsubscribed"}) {
    in_.suppression = reason;
    EXPECT_EQ(verdict(), "skip suppressed") << reason;
  }
  in_.transactional = true;
  EXPECT_EQ(verdict(), "send");  // they unsubscribed from marketing, not from their receipts
  in_.suppression = "bounced";
  EXPECT_EQ(verdict(), "skip suppressed");
}

TEST_F(DecisionTest, TransactionalIsExemptByItsClassOnly) {
  topic_.default_consent = TopicDefault::kOptIn;
  in_.paused_until = kNoon + hours(1);
  in_.caps = {cap(1, hours(24))};
  sent(1, hours(1));
  EXPECT_EQ(verdict(), "skip no_consent");
  in_.transactional = true;
  EXPECT_EQ(verdict(), "send");
}

TEST_F(DecisionTest, TopicConsentAndPause) {
  topic_.archived = true;
  EXPECT_EQ(verdict(), "skip topic_gone");
  topic_.archived = false;
  in_.channel = "sms";
  EXPECT_EQ(verdict(), "skip topic_gone");
  in_.channel = "email";
  in_.topic = nullptr;
  EXPECT_EQ(verdict(), "skip topic_gone");
  in_.topic = &topic_;
  in_.paused_until = kNoon;
  EXPECT_EQ(verdict(), "send");
  in_.paused_until = kNoon + Micros(1);
  EXPECT_EQ(verdict(), "skip paused");
  in_.paused_until.reset();
  ConsentState withdrawn;
  withdrawn.status = ConsentStatus::kWithdrawn;
  in_.all = &withdrawn;
  EXPECT_EQ(verdict(), "skip unsubscribed");
}

TEST_F(DecisionTest, CapsCountWhatConcernsThem) {
  in_.caps = {cap(2, hours(24))};
  EXPECT_EQ(verdict(), "send+slot");
  sent(1, hours(1));
  EXPECT_EQ(verdict(), "send+slot");
  sent(2, hours(24));  // a day old to the microsecond: it has left the window
  EXPECT_EQ(verdict(), "send+slot");
  sent(3, hours(24) - Micros(1));
  EXPECT_EQ(verdict(), "skip frequency_cap");
  in_.caps = {cap(2, hours(24), "sms")};
  EXPECT_EQ(verdict(), "send");
  in_.caps = {cap(2, hours(24), "email", 2)};
  EXPECT_EQ(verdict(), "send");
  in_.caps = {cap(3, hours(24)), cap(9, hours(48), "email"), cap(3, hours(48), "", 1)};
  EXPECT_EQ(verdict(), "skip frequency_cap");  // by the last of them
  in_.caps.pop_back();
  EXPECT_EQ(verdict(), "send+slot");
  in_.caps = {cap(1, hours(1))};
  in_.caps[0].own = true;
  in_.slots.clear();
  sent(4, Micros(1));
  EXPECT_EQ(verdict(), "skip customer_frequency");
}

TEST_F(DecisionTest, AdmittedMessagesHoldTheirPlace) {
  in_.caps = {cap(1, hours(1))};
  in_.slots.push_back({MessageId{1}, "email", TopicId{1}, std::nullopt});
  EXPECT_EQ(verdict(), "skip frequency_cap");
  in_.slots = {{in_.message, "email", TopicId{1}, std::nullopt}};
  EXPECT_EQ(verdict(), "send");  // its own place
  sent(2, hours(0));
  EXPECT_EQ(verdict(), "send");
}

TEST_F(DecisionTest, AMessageMayWaitForAPlace) {
  in_.hold_over_cap = true;
  in_.caps = {cap(2, hours(24))};
  sent(1, hours(20));
  sent(2, hours(3));
  EXPECT_EQ(verdict(), "hold frequency_cap 2026-06-10T16:00:00.000Z");
  sent(3, hours(1));  // one too many: two must leave
  EXPECT_EQ(verdict(), "hold frequency_cap 2026-06-11T09:00:00.000Z");
  in_.max_hold = hours(20);
  EXPECT_EQ(verdict(), "skip frequency_cap");
}

TEST_F(DecisionTest, TheMoreImportantGoesFirst) {
  in_.caps = {cap(2, hours(24))};
  sent(1, hours(1));
  in_.priority = 50;
  in_.rivals = {{MessageId{90}, "email", TopicId{1}, 50}};
  EXPECT_EQ(verdict(), "send+slot");  // no more important than this one
  in_.rivals = {{MessageId{101}, "email", TopicId{1}, 51}};
  EXPECT_EQ(verdict(), "hold lower_priority 2026-06-10T12:01:00.000Z");
  in_.caps[0].limit = 3;
  EXPECT_EQ(verdict(), "send+slot");  // a place for each
  in_.caps = {cap(2, hours(24), "sms")};
  EXPECT_EQ(verdict(), "send");
  in_.caps = {cap(2, hours(24))};
  in_.queued_at = kNoon - hours(72);
  EXPECT_EQ(verdict(), "skip hold_expired");
}

TEST_F(DecisionTest, QuietHoursHoldOrDrop) {
  ZoneTable zones;
  const auto tokyo = zones.find("Asia/Tokyo");  // 21:00 there
  QuietHours quiet;
  in_.quiet = &quiet;
  in_.zone = tokyo.get();
  EXPECT_EQ(verdict(), "hold quiet_hours 2026-06-10T23:00:00.000Z");
  in_.max_hold = hours(10);
  EXPECT_EQ(verdict(), "skip hold_expired");
  quiet.hold = false;
  EXPECT_EQ(verdict(), "skip quiet_hours");
  in_.now = kNoon - Micros(1);
  EXPECT_EQ(verdict(), "send");
  quiet.start_minute = quiet.end_minute;
  in_.now = kNoon;
  EXPECT_EQ(verdict(), "send");
}

TEST(QuietHours, EndWithTheClocksOfEachZone) {
  struct Case {
    const char* zone;
    const char* start;
    const char* end;
    const char* now;
    const char* until;  // empty: not quiet
  };
  const Case cases[]{
      {"Asia/Ho_Chi_Minh", "21:00", "08:00", "2026-06-10T14:00:00Z", "2026-06-11T01:00:00Z"},
      {"Asia/Ho_Chi_Minh", "21:00", "08:00", "2026-06-10T13:59:59Z", ""},
      {"Asia/Ho_Chi_Minh", "21:00", "08:00", "2026-06-11T00:59:59Z", "2026-06-11T01:00:00Z"},
      {"Asia/Ho_Chi_Minh", "21:00", "08:00", "2026-06-11T01:00:00Z", ""},
      {"Asia/Ho_Chi_Minh", "12:00", "14:00", "2026-06-10T05:30:00Z", "2026-06-10T07:00:00Z"},
      {"Asia/Kolkata", "22:00", "07:30", "2026-06-10T17:00:00Z", "2026-06-11T02:00:00Z"},
      {"Asia/Kathmandu", "22:00", "07:00", "2026-06-10T17:00:00Z", "2026-06-11T01:15:00Z"},
      // The night in which clocks go forward is an hour shorter, and longer when they go back.
      {"Europe/Berlin", "21:00", "08:00", "2026-03-28T22:00:00Z", "2026-03-29T06:00:00Z"},
      {"Europe/Berlin", "21:00", "08:00", "2026-10-24T22:00:00Z", "2026-10-25T07:00:00Z"},
      {"America/New_York", "21:00", "08:00", "2026-03-08T03:00:00Z", "2026-03-08T12:00:00Z"},
      {"Australia/Sydney", "21:00", "08:00", "2026-10-03T12:00:00Z", "2026-10-03T21:00:00Z"},
      {"Australia/Sydney", "21:00", "08:00", "2026-04-04T12:00:00Z", "2026-04-04T22:00:00Z"},
      {"Australia/Lord_Howe", "21:00", "08:00", "2026-04-04T12:00:00Z", "2026-04-04T21:30:00Z"},
      // The end is in the hour that is skipped: quiet until the gap is over.
      {"Europe/Berlin", "21:00", "02:30", "2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z"},
      // The end comes twice: the second run of that half hour is quiet again.
      {"Europe/Berlin", "21:00", "02:30", "2026-10-25T00:10:00Z", "2026-10-25T00:30:00Z"},
      {"Europe/Berlin", "21:00", "02:30", "2026-10-25T00:40:00Z", ""},
      {"-09:30", "21:00", "08:00", "2026-06-10T07:00:00Z", "2026-06-10T17:30:00Z"},
  };
  ZoneTable zones;
  for (const Case& c : cases) {
    QuietHours quiet;
    quiet.start_minute = *parse_minute_of_day(c.start);
    quiet.end_minute = *parse_minute_of_day(c.end);
    const auto until = quiet_until(quiet, *zones.find(c.zone), at(c.now));
    EXPECT_EQ(until ? format_timestamp(*until) : "", *c.until ? format_timestamp(at(c.until)) : "")
        << c.zone << " " << c.now;
  }
}

TEST(QuietHours, AChannelsOwnCome) {
  std::vector<QuietHours> all(2);
  all[1].channel = "sms";
  EXPECT_EQ(quiet_hours_of(all, "sms"), &all[1]);
  EXPECT_EQ(quiet_hours_of(all, "email"), &all[0]);
  EXPECT_EQ(quiet_hours_of({}, "email"), nullptr);
}

TEST(PermissionSettingsRules, ComeBackAndNameTheField) {
  const std::string json =
      R"({"caps":[{"channel":"email","limit":3,"window":"7d"},{"topic_id":"top_0000000000004",)"
      R"("limit":1,"window":"36h"}],"quiet_hours":[{"start":"21:00","end":"08:30","mode":"hold"}],)"
      R"("over_cap":"hold","max_hold_hours":48,"sender":"Shop <a@b.co>"})";
  EXPECT_EQ(to_json_text(parse_permission_settings(json)), json);
  const std::pair<std::string, std::string> bad[]{
      {R"("window":"7d")", R"("window":"0d")"},
      {R"("window":"7d")", R"("window":"93d")"},
      {R"("limit":3)", R"("limit":0)"},
      {R"("start":"21:00")", R"("start":"24:00")"},
      {R"("mode":"hold")", R"("mode":"wait")"},
      {R"("over_cap":"hold")", R"("over_cap":"x")"},
      {R"("max_hold_hours":48)", R"("max_hold_hours":0)"},
      {"a@b.co", "nobody"},
      {"top_0000000000004", "cmp_1"},
      {R"("end":"08:30")", R"("end":"21:00")"},
  };
  for (const auto& [from, to] : bad) {
    std::string changed = json;
    changed.replace(changed.find(from), from.size(), to);
    EXPECT_THROW(parse_permission_settings(changed), Error) << to;
  }
}

}  // namespace
}  // namespace rapport
