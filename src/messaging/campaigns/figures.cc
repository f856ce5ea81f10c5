#include "messaging/campaigns/figures.h"

namespace rapport {
namespace {

constexpr std::string_view kAddTotal =
    "INSERT INTO campaign_figures (workspace, campaign, run, variant, figure, n, amount) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (workspace, campaign, run, variant, figure) "
    "DO UPDATE SET n = n + excluded.n, amount = amount + excluded.amount";
constexpr std::string_view kAddHour =
    "INSERT INTO campaign_hours (workspace, campaign, figure, hour, n, amount) "
    "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (workspace, campaign, figure, hour) "
    "DO UPDATE SET n = n + excluded.n, amount = amount + excluded.amount";

}  // namespace

std::string_view Figures::schema() {
  return R"sql(
CREATE TABLE campaign_figures (
  workspace INTEGER NOT NULL,
  campaign INTEGER NOT NULL,
  run INTEGER NOT NULL,
  variant INTEGER NOT NULL,
  figure INTEGER NOT NULL,
  n INTEGER NOT NULL,
  amount REAL NOT NULL,
  PRIMARY KEY (workspace, campaign, run, variant, figure)
) WITHOUT ROWID;
CREATE TABLE campaign_hours (
  workspace INTEGER NOT NULL,
  campaign INTEGER NOT NULL,
  figure INTEGER NOT NULL,
  hour INTEGER NOT NULL,
  n INTEGER NOT NULL,
  amount REAL NOT NULL,
  PRIMARY KEY (workspace, campaign, figure, hour)
) WITHOUT ROWID;
)sql";
}

void Figures::add(const Key& key, Figure figure, Timestamp at, int64_t count, double amount) {
  Sum& total = totals_[{key, figure}];
  total.count += count;
  total.amount += amount;
  const int64_t hour = std::chrono::floor<std::chrono::hours>(at.time_since_epoch()).count();
  Sum& hourly = hours_[{key.workspace, key.campaign, figure, hour}];
  hourly.count += count;
  hourly.amount += amount;
}

void Figures::flush(Connection& state) {
  for (const auto& [key, sum] : totals_) {
    const Key& k = key.first;
    state.run(kAddTotal, k.workspace, k.campaign, k.run, int64_t{k.variant},
              static_cast<int64_t>(key.second), sum.count, sum.amount);
  }
  for (const auto& [key, sum] : hours_) {
    const auto& [workspace, campaign, figure, hour] = key;
    state.run(kAddHour, workspace, campaign, static_cast<int64_t>(figure), hour, sum.count,
              sum.amount);
  }
  clear();
}

}  // namespace rapport
