// A campaign: one message to one audience, when it goes, and the rules of its fields and states.
// Pure; no I/O.
//
// A campaign runs once (`one_off`, `scheduled`), many times (`recurring`: one run an occurrence),
// or whenever the API says so (`triggered`). What a person chose is the CampaignPlan;
// docs/campaigns.md tells what each field does.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "messaging/campaigns/enclosures.h"

namespace rapport {

enum class CampaignStatus : uint8_t {
  kDraft = 0,
  kStarting = 1,   // an audience is being fixed and queued; derived
  kSending = 2,    // stored for every campaign that was started
  kDone = 3,       // every message of the audience ended, and none will follow; derived
  kScheduled = 4,  // waits for its time; derived
  kPaused = 5,
  kCancelled = 6,
};

/// "draft", "starting", "sending", "done", "scheduled", "paused", "cancelled".
std::string_view campaign_status_name(CampaignStatus status);

enum class CampaignKind : uint8_t { kOneOff, kScheduled, kRecurring, kTriggered };

struct MessageTemplate {
  std::string subject;
  std::string html;
  std::string text;
};

/// Who receives it: members of any source but of no excluded one.
struct AudienceSpec {
  std::vector<SegmentId> segments;
  std::vector<std::string> lists;
  std::vector<SegmentId> exclude_segments;
  std::vector<std::string> exclude_lists;
  bool evergreen = false;  // new members receive it while it runs; else frozen at the start
};

/// What happens to recipients whose local hour is over when the campaign starts.
enum class PassedHour : uint8_t { kSendNow, kSkip, kNextDay };

struct Schedule {
  std::optional<Timestamp> at;  // one instant for all
  std::string local_time;       // "2026-12-24T09:00", each recipient's own
  PassedHour when_passed = PassedHour::kSendNow;
  std::string rule;                    // of `recurring`: see Recurrence
  std::optional<Timestamp> starts_at;  // of `recurring`: origin of the series
  std::optional<Timestamp> ends_at;    // no run, no new member and no trigger from then on
};

struct Variant {
  std::string name;
  int64_t share = 0;  // percent of those who take part
  MessageTemplate content;
  std::string template_id;
};

enum class WinnerMetric : uint8_t { kNone, kOpen, kClick, kConversion };

/// Variants compared on a part of the audience; the rest waits for the winner.
struct Experiment {
  std::vector<Variant> variants;  // empty: no experiment
  int64_t test_percent = 100;
  WinnerMetric metric = WinnerMetric::kNone;  // none: no winner is chosen
  bool sequential = false;  // decided as soon as the evidence suffices, else after the time
  int64_t after_minutes = 240;
  double alpha = 0.05;
};

struct GoalFilter {
  std::string property;
  std::string op;     // eq, ne, gt, gte, lt, lte, contains, exists
  std::string value;  // JSON
};

struct Goal {
  std::string event;  // empty: no goal
  std::vector<GoalFilter> where;
  int64_t window_hours = 72;
  std::string value_property;  // summed as revenue; empty: none
};

struct CampaignPlan {
  CampaignKind kind = CampaignKind::kOneOff;
  AudienceSpec audience;
  Schedule schedule;
  int64_t throttle_per_minute = 0;  // 0: none
  Experiment experiment;
  int64_t control_percent = 0;
  Goal goal;
  std::string topic;                    // of the permission to send
  std::string template_id;              // content kept with the templates, else the own one
  Enclosures enclosures;                // files, and an invitation
  bool transactional = false;           // class of the message, else marketing
  std::optional<CampaignId> resend_of;  // to those of that one who did not open
};

struct Campaign {
  CampaignId id;
  WorkspaceId workspace;
  std::string name;
  std::string channel = "email";
  std::string from;
  MessageTemplate content;
  CampaignPlan plan;
  CampaignStatus status = CampaignStatus::kDraft;
  Timestamp created_at;
  std::optional<Timestamp> started_at;
  std::optional<int64_t> audience;  // once it is fixed: recipients of all runs, control groups too

  /// The one segment of a simple audience, else 0.
  SegmentId segment() const {
    return plan.audience.segments.empty() ? SegmentId{} : plan.audience.segments.front();
  }
};

/// Throws kInvalidArgument that names the field: name, channel, from, template.subject, ….
void check_campaign(const Campaign& campaign);

/// Content and template of a variant; the campaign's own where the variant says nothing.
struct ChosenContent {
  const MessageTemplate& content;
  const std::string& template_id;
};
ChosenContent content_of(const Campaign& campaign, size_t variant);

/// "2026-12-24T09:00[:00]" as wall-clock time; null when it is not of that form.
std::optional<std::chrono::local_time<Micros>> parse_local_time(std::string_view text);

}  // namespace rapport
