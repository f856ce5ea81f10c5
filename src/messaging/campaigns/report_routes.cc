#include "messaging/campaigns/report_routes.h"

#include <memory>

#include "base/error.h"
#include "base/limits/campaigns.h"
#include "http/json_schema.h"
#include "messaging/campaigns/ledger_block.h"

namespace rapport {

// Found by argument-dependent look-up, so outside the unnamed namespace.
BOOST_DESCRIBE_STRUCT(Outcome, (),
                      (queued, waiting, sent, delivered, bounced, complained, failed, skipped,
                       withheld, opened, machine_opened, clicked, machine_clicked, unsubscribed,
                       replied, converted, conversions, possible_repeats, revenue))

BOOST_DESCRIBE_STRUCT(LinkOutcome, (), (url, people, clicks, machine_clicks))
BOOST_DESCRIBE_STRUCT(ReasonCount, (), (reason, count))

namespace {

struct VariantReport : Outcome {
  std::string variant;
  std::string name;
  double rate = 0;  // of the metric that chooses the winner, else of conversion, else of opening
  double rate_low = 0;
  double rate_high = 0;
};
BOOST_DESCRIBE_STRUCT(VariantReport, (Outcome), (variant, name, rate, rate_low, rate_high))

struct WinnerReport {
  std::string variant;
  Timestamp decided_at;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(WinnerReport, (), (variant, decided_at, reason))

struct LiftReport {
  int64_t treated = 0;
  int64_t treated_converted = 0;
  int64_t control = 0;
  int64_t control_converted = 0;
  double difference = 0;
  double difference_low = 0;
  double difference_high = 0;
  Nullable<double> relative;
  Nullable<double> relative_low;
  Nullable<double> relative_high;
};
BOOST_DESCRIBE_STRUCT(LiftReport, (),
                      (treated, treated_converted, control, control_converted, difference,
                       difference_low, difference_high, relative, relative_low, relative_high))

struct HourReport : Outcome {
  Timestamp hour;
};
BOOST_DESCRIBE_STRUCT(HourReport, (Outcome), (hour))

struct ReportBody : Outcome {
  std::vector<VariantReport> variants;
  Nullable<WinnerReport> winner;
  Nullable<LiftReport> lift;
  std::vector<LinkOutcome> links;
  std::vector<ReasonCount> reasons;
  std::vector<HourReport> hours;
};
BOOST_DESCRIBE_STRUCT(ReportBody, (Outcome), (variants, winner, lift, links, reasons, hours))

CampaignId campaign_parameter(const Request& request) {
  const auto id = parse_id<CampaignTag>(request.parameter("id"));
  if (!id) throw Error::not_found("Campaign");
  return *id;
}

VariantReport present(const Campaign& campaign, const VariantOutcome& v) {
  VariantReport body;
  static_cast<Outcome&>(body) = v.outcome;
  body.variant = variant_name(v.variant);
  const Experiment& e = campaign.plan.experiment;
  if (v.variant < e.variants.size()) body.name = e.variants[v.variant].name;
  const bool withheld = is_withheld(v.variant);
  Rate rate{v.outcome.opened, v.outcome.sent};
  if (e.metric == WinnerMetric::kClick) rate.successes = v.outcome.clicked;
  const bool by_goal = e.metric == WinnerMetric::kConversion ||
                       (e.metric == WinnerMetric::kNone && !campaign.plan.goal.event.empty());
  if (by_goal) rate = {v.outcome.converted, withheld ? v.outcome.withheld : v.outcome.queued};
  const Interval interval = wilson_interval(rate);
  body.rate = rate.value();
  body.rate_low = interval.low;
  body.rate_high = interval.high;
  return body;
}

LiftReport present(const Lift& lift) {
  LiftReport body{lift.treated.trials,
                  lift.treated.successes,
                  lift.control.trials,
                  lift.control.successes,
                  lift.treated.value() - lift.control.value(),
                  lift.difference.low,
                  lift.difference.high,
                  {},
                  {},
                  {}};
  if (lift.relative) {
    body.relative = lift.treated.value() / lift.control.value() - 1;
    body.relative_low = lift.relative->low;
    body.relative_high = lift.relative->high;
  }
  return body;
}

Response get_report(const ReportServices& s, const Request& request) {
  const Campaign campaign =
      s.campaigns.get(WorkspaceId{request.caller.workspace}, campaign_parameter(request)).campaign;
  std::optional<uint32_t> run;
  if (const auto text = request.query_value("run"); text && !text->empty()) {
    const auto number = parse_int(*text);
    if (!number || *number < 0 || *number > UINT32_MAX) {
      throw Error::invalid("run", "is not a run's number");
    }
    run = static_cast<uint32_t>(*number);
  }
  const CampaignOutcome outcome = s.reporter.report(campaign, run);
  ReportBody body;
  static_cast<Outcome&>(body) = outcome.total;
  for (const VariantOutcome& v : outcome.variants) body.variants.push_back(present(campaign, v));
  if (outcome.winner) {
    body.winner = WinnerReport{variant_name(static_cast<uint8_t>(outcome.winner->variant)),
                               outcome.winner->decided_at, outcome.winner->reason};
  }
  if (outcome.lift) body.lift = present(*outcome.lift);
  body.links = outcome.links;
  body.reasons = outcome.reasons;
  for (const HourOutcome& h : outcome.hours) {
    HourReport hour;
    static_cast<Outcome&>(hour) = h.outcome;
    hour.hour = h.hour;
    body.hours.push_back(std::move(hour));
  }
  return Response::json(to_json(body));
}

/// RFC 4180, and no cell that a spreadsheet would take for a formula.
std::string csv_cell(std::string_view text) {
  std::string cell;
  if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos) {
    cell = "'";
  }
  cell += text;
  if (cell.find_first_of("\",\r\n") == std::string::npos) return cell;
  std::string quoted = "\"";
  for (const char c : cell) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string csv_lines(const std::vector<ExportRow>& rows) {
  std::string lines;
  const auto yes_no = [](bool value) { return value ? "yes" : "no"; };
  for (const ExportRow& r : rows) {
    lines += to_public(r.message) + "," + to_public(r.customer) + "," + csv_cell(r.address) + "," +
             r.status + "," + csv_cell(r.reason) + "," + std::to_string(r.run) + "," + r.variant +
             "," + format_timestamp(r.planned_at) + "," + yes_no(r.opened) + "," +
             yes_no(r.clicked) + "," + yes_no(r.converted) + "\r\n";
  }
  return lines;
}

Response export_recipients(const ReportServices& s, const Request& request) {
  const WorkspaceId workspace{request.caller.workspace};
  const CampaignId id = campaign_parameter(request);
  s.campaigns.get(workspace, id);
  Response response;
  response.content_type = "text/csv; charset=utf-8";
  response.headers.emplace_back("Content-Disposition", "attachment; filename=\"recipients.csv\"");
  struct Position {
    bool started = false;
    MessageId after;
  };
  const auto position = std::make_shared<Position>();
  response.next_piece = [&reporter = s.reporter, workspace, id, position]() -> std::string {
    const auto rows =
        reporter.export_rows(workspace, id, position->after, limits::kExportRowsAtOnce);
    if (!rows.empty()) position->after = rows.back().message;
    std::string head;
    if (!std::exchange(position->started, true)) {
      head =
          "message_id,customer_id,address,status,reason,run,variant,planned_at,opened,clicked,"
          "converted\r\n";
    }
    return head + csv_lines(rows);
  };
  return response;
}

}  // namespace

RouteGroup make_report_routes(ReportServices services) {
  const auto shared = std::make_shared<const ReportServices>(services);
  RouteGroup group;
  Route report;
  report.method = "GET";
  report.pattern = "/api/v1/campaigns/{id}/report";
  report.permission = Permission::kCampaignsRead;
  report.operation_id = "getCampaignReport";
  report.summary = "What became of it: by variant, link, reason and hour, with lift";
  report.tag = "campaigns";
  report.query = {{"run", "only of this run", "integer"}};
  report.response_schema = "CampaignReport";
  report.handler = [shared](const Request& request) { return get_report(*shared, request); };
  Route recipients;
  recipients.method = "GET";
  recipients.pattern = "/api/v1/campaigns/{id}/recipients.csv";
  recipients.permission = Permission::kCampaignsRead;
  recipients.operation_id = "exportCampaignRecipients";
  recipients.summary = "Every recipient and what became of their message, as CSV";
  recipients.tag = "campaigns";
  recipients.handler = [shared](const Request& request) {
    return export_recipients(*shared, request);
  };
  group.routes = {std::move(report), std::move(recipients)};
  group.schemas = {named_schema<ReportBody>("CampaignReport")};
  return group;
}

}  // namespace rapport
