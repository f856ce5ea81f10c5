#include "messaging/campaign_routes.h"

#include <algorithm>
#include <memory>

#include "base/error.h"
#include "base/limits/campaigns.h"
#include "base/limits/templates.h"
#include "base/text.h"
#include "http/json_schema.h"
#include "messaging/campaigns/campaign_json.h"

namespace rapport {
namespace {

struct CampaignStatusWords {
  static std::vector<std::string_view> words() {
    std::vector<std::string_view> names;
    for (int i = 0; i <= static_cast<int>(CampaignStatus::kCancelled); ++i) {
      names.push_back(campaign_status_name(static_cast<CampaignStatus>(i)));
    }
    return names;
  }
};
struct ChannelWords {
  static std::vector<std::string_view> words() { return {"email"}; }
};
struct RunStateWords {
  static std::vector<std::string_view> words() {
    return {"planned", "starting", "queued", "missed"};
  }
};

struct CampaignInput : PlanBody {
  std::string name;
  std::optional<std::string> segment_id;  // the same as recipients.segments with one
  OneOf<ChannelWords> channel;
  std::string from;
  std::optional<TemplateBody> template_;
};
BOOST_DESCRIBE_STRUCT(CampaignInput, (PlanBody), (name, segment_id, channel, from, template_))

struct CampaignBody : PlanBody {
  std::string id;
  std::string name;
  std::string segment_id;
  OneOf<ChannelWords> channel;
  std::string from;
  TemplateBody template_;
  OneOf<CampaignStatusWords> status;
  int64_t audience = 0;
  int64_t withheld = 0;
  int64_t sent = 0;
  int64_t failed = 0;
  int64_t skipped = 0;
  int64_t delivered = 0;
  int64_t bounced = 0;
  int64_t complained = 0;
  int64_t opened = 0;
  int64_t clicked = 0;
  int64_t unsubscribed = 0;
  Timestamp created_at;
  Nullable<Timestamp> started_at;
  Nullable<Timestamp> finished_at;
  Nullable<Timestamp> next_run_at;
};
BOOST_DESCRIBE_STRUCT(CampaignBody, (PlanBody),
                      (id, name, segment_id, channel, from, template_, status, audience, withheld,
                       sent, failed, skipped, delivered, bounced, complained, opened, clicked,
                       unsubscribed, created_at, started_at, finished_at, next_run_at))

struct ResendInput {
  std::string subject;
  std::optional<std::string> name;
};
BOOST_DESCRIBE_STRUCT(ResendInput, (), (subject, name))

struct RunBody {
  int64_t run = 0;
  OneOf<RunStateWords> status;
  Timestamp due_at;
  Nullable<Timestamp> started_at;
  int64_t recipients = 0;
};
BOOST_DESCRIBE_STRUCT(RunBody, (), (run, status, due_at, started_at, recipients))

struct ControlGroupBody {
  int64_t percent = 0;
};
BOOST_DESCRIBE_STRUCT(ControlGroupBody, (), (percent))

WorkspaceId workspace_of(const Request& request) {
  return WorkspaceId{request.caller.workspace};
}

CampaignId campaign_parameter(const Request& request) {
  const auto id = parse_id<CampaignTag>(request.parameter("id"));
  if (!id) throw Error::not_found("Campaign");
  return *id;
}

template <class T>
Nullable<T> nullable(const std::optional<T>& value) {
  Nullable<T> result;
  if (value) result = *value;
  return result;
}

CampaignBody present(const CampaignReport& report) {
  const Campaign& c = report.campaign;
  CampaignBody body;
  static_cast<PlanBody&>(body) = present_plan(c.plan);
  body.id = to_public(c.id);
  body.name = c.name;
  body.segment_id = c.segment().value == 0 ? "" : to_public(c.segment());
  body.channel = c.channel;
  body.from = c.from;
  body.template_ = {c.content.subject, c.content.html, c.content.text};
  body.status = campaign_status_name(c.status);
  body.audience = c.audience.value_or(0);
  body.withheld = report.withheld;
  body.sent = report.counts.sent;
  body.failed = report.counts.failed;
  body.skipped = report.counts.skipped;
  body.delivered = report.counts.delivered;
  body.bounced = report.counts.bounced;
  body.complained = report.counts.complained;
  body.opened = report.counts.opened;
  body.clicked = report.counts.clicked;
  body.unsubscribed = report.counts.unsubscribed;
  body.created_at = c.created_at;
  body.started_at = nullable(c.started_at);
  body.finished_at = nullable(report.finished_at);
  body.next_run_at = nullable(report.next_run_at);
  return body;
}

Campaign campaign_from(const Request& request) {
  const auto input = parse_json<CampaignInput>(request.body);
  Campaign campaign;
  campaign.workspace = workspace_of(request);
  campaign.name = input.name;
  campaign.plan = plan_from(input);
  if (input.segment_id && !input.segment_id->empty()) {
    const auto segment = parse_id<SegmentTag>(*input.segment_id);
    if (!segment) throw Error::invalid("segment_id", "is not a segment's id");
    auto& segments = campaign.plan.audience.segments;
    if (segments.empty()) segments.push_back(*segment);
    if (segments.front() != *segment) {
      throw Error::invalid("segment_id", "is not the first of recipients.segments");
    }
  }
  campaign.channel = input.channel;
  campaign.from = input.from;
  if (input.template_) {
    campaign.content = {input.template_->subject, input.template_->html.value_or(""),
                        input.template_->text.value_or("")};
  }
  return campaign;
}

Response create_campaign(const CampaignRouteServices& s, const Request& request) {
  const auto report = s.campaigns.create(campaign_from(request), s.actor(request));
  return Response::json(to_json(present(report)), 201);
}

Response update_campaign(const CampaignRouteServices& s, const Request& request) {
  Campaign campaign = campaign_from(request);
  campaign.id = campaign_parameter(request);
  return Response::json(
      to_json(present(s.campaigns.update(std::move(campaign), s.actor(request)))));
}

Response remove_campaign(const CampaignRouteServices& s, const Request& request) {
  s.campaigns.remove(workspace_of(request), campaign_parameter(request), s.actor(request));
  return Response::no_content();
}

using Action = CampaignReport (CampaignService::*)(WorkspaceId, CampaignId, const Actor&);

template <Action action>
Response act(const CampaignRouteServices& s, const Request& request) {
  const auto report =
      (s.campaigns.*action)(workspace_of(request), campaign_parameter(request), s.actor(request));
  return Response::json(to_json(present(report)), 202);
}

Response resend_campaign(const CampaignRouteServices& s, const Request& request) {
  s.campaigns.get(workspace_of(request), campaign_parameter(request));  // 404 before the body
  auto input = parse_json<ResendInput>(request.body);
  const auto report =
      s.campaigns.resend(workspace_of(request), campaign_parameter(request),
                         input.name.value_or(""), std::move(input.subject), s.actor(request));
  return Response::json(to_json(present(report)), 201);
}

Response get_campaign(const CampaignRouteServices& s, const Request& request) {
  return Response::json(
      to_json(present(s.campaigns.get(workspace_of(request), campaign_parameter(request)))));
}

/// "status=starting,sending": any of them.
std::vector<CampaignStatus> statuses_from(const Request& request) {
  std::vector<CampaignStatus> statuses;
  const std::string_view text = request.query_value("status").value_or("");
  if (text.empty()) return statuses;
  const auto words = CampaignStatusWords::words();
  for (const std::string_view word : split(text, ',')) {
    const auto it = std::find(words.begin(), words.end(), word);
    if (it == words.end()) throw Error::invalid("status", "is not a campaign's status");
    const auto status = static_cast<CampaignStatus>(it - words.begin());
    if (std::find(statuses.begin(), statuses.end(), status) == statuses.end()) {
      statuses.push_back(status);
    }
  }
  return statuses;
}

Response list_campaigns(const CampaignRouteServices& s, const Request& request) {
  const PageRequest page = parse_page(request);
  CampaignId before{INT64_MAX};
  if (!page.cursor.empty()) {
    const auto id = parse_id<CampaignTag>(page.cursor);
    if (!id) throw Error::invalid("cursor", "is not one this list gave");
    before = *id;
  }
  const CampaignSlice slice =
      s.campaigns.list(workspace_of(request), statuses_from(request), before, page.limit);
  Page<CampaignBody> body;
  for (const CampaignReport& report : slice.items) body.items.push_back(present(report));
  if (slice.next) body.next_cursor = nullable(std::optional(to_public(*slice.next)));
  return Response::json(to_json(body));
}

Response list_runs(const CampaignRouteServices& s, const Request& request) {
  Page<RunBody> body;
  for (const CampaignRun& run :
       s.campaigns.runs(workspace_of(request), campaign_parameter(request))) {
    body.items.push_back(
        {run.run, OneOf<RunStateWords>(RunStateWords::words().at(static_cast<size_t>(run.state))),
         run.due_at, nullable(run.started_at), run.recipients});
  }
  return Response::json(to_json(body));
}

Response get_control_group(const CampaignRouteServices& s, const Request& request) {
  return Response::json(
      to_json(ControlGroupBody{s.campaigns.holdout_percent(workspace_of(request))}));
}

Response put_control_group(const CampaignRouteServices& s, const Request& request) {
  const auto input = parse_json<ControlGroupBody>(request.body);
  s.campaigns.set_holdout_percent(workspace_of(request), input.percent, s.actor(request));
  return get_control_group(s, request);
}

using Handler = Response (*)(const CampaignRouteServices&, const Request&);

struct Operation {
  std::string_view method;
  std::string_view path;  // below /api/v1
  Permission permission;
  std::string_view id;
  std::string_view summary;
  Handler handler;
  std::string_view request;
  std::string_view response;
  int status = 200;
};

constexpr Operation kOperations[]{
    {"POST", "/campaigns", Permission::kCampaignsWrite, "createCampaign",
     "Create a campaign as a draft", create_campaign, "CampaignInput", "Campaign", 201},
    {"GET", "/campaigns", Permission::kCampaignsRead, "listCampaigns", "Campaigns, newest first",
     list_campaigns, "", "CampaignPage"},
    {"GET", "/campaigns/{id}", Permission::kCampaignsRead, "getCampaign",
     "One campaign with its figures", get_campaign, "", "Campaign"},
    {"PUT", "/campaigns/{id}", Permission::kCampaignsWrite, "updateCampaign", "Change a draft",
     update_campaign, "CampaignInput", "Campaign"},
    {"DELETE", "/campaigns/{id}", Permission::kCampaignsWrite, "removeCampaign", "Remove a draft",
     remove_campaign, "", "", 204},
    {"POST", "/campaigns/{id}/start", Permission::kCampaignsWrite, "startCampaign",
     "Send now, or at the times its schedule says", act<&CampaignService::start>, "", "Campaign",
     202},
    {"POST", "/campaigns/{id}/pause", Permission::kCampaignsWrite, "pauseCampaign",
     "Start no further message; those in flight end", act<&CampaignService::pause>, "", "Campaign",
     202},
    {"POST", "/campaigns/{id}/resume", Permission::kCampaignsWrite, "resumeCampaign",
     "Go on after a pause", act<&CampaignService::resume>, "", "Campaign", 202},
    {"POST", "/campaigns/{id}/cancel", Permission::kCampaignsWrite, "cancelCampaign",
     "End it: what waits is skipped", act<&CampaignService::cancel>, "", "Campaign", 202},
    {"POST", "/campaigns/{id}/resend", Permission::kCampaignsWrite, "resendCampaign",
     "A draft with another subject, to those who did not open", resend_campaign, "ResendInput",
     "Campaign", 201},
    {"GET", "/campaigns/{id}/runs", Permission::kCampaignsRead, "listCampaignRuns",
     "Its runs: one, or one an occurrence", list_runs, "", "CampaignRunPage"},
    {"GET", "/control-group", Permission::kCampaignsRead, "getControlGroup",
     "Share of all customers that no marketing campaign writes to", get_control_group, "",
     "ControlGroup"},
    {"PUT", "/control-group", Permission::kSettingsWrite, "putControlGroup",
     "Set that share; the same people stay in it", put_control_group, "ControlGroup",
     "ControlGroup"},
};

}  // namespace

RouteGroup make_campaign_routes(CampaignRouteServices services) {
  const auto shared = std::make_shared<const CampaignRouteServices>(std::move(services));
  RouteGroup group;
  for (const Operation& operation : kOperations) {
    Route route;
    route.method = operation.method;
    route.pattern = "/api/v1" + std::string(operation.path);
    route.permission = operation.permission;
    route.operation_id = operation.id;
    route.summary = operation.summary;
    route.tag = "campaigns";
    route.max_body_bytes = (limits::kMaxVariants + 1) * 3 * limits::kMaxTemplateBytes;
    route.request_schema = operation.request;
    route.response_schema = operation.response;
    route.success_status = operation.status;
    if (operation.id == "listCampaigns") {
      route.query = page_parameters(
          {{"status", "only in this status, or in one of several with commas between"}});
    }
    route.handler = [shared, handler = operation.handler](const Request& request) {
      return handler(*shared, request);
    };
    group.routes.push_back(std::move(route));
  }
  group.schemas = {named_schema<CampaignInput>("CampaignInput"),
                   named_schema<CampaignBody>("Campaign"),
                   named_schema<Page<CampaignBody>>("CampaignPage"),
                   named_schema<ResendInput>("ResendInput"),
                   named_schema<Page<RunBody>>("CampaignRunPage"),
                   named_schema<ControlGroupBody>("ControlGroup")};
  return group;
}

}  // namespace rapport
