// What a person chose for a campaign, as JSON: the bodies of the API, and the form in which
// control.db keeps the plan. One definition for both. Pure.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/json_schema.h"
#include "messaging/campaign.h"
#include "stream/log_writer.h"

namespace rapport {

struct CampaignKindWords {
  static std::vector<std::string_view> words() {
    return {"one_off", "scheduled", "recurring", "triggered"};
  }
};
struct AudienceModeWords {
  static std::vector<std::string_view> words() { return {"frozen", "evergreen"}; }
};
struct PassedHourWords {
  static std::vector<std::string_view> words() { return {"send_now", "skip", "next_day"}; }
};
struct WinnerWords {
  static std::vector<std::string_view> words() { return {"none", "open", "click", "conversion"}; }
};
struct DecideWords {
  static std::vector<std::string_view> words() { return {"time", "sequential"}; }
};
struct GoalOpWords {
  static std::vector<std::string_view> words() {
    return {"eq", "ne", "gt", "gte", "lt", "lte", "contains", "exists"};
  }
};
struct MessageClassWords {
  static std::vector<std::string_view> words() { return {"marketing", "transactional"}; }
};

struct TemplateBody {
  std::string subject;
  std::optional<std::string> html;
  std::optional<std::string> text;
  BOOST_DESCRIBE_CLASS(TemplateBody, (), (subject, html, text), (), ())
};

struct RecipientsBody {
  std::optional<std::vector<std::string>> segments;
  std::optional<std::vector<std::string>> lists;
  std::optional<std::vector<std::string>> exclude_segments;
  std::optional<std::vector<std::string>> exclude_lists;
  std::optional<OneOf<AudienceModeWords>> mode;
  BOOST_DESCRIBE_CLASS(RecipientsBody, (), (segments, lists, exclude_segments, exclude_lists, mode),
                       (), ())
};

struct ScheduleBody {
  std::optional<Timestamp> at;
  std::optional<std::string> local_time;
  std::optional<OneOf<PassedHourWords>> when_passed;
  std::optional<std::string> rule;
  std::optional<Timestamp> starts_at;
  std::optional<Timestamp> ends_at;
  BOOST_DESCRIBE_CLASS(ScheduleBody, (), (at, local_time, when_passed, rule, starts_at, ends_at),
                       (), ())
};

struct VariantBody {
  std::optional<std::string> name;
  int64_t share = 0;
  std::optional<TemplateBody> template_;
  std::optional<std::string> template_id;
  BOOST_DESCRIBE_CLASS(VariantBody, (), (name, share, template_, template_id), (), ())
};

struct ExperimentBody {
  std::vector<VariantBody> variants;
  std::optional<int64_t> test_percent;
  std::optional<OneOf<WinnerWords>> winner;
  std::optional<OneOf<DecideWords>> decide;
  std::optional<int64_t> after_minutes;
  std::optional<double> alpha;
  BOOST_DESCRIBE_CLASS(ExperimentBody, (),
                       (variants, test_percent, winner, decide, after_minutes, alpha), (), ())
};

struct GoalFilterBody {
  std::string property;
  OneOf<GoalOpWords> op;
  std::optional<RawJson> value;
  BOOST_DESCRIBE_CLASS(GoalFilterBody, (), (property, op, value), (), ())
};

struct GoalBody {
  std::string event;
  std::optional<std::vector<GoalFilterBody>> where;
  std::optional<int64_t> window_hours;
  std::optional<std::string> value_property;
  BOOST_DESCRIBE_CLASS(GoalBody, (), (event, where, window_hours, value_property), (), ())
};

struct FileUseBody {
  std::string file_id;
  std::optional<std::string> name;
  BOOST_DESCRIBE_CLASS(FileUseBody, (), (file_id, name), (), ())
};

/// Texts are templates. `start` and `end`: "2026-12-01T09:00" in `time_zone`, or an instant.
struct InvitationBody {
  std::optional<std::string> uid;
  std::optional<int64_t> sequence;
  std::optional<bool> cancelled;
  std::string start;
  std::string end;
  std::optional<std::string> time_zone;
  std::string summary;
  std::optional<std::string> description;
  std::optional<std::string> location;
  std::optional<std::string> organizer;
  BOOST_DESCRIBE_CLASS(InvitationBody, (),
                       (uid, sequence, cancelled, start, end, time_zone, summary, description,
                        location, organizer),
                       (), ())
};

/// The part of a campaign that is its plan.
struct PlanBody {
  std::optional<OneOf<CampaignKindWords>> kind;
  std::optional<RecipientsBody> recipients;
  std::optional<ScheduleBody> schedule;
  std::optional<int64_t> throttle_per_minute;
  std::optional<ExperimentBody> experiment;
  std::optional<int64_t> control_percent;
  std::optional<GoalBody> goal;
  std::optional<std::string> topic;
  std::optional<std::string> template_id;
  std::optional<OneOf<MessageClassWords>> class_;
  std::optional<std::string> resend_of;
  std::optional<std::vector<FileUseBody>> attachments;
  std::optional<InvitationBody> invitation;
  BOOST_DESCRIBE_CLASS(PlanBody, (),
                       (kind, recipients, schedule, throttle_per_minute, experiment,
                        control_percent, goal, topic, template_id, class_, resend_of, attachments,
                        invitation),
                       (), ())
};

/// Throws kInvalidArgument naming the field. Fields left out take their defaults.
CampaignPlan plan_from(const PlanBody& body);
PlanBody present_plan(const CampaignPlan& plan);

Invitation invitation_from(const InvitationBody& body);
std::optional<std::vector<FileUseBody>> present_files(const std::vector<FileUse>& files);
std::optional<InvitationBody> present_invitation(const std::optional<Invitation>& invitation);

/// Content of a message that stands for itself, as its queued event keeps it.
struct SingleContent {
  std::string from;
  std::string subject;
  std::string html;
  std::string text;
  std::string template_id;
  std::optional<std::vector<FileUseBody>> attachments;
  std::optional<InvitationBody> invitation;
  BOOST_DESCRIBE_CLASS(SingleContent, (),
                       (from, subject, html, text, template_id, attachments, invitation), (), ())
};

/// A campaign that is only the message's content.
std::shared_ptr<const Campaign> single_campaign(WorkspaceId workspace, std::string_view content);

/// "Campaign Started": tells the log what the run's recipients are counted by, before they are
/// there.
NewEvent make_started_event(const Campaign& campaign, uint32_t run, Timestamp at);

std::string plan_to_json(const CampaignPlan& plan);
CampaignPlan plan_from_json(std::string_view json);

}  // namespace rapport
