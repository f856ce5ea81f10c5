#include "messaging/campaign.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/limits.h"
#include "base/limits/campaigns.h"
#include "base/limits/segments.h"
#include "base/limits/templates.h"
#include "base/text.h"
#include "liquid/template.h"
#include "mail/address.h"
#include "messaging/campaigns/recurrence.h"

namespace rapport {
namespace {

constexpr size_t kMaxNameBytes = 200;
constexpr size_t kMaxSubjectBytes = 2'000;

void check_template(const std::string& field, std::string_view source, size_t limit) {
  if (source.size() > limit) {
    throw Error::invalid(field, "is longer than " + std::to_string(limit) + " bytes");
  }
  try {
    liquid::Template::parse(source);
  } catch (const Error& error) {
    throw Error::invalid(field, error.public_detail());
  }
}

void check_content(const std::string& prefix, const MessageTemplate& content) {
  if (trim(content.subject).empty()) throw Error::invalid(prefix + ".subject", "is required");
  if (trim(content.html).empty() && trim(content.text).empty()) {
    throw Error::invalid(prefix + ".html", "html or text is required");
  }
  check_template(prefix + ".subject", content.subject, kMaxSubjectBytes);
  check_template(prefix + ".html", content.html, limits::kMaxTemplateBytes);
  check_template(prefix + ".text", content.text, limits::kMaxTemplateBytes);
}

void check_range(const std::string& field, int64_t value, int64_t low, int64_t high) {
  if (value >= low && value <= high) return;
  throw Error::invalid(field,
                       "must be from " + std::to_string(low) + " to " + std::to_string(high));
}

void check_audience(const CampaignPlan& plan) {
  const AudienceSpec& a = plan.audience;
  const auto bounded = [](const char* field, size_t count) {
    if (count > limits::kMaxAudienceSources) {
      throw Error::invalid(field, "holds at most " + std::to_string(limits::kMaxAudienceSources));
    }
  };
  bounded("recipients.segments", a.segments.size());
  bounded("recipients.lists", a.lists.size());
  bounded("recipients.exclude_segments", a.exclude_segments.size());
  bounded("recipients.exclude_lists", a.exclude_lists.size());
  const bool named = plan.kind == CampaignKind::kTriggered || plan.resend_of;
  if (!named && a.segments.empty() && a.lists.empty()) {
    throw Error::invalid("segment_id", "a segment or a list is required");
  }
  if (a.evergreen && plan.kind != CampaignKind::kOneOff && plan.kind != CampaignKind::kScheduled) {
    throw Error::invalid("recipients.mode", "only a campaign that runs once can be evergreen");
  }
}

void check_schedule(const CampaignPlan& plan) {
  const Schedule& s = plan.schedule;
  if (plan.kind == CampaignKind::kScheduled) {
    if (s.at.has_value() == !s.local_time.empty()) {
      throw Error::invalid("schedule.at", "at or local_time is required, and only one of them");
    }
    if (!s.local_time.empty() && !parse_local_time(s.local_time)) {
      throw Error::invalid("schedule.local_time", "is not a time like 2026-12-24T09:00");
    }
  } else if (s.at || !s.local_time.empty()) {
    throw Error::invalid("kind", "a campaign with a time is \"scheduled\"");
  }
  if (plan.kind == CampaignKind::kRecurring) {
    Recurrence::parse(s.rule, "schedule.rule");
  } else if (!s.rule.empty() || s.starts_at) {
    throw Error::invalid("kind", "a campaign with a rule is \"recurring\"");
  }
  if (s.ends_at && s.at && *s.ends_at <= *s.at) {
    throw Error::invalid("schedule.ends_at", "is before it begins");
  }
}

void check_experiment(const CampaignPlan& plan) {
  const Experiment& e = plan.experiment;
  if (e.variants.empty()) return;
  check_range("experiment.variants", static_cast<int64_t>(e.variants.size()), 2,
              limits::kMaxVariants);
  int64_t total = 0;
  for (size_t i = 0; i < e.variants.size(); ++i) {
    const std::string field = "experiment.variants[" + std::to_string(i) + "]";
    const Variant& v = e.variants[i];
    check_range(field + ".share", v.share, 1, 99);
    if (v.name.size() > kMaxNameBytes) throw Error::invalid(field + ".name", "is too long");
    total += v.share;
    if (v.template_id.empty()) check_content(field + ".template", v.content);
  }
  if (total != 100) throw Error::invalid("experiment.variants", "shares must add up to 100");
  check_range("experiment.test_percent", e.test_percent, 1, 100);
  check_range("experiment.after_minutes", e.after_minutes, 1, 60 * 24 * 30);
  if (!(e.alpha >= 0.001 && e.alpha <= 0.2)) {
    throw Error::invalid("experiment.alpha", "must be from 0.001 to 0.2");
  }
  if (e.metric == WinnerMetric::kNone && (e.test_percent < 100 || e.sequential)) {
    throw Error::invalid("experiment.winner", "is needed to end the test");
  }
  if (e.metric == WinnerMetric::kConversion && plan.goal.event.empty()) {
    throw Error::invalid("goal", "is needed to choose a winner by conversion");
  }
  if (plan.kind == CampaignKind::kRecurring && e.metric != WinnerMetric::kNone) {
    throw Error::invalid("experiment.winner", "is chosen only for a campaign that runs once");
  }
  if (plan.kind == CampaignKind::kTriggered && e.test_percent < 100) {
    throw Error::invalid("experiment.test_percent", "is 100 for a triggered campaign");
  }
}

void check_goal(const Goal& goal) {
  if (goal.event.empty()) {
    if (!goal.where.empty()) throw Error::invalid("goal.event", "is required");
    return;
  }
  static constexpr std::array<std::string_view, 8> kOps{"eq", "ne",  "gt",       "gte",
                                                        "lt", "lte", "contains", "exists"};
  if (goal.event.size() > limits::kMaxEventNameBytes) {
    throw Error::invalid("goal.event", "is too long");
  }
  check_range("goal.window_hours", goal.window_hours, 1, limits::kMaxGoalHours);
  if (goal.where.size() > limits::kMaxGoalFilters)
    throw Error::invalid("goal.where", "is too long");
  for (size_t i = 0; i < goal.where.size(); ++i) {
    const std::string field = "goal.where[" + std::to_string(i) + "]";
    const GoalFilter& f = goal.where[i];
    if (f.property.empty() || f.property.size() > limits::kMaxConditionTextBytes) {
      throw Error::invalid(field + ".property", "is required");
    }
    if (std::find(kOps.begin(), kOps.end(), f.op) == kOps.end()) {
      throw Error::invalid(field + ".op", "must be eq, ne, gt, gte, lt, lte, contains or exists");
    }
    if (f.op != "exists" && f.value.empty()) throw Error::invalid(field + ".value", "is required");
    if (f.value.size() > limits::kMaxConditionTextBytes) {
      throw Error::invalid(field + ".value", "is too long");
    }
  }
}

}  // namespace

std::string_view campaign_status_name(CampaignStatus status) {
  static constexpr std::array<std::string_view, 7> kNames{
      "draft", "starting", "sending", "done", "scheduled", "paused", "cancelled"};
  return kNames.at(static_cast<size_t>(status));
}

std::optional<std::chrono::local_time<Micros>> parse_local_time(std::string_view text) {
  const bool shape = (text.size() == 16 || text.size() == 19) && text[4] == '-' && text[7] == '-' &&
                     (text[10] == 'T' || text[10] == ' ') && text[13] == ':';
  if (!shape) return std::nullopt;
  const auto utc = parse_timestamp(std::string(text) + (text.size() == 16 ? ":00Z" : "Z"));
  if (!utc) return std::nullopt;
  return std::chrono::local_time<Micros>(utc->time_since_epoch());
}

ChosenContent content_of(const Campaign& campaign, size_t variant) {
  const auto& variants = campaign.plan.experiment.variants;
  if (variant >= variants.size()) return {campaign.content, campaign.plan.template_id};
  return {variants[variant].content, variants[variant].template_id};
}

void check_campaign(const Campaign& campaign) {
  if (trim(campaign.name).empty()) throw Error::invalid("name", "is required");
  if (campaign.name.size() > kMaxNameBytes) {
    throw Error::invalid("name", "is longer than " + std::to_string(kMaxNameBytes) + " bytes");
  }
  if (campaign.channel != "email") throw Error::invalid("channel", "must be \"email\"");
  parse_mailbox(campaign.from, "from");
  if (campaign.from.find("{{") != std::string::npos ||
      campaign.from.find("{%") != std::string::npos) {
    throw Error::invalid("from", "is the same for everybody: it cannot hold template code");
  }
  const CampaignPlan& plan = campaign.plan;
  if (plan.experiment.variants.empty() && plan.template_id.empty()) {
    check_content("template", campaign.content);
  } else if (!plan.template_id.empty()) {
    check_template("template.subject", campaign.content.subject, kMaxSubjectBytes);
  }
  check_audience(plan);
  check_schedule(plan);
  check_range("throttle_per_minute", plan.throttle_per_minute, 0, limits::kMaxThrottlePerMinute);
  check_range("control_percent", plan.control_percent, 0, limits::kMaxControlPercent);
  check_experiment(plan);
  check_goal(plan.goal);
  check_enclosures(plan.enclosures);
}

}  // namespace rapport
