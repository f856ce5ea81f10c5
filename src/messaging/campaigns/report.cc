#include "messaging/campaigns/report.h"

#include <map>

#include "base/limits/campaigns.h"
#include "messaging/campaigns/ledger_block.h"
#include "messaging/message.h"

namespace rapport {
namespace {

constexpr std::string_view kFigures =
    "SELECT variant, figure, sum(n), sum(amount) FROM campaign_figures WHERE workspace = $1 "
    "AND campaign = $2 AND ($3 IS NULL OR run = $3) GROUP BY variant, figure";
constexpr std::string_view kHours =
    "SELECT hour, figure, n, amount FROM campaign_hours WHERE workspace = $1 AND campaign = $2 "
    "ORDER BY hour";
constexpr std::string_view kLinks =
    "SELECT url, people, clicks, machine_clicks FROM campaign_links WHERE workspace = $1 "
    "AND campaign = $2 ORDER BY people DESC, url LIMIT $3";
constexpr std::string_view kReasons =
    "SELECT reason, count(*) AS n FROM messages WHERE workspace = $1 AND campaign = $2 "
    "AND reason <> '' GROUP BY reason ORDER BY n DESC, reason LIMIT $3";
constexpr std::string_view kWinner =
    "SELECT variant, decided_at, reason FROM campaign_winners WHERE workspace = $1 "
    "AND campaign = $2";
constexpr std::string_view kExport =
    "SELECT id, customer, address, status, variant, reason, run, planned_at, steps, "
    "EXISTS (SELECT 1 FROM conversions v WHERE v.message = messages.id) FROM messages "
    "WHERE workspace = $1 AND campaign = $2 AND id > $3 ORDER BY id LIMIT $4";

Lift make_lift(const CampaignOutcome& outcome) {
  Lift lift;
  for (const VariantOutcome& v : outcome.variants) {
    if (v.variant == kHourPassedVariant) continue;
    Rate& rate = is_withheld(v.variant) ? lift.control : lift.treated;
    rate.trials += v.outcome.queued + v.outcome.withheld;
    rate.successes += v.outcome.converted;
  }
  lift.difference = difference_interval(lift.treated, lift.control);
  lift.relative = relative_interval(lift.treated, lift.control);
  return lift;
}

}  // namespace

void Outcome::add(Figure figure, int64_t n, double amount) {
  switch (figure) {
    case Figure::kMachineOpened:
      machine_opened += n;
      return;
    case Figure::kMachineClicked:
      machine_clicked += n;
      return;
    case Figure::kConverted:
      converted += n;
      return;
    case Figure::kConversions:
      conversions += n;
      revenue += amount;
      return;
    case Figure::kPossibleRepeats:
      possible_repeats += n;
      return;
  }
  int64_t* const fields[kMessageSteps] = {
      &queued,       nullptr,    &sent,    &failed,     &skipped, &opened,  &clicked,
      &unsubscribed, &delivered, &bounced, &complained, &replied, &withheld};
  const auto index = static_cast<int>(figure);
  if (index < 0 || index >= kMessageSteps || fields[index] == nullptr) return;
  *fields[index] += n;
}

CampaignOutcome CampaignReporter::report(const Campaign& campaign,
                                         std::optional<uint32_t> run) const {
  CampaignOutcome outcome;
  const WorkspaceId w = campaign.workspace;
  std::map<uint8_t, Outcome> variants;
  std::map<int64_t, Outcome> hours;
  state_.read([&](Connection& c) {
    c.each(
        kFigures,
        [&](Statement& row) {
          const auto figure = static_cast<Figure>(row.integer(1));
          outcome.total.add(figure, row.integer(2), row.real(3));
          variants[static_cast<uint8_t>(row.integer(0))].add(figure, row.integer(2), row.real(3));
        },
        w, campaign.id, run);
    c.each(
        kHours,
        [&](Statement& row) {
          hours[row.integer(0)].add(static_cast<Figure>(row.integer(1)), row.integer(2),
                                    row.real(3));
        },
        w, campaign.id);
    c.each(
        kLinks,
        [&](Statement& row) {
          outcome.links.push_back(
              {std::string(row.text(0)), row.integer(1), row.integer(2), row.integer(3)});
        },
        w, campaign.id, limits::kMaxReportRows);
    c.each(
        kReasons,
        [&](Statement& row) {
          outcome.reasons.push_back({std::string(row.text(0)), row.integer(1)});
        },
        w, campaign.id, limits::kMaxReportRows);
    outcome.winner = c.find(
        kWinner,
        [](Statement& row) {
          return Winner{static_cast<size_t>(row.integer(0)), row.time(1), std::string(row.text(2))};
        },
        w, campaign.id);
  });
  const auto settle = [](Outcome& o) { o.waiting = o.queued - o.sent - o.failed - o.skipped; };
  settle(outcome.total);
  bool control = false;
  for (auto& [variant, figures] : variants) {
    settle(figures);
    control = control || is_withheld(variant);
    outcome.variants.push_back({variant, figures});
  }
  for (const auto& [hour, figures] : hours) {
    outcome.hours.push_back({Timestamp(std::chrono::hours(hour)), figures});
  }
  if (control && !campaign.plan.goal.event.empty()) outcome.lift = make_lift(outcome);
  return outcome;
}

std::vector<VariantFigures> CampaignReporter::variants(const Campaign& campaign) const {
  const Experiment& e = campaign.plan.experiment;
  std::vector<Outcome> outcomes(e.variants.size());
  state_.read([&](Connection& c) {
    c.each(
        kFigures,
        [&](Statement& row) {
          const auto variant = static_cast<size_t>(row.integer(0));
          if (variant >= outcomes.size()) return;
          outcomes[variant].add(static_cast<Figure>(row.integer(1)), row.integer(2), row.real(3));
        },
        campaign.workspace, campaign.id, nullptr);
  });
  std::vector<VariantFigures> figures;
  for (const Outcome& o : outcomes) {
    int64_t successes = o.opened;
    if (e.metric == WinnerMetric::kClick) successes = o.clicked;
    if (e.metric == WinnerMetric::kConversion) successes = o.converted;
    figures.push_back({std::max(o.sent, successes), successes});
  }
  return figures;
}

std::vector<ExportRow> CampaignReporter::export_rows(WorkspaceId workspace, CampaignId campaign,
                                                     MessageId after, size_t limit) const {
  const auto bit = [](MessageStep step) { return int64_t{1} << static_cast<int>(step); };
  std::vector<ExportRow> rows;
  state_.read([&](Connection& c) {
    c.each(
        kExport,
        [&](Statement& row) {
          ExportRow r;
          r.message = {row.id(0)};
          r.customer = {row.id(1)};
          r.address = row.text(2);
          r.status = step_name(static_cast<MessageStep>(row.integer(3)));
          r.variant = variant_name(static_cast<uint8_t>(row.integer(4)));
          r.reason = row.text(5);
          r.run = static_cast<uint32_t>(row.integer(6));
          r.planned_at = row.time(7);
          r.opened = (row.integer(8) & bit(MessageStep::kOpened)) != 0;
          r.clicked = (row.integer(8) & bit(MessageStep::kClicked)) != 0;
          r.converted = row.integer(9) != 0;
          rows.push_back(std::move(r));
        },
        workspace, campaign, after, limit);
  });
  return rows;
}

}  // namespace rapport
