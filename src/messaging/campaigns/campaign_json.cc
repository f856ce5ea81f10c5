#include "messaging/campaigns/campaign_json.h"

#include "base/error.h"
#include "base/text.h"
#include "messaging/campaigns/ledger_block.h"

namespace rapport {
namespace {

/// Place of a word in its closed list; the first when there is none.
template <class Words>
size_t place_of(const std::optional<OneOf<Words>>& value) {
  const auto words = Words::words();
  for (size_t i = 0; value && i < words.size(); ++i) {
    if (words[i] == *value) return i;
  }
  return 0;
}

template <class Words, class Enum>
OneOf<Words> word_of(Enum value) {
  return OneOf<Words>(Words::words().at(static_cast<size_t>(value)));
}

std::vector<SegmentId> read_segments(const std::optional<std::vector<std::string>>& ids,
                                     const std::string& field) {
  std::vector<SegmentId> segments;
  if (!ids) return segments;
  for (size_t i = 0; i < ids->size(); ++i) {
    const auto id = parse_id<SegmentTag>((*ids)[i]);
    if (!id) throw Error::invalid(field + "[" + std::to_string(i) + "]", "is not a segment's id");
    segments.push_back(*id);
  }
  return segments;
}

std::vector<std::string> write_segments(const std::vector<SegmentId>& segments) {
  std::vector<std::string> ids;
  for (const SegmentId id : segments) ids.push_back(to_public(id));
  return ids;
}

AudienceSpec read_audience(const RecipientsBody& body) {
  AudienceSpec audience;
  audience.segments = read_segments(body.segments, "recipients.segments");
  audience.lists = body.lists.value_or(std::vector<std::string>());
  audience.exclude_segments = read_segments(body.exclude_segments, "recipients.exclude_segments");
  audience.exclude_lists = body.exclude_lists.value_or(std::vector<std::string>());
  audience.evergreen = place_of(body.mode) == 1;
  return audience;
}

Experiment read_experiment(const ExperimentBody& body) {
  Experiment e;
  for (const VariantBody& v : body.variants) {
    Variant variant;
    variant.name = v.name.value_or("");
    variant.share = v.share;
    variant.template_id = v.template_id.value_or("");
    if (v.template_) {
      variant.content = {v.template_->subject, v.template_->html.value_or(""),
                         v.template_->text.value_or("")};
    }
    e.variants.push_back(std::move(variant));
  }
  e.test_percent = body.test_percent.value_or(e.test_percent);
  e.metric = static_cast<WinnerMetric>(place_of(body.winner));
  e.sequential = place_of(body.decide) == 1;
  e.after_minutes = body.after_minutes.value_or(e.after_minutes);
  e.alpha = body.alpha.value_or(e.alpha);
  return e;
}

ExperimentBody write_experiment(const Experiment& e) {
  ExperimentBody body;
  for (const Variant& v : e.variants) {
    VariantBody variant;
    variant.name = v.name;
    variant.share = v.share;
    if (!v.template_id.empty()) variant.template_id = v.template_id;
    if (v.template_id.empty()) {
      variant.template_ = TemplateBody{v.content.subject, v.content.html, v.content.text};
    }
    body.variants.push_back(std::move(variant));
  }
  body.test_percent = e.test_percent;
  body.winner = word_of<WinnerWords>(e.metric);
  body.decide = OneOf<DecideWords>(e.sequential ? "sequential" : "time");
  body.after_minutes = e.after_minutes;
  body.alpha = e.alpha;
  return body;
}

Goal read_goal(const GoalBody& body) {
  Goal goal;
  goal.event = body.event;
  if (body.where) {
    for (const GoalFilterBody& f : *body.where) {
      goal.where.push_back({f.property, f.op, f.value ? f.value->text : ""});
    }
  }
  goal.window_hours = body.window_hours.value_or(goal.window_hours);
  goal.value_property = body.value_property.value_or("");
  if (goal.event.empty()) throw Error::invalid("goal.event", "is required");
  return goal;
}

GoalBody write_goal(const Goal& goal) {
  GoalBody body;
  body.event = goal.event;
  body.where.emplace();
  for (const GoalFilter& f : goal.where) {
    GoalFilterBody filter{f.property, OneOf<GoalOpWords>(f.op), {}};
    if (!f.value.empty()) filter.value = RawJson{f.value};
    body.where->push_back(std::move(filter));
  }
  body.window_hours = goal.window_hours;
  body.value_property = goal.value_property;
  return body;
}

Enclosures read_enclosures(const std::optional<std::vector<FileUseBody>>& files,
                           const std::optional<InvitationBody>& invitation) {
  Enclosures enclosures;
  for (const FileUseBody& use : files.value_or(std::vector<FileUseBody>())) {
    enclosures.files.push_back({use.file_id, use.name.value_or("")});
  }
  if (invitation) enclosures.invitation = invitation_from(*invitation);
  return enclosures;
}

}  // namespace

Invitation invitation_from(const InvitationBody& body) {
  Invitation i;
  i.uid = body.uid.value_or("");
  i.sequence = body.sequence.value_or(0);
  i.cancelled = body.cancelled.value_or(false);
  i.start = body.start;
  i.end = body.end;
  i.time_zone = body.time_zone.value_or("");
  i.summary = body.summary;
  i.description = body.description.value_or("");
  i.location = body.location.value_or("");
  i.organizer = body.organizer.value_or("");
  return i;
}

std::optional<std::vector<FileUseBody>> present_files(const std::vector<FileUse>& files) {
  if (files.empty()) return std::nullopt;
  std::vector<FileUseBody> bodies;
  for (const FileUse& use : files) {
    FileUseBody body{use.file_id, {}};
    if (!use.name.empty()) body.name = use.name;
    bodies.push_back(std::move(body));
  }
  return bodies;
}

std::optional<InvitationBody> present_invitation(const std::optional<Invitation>& invitation) {
  if (!invitation) return std::nullopt;
  const Invitation& i = *invitation;
  const auto given = [](const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
  };
  InvitationBody body;
  body.uid = given(i.uid);
  body.sequence = i.sequence;
  body.cancelled = i.cancelled;
  body.start = i.start;
  body.end = i.end;
  body.time_zone = given(i.time_zone);
  body.summary = i.summary;
  body.description = given(i.description);
  body.location = given(i.location);
  body.organizer = given(i.organizer);
  return body;
}

CampaignPlan plan_from(const PlanBody& body) {
  CampaignPlan plan;
  plan.kind = static_cast<CampaignKind>(place_of(body.kind));
  if (body.recipients) plan.audience = read_audience(*body.recipients);
  if (body.schedule) {
    const ScheduleBody& s = *body.schedule;
    plan.schedule.at = s.at;
    plan.schedule.local_time = s.local_time.value_or("");
    plan.schedule.when_passed = static_cast<PassedHour>(place_of(s.when_passed));
    plan.schedule.rule = s.rule.value_or("");
    plan.schedule.starts_at = s.starts_at;
    plan.schedule.ends_at = s.ends_at;
  }
  plan.throttle_per_minute = body.throttle_per_minute.value_or(0);
  if (body.experiment) plan.experiment = read_experiment(*body.experiment);
  plan.control_percent = body.control_percent.value_or(0);
  if (body.goal) plan.goal = read_goal(*body.goal);
  plan.topic = body.topic.value_or("");
  plan.template_id = body.template_id.value_or("");
  plan.transactional = place_of(body.class_) == 1;
  if (body.resend_of) {
    plan.resend_of = parse_id<CampaignTag>(*body.resend_of);
    if (!plan.resend_of) throw Error::invalid("resend_of", "is not a campaign's id");
  }
  plan.enclosures = read_enclosures(body.attachments, body.invitation);
  return plan;
}

PlanBody present_plan(const CampaignPlan& plan) {
  PlanBody body;
  body.kind = word_of<CampaignKindWords>(plan.kind);
  const AudienceSpec& a = plan.audience;
  body.recipients = RecipientsBody{write_segments(a.segments), a.lists,
                                   write_segments(a.exclude_segments), a.exclude_lists,
                                   OneOf<AudienceModeWords>(a.evergreen ? "evergreen" : "frozen")};
  const Schedule& s = plan.schedule;
  ScheduleBody schedule;
  schedule.at = s.at;
  if (!s.local_time.empty()) schedule.local_time = s.local_time;
  schedule.when_passed = word_of<PassedHourWords>(s.when_passed);
  if (!s.rule.empty()) schedule.rule = s.rule;
  schedule.starts_at = s.starts_at;
  schedule.ends_at = s.ends_at;
  body.schedule = std::move(schedule);
  body.throttle_per_minute = plan.throttle_per_minute;
  if (!plan.experiment.variants.empty()) body.experiment = write_experiment(plan.experiment);
  body.control_percent = plan.control_percent;
  if (!plan.goal.event.empty()) body.goal = write_goal(plan.goal);
  if (!plan.topic.empty()) body.topic = plan.topic;
  if (!plan.template_id.empty()) body.template_id = plan.template_id;
  body.class_ = OneOf<MessageClassWords>(plan.transactional ? "transactional" : "marketing");
  if (plan.resend_of) body.resend_of = to_public(*plan.resend_of);
  body.attachments = present_files(plan.enclosures.files);
  body.invitation = present_invitation(plan.enclosures.invitation);
  return body;
}

std::shared_ptr<const Campaign> single_campaign(WorkspaceId workspace, std::string_view content) {
  auto body = parse_json<SingleContent>(content.empty() ? "{}" : content);
  auto campaign = std::make_shared<Campaign>();
  campaign->workspace = workspace;
  campaign->from = std::move(body.from);
  campaign->content = {std::move(body.subject), std::move(body.html), std::move(body.text)};
  campaign->plan.template_id = std::move(body.template_id);
  campaign->plan.transactional = true;
  campaign->plan.enclosures = read_enclosures(body.attachments, body.invitation);
  return campaign;
}

NewEvent make_started_event(const Campaign& campaign, uint32_t run, Timestamp at) {
  std::string properties = "\"name\":" + json_quote(campaign.name);
  const PlanBody plan = present_plan(campaign.plan);
  if (plan.goal) properties += ",\"goal\":" + to_json(*plan.goal);
  return make_campaign_event(kCampaignStartedEvent, campaign.workspace, campaign.id, run,
                             properties, at);
}

std::string plan_to_json(const CampaignPlan& plan) {
  return to_json(present_plan(plan));
}

CampaignPlan plan_from_json(std::string_view json) {
  return plan_from(parse_json<PlanBody>(json));
}

}  // namespace rapport
