#include "messaging/campaigns/campaign_stage.h"

#include <array>

#include "base/text.h"
#include "messaging/campaigns/campaign_json.h"
#include "messaging/campaigns/conversion_teller.h"
#include "messaging/campaigns/ledger_block.h"
#include "messaging/message.h"
#include "stream/outbox.h"

namespace rapport {
namespace {

constexpr std::string_view kSchema = R"sql(
CREATE TABLE campaign_goals (
  workspace INTEGER NOT NULL,
  campaign INTEGER NOT NULL,
  run INTEGER NOT NULL,
  goal TEXT NOT NULL,
  log_offset INTEGER NOT NULL,
  PRIMARY KEY (workspace, campaign, run)
) WITHOUT ROWID;
CREATE TABLE conversions (
  message INTEGER NOT NULL,
  log_offset INTEGER NOT NULL,
  at INTEGER NOT NULL,
  amount REAL NOT NULL,
  PRIMARY KEY (message, log_offset)
) WITHOUT ROWID;
)sql";
constexpr std::array kMigrations{Migration{1, kSchema}};

constexpr std::string_view kPutGoal =
    "INSERT INTO campaign_goals (workspace, campaign, run, goal, log_offset) "
    "VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
constexpr std::string_view kListGoals =
    "SELECT campaign, run, goal FROM campaign_goals WHERE workspace = $1";
constexpr std::string_view kFindRows =
    "SELECT id, variant FROM messages WHERE workspace = $1 AND customer = $2 "
    "AND campaign = $3 AND run = $4 AND planned_at <= $5 AND planned_at >= $6 AND variant <> $7";
constexpr std::string_view kHasConverted = "SELECT 1 FROM conversions WHERE message = $1";
constexpr std::string_view kFirstConversion =
    "SELECT at, amount FROM conversions WHERE message = $1 ORDER BY log_offset LIMIT 1";
constexpr std::string_view kAddConversion =
    "INSERT INTO conversions (message, log_offset, at, amount) VALUES ($1, $2, $3, $4) "
    "ON CONFLICT DO NOTHING";

/// Compares JSON scalars: numbers by value, else as text. Null when they cannot be ordered.
std::optional<int> compare_json(const std::string& found, const std::string& wanted) {
  const auto a = parse_number(found);
  const auto b = parse_number(wanted);
  if (a && b) return *a < *b ? -1 : *a > *b ? 1 : 0;
  if (a || b) return std::nullopt;
  return found.compare(wanted) < 0 ? -1 : found == wanted ? 0 : 1;
}

bool meets(const GoalFilter& filter, const std::optional<std::string>& json) {
  if (filter.op == "exists") return json && *json != "null";
  if (!json || *json == "null") return filter.op == "ne";
  if (filter.op == "contains") {
    const std::string needle = filter.value.size() >= 2 && filter.value.front() == '"'
                                   ? filter.value.substr(1, filter.value.size() - 2)
                                   : filter.value;
    return to_lower_ascii(*json).find(to_lower_ascii(needle)) != std::string::npos;
  }
  const auto order = compare_json(*json, filter.value);
  if (filter.op == "eq") return order == 0;
  if (filter.op == "ne") return order != 0;
  if (!order) return false;
  if (filter.op == "gt") return *order > 0;
  if (filter.op == "gte") return *order >= 0;
  if (filter.op == "lt") return *order < 0;
  return *order <= 0;  // lte
}

}  // namespace

std::optional<Conversion> find_first_conversion(Connection& state, MessageId message) {
  return state.find(
      kFirstConversion,
      [](Statement& row) {
        return Conversion{row.time(0), row.real(1)};
      },
      message);
}

bool meets_goal(const std::vector<GoalFilter>& where, const Payload& payload) {
  for (const GoalFilter& filter : where) {
    if (!meets(filter, payload.json("properties." + filter.property))) return false;
  }
  return true;
}

std::span<const Migration> CampaignStage::migrations() const {
  return kMigrations;
}

void CampaignStage::apply(StagedEvent& event, StageBatch& batch) {
  const Event& e = event.event;
  if (e.origin == EventOrigin::kSystem) {
    if (e.name == kCampaignStartedEvent) learn(event, batch);
    if (e.name == kMessageConvertedEvent) settle(event, batch);
    return;
  }
  if (e.type == EventType::kRejected || event.customer.value == 0 || e.name.empty()) return;
  const Goals& all = goals(batch.state, e.workspace);
  const auto [begin, end] = all.equal_range(e.name);
  for (auto it = begin; it != end; ++it) {
    if (meets_goal(it->second.goal.where, *event.payload)) convert(event, batch, it->second);
  }
}

void CampaignStage::learn(const StagedEvent& event, StageBatch& batch) {
  const auto campaign =
      parse_id<CampaignTag>(event.payload->text("properties.campaign_id").value_or(""));
  const auto run = parse_int(event.payload->text("properties.run").value_or(""));
  const auto goal = event.payload->json("properties.goal");
  if (!campaign || !run || !goal) return;
  batch.state.run(kPutGoal, event.event.workspace, *campaign, *run, *goal, event.offset);
  goals_.erase(event.event.workspace);
}

void CampaignStage::settle(const StagedEvent& event, StageBatch& batch) {
  const auto message =
      parse_id<MessageTag>(event.payload->text("properties.message_id").value_or(""));
  if (!message) return;
  outbox::remove(batch.state, event.event.workspace, kConversionIntent, message->value);
}

const CampaignStage::Goals& CampaignStage::goals(Connection& state, WorkspaceId workspace) {
  const auto [it, fresh] = goals_.try_emplace(workspace);
  auto& goals = it->second;
  if (!fresh) return goals;
  state.each(
      kListGoals,
      [&](Statement& row) {
        const std::string json = "{\"goal\":" + std::string(row.text(2)) + "}";
        Goal goal = plan_from(parse_json<PlanBody>(json)).goal;
        std::string event = goal.event;
        goals.emplace(
            std::move(event),
            RunGoal{CampaignId{row.id(0)}, static_cast<uint32_t>(row.integer(1)), std::move(goal)});
      },
      workspace);
  return goals;
}

void CampaignStage::convert(const StagedEvent& event, StageBatch& batch, const RunGoal& goal) {
  const Event& e = event.event;
  const Timestamp from = e.timestamp - std::chrono::hours(goal.goal.window_hours);
  struct Found {
    MessageId message;
    uint8_t variant;
  };
  std::vector<Found> rows;
  batch.state.each(
      kFindRows,
      [&](Statement& row) {
        rows.push_back({MessageId{row.id(0)}, static_cast<uint8_t>(row.integer(1))});
      },
      e.workspace, event.customer, goal.campaign, goal.run, e.timestamp, from,
      int64_t{kHourPassedVariant});
  const std::string& property = goal.goal.value_property;
  const double amount =
      property.empty() ? 0 : event.payload->number("properties." + property).value_or(0);
  for (const Found& row : rows) {
    const Figures::Key key{e.workspace, goal.campaign, goal.run, row.variant};
    const bool first = !batch.state.find(
        kHasConverted, [](Statement&) { return true; }, row.message);
    batch.state.run(kAddConversion, row.message, event.offset, e.timestamp, amount);
    if (first) {
      figures_.add(key, Figure::kConverted, e.timestamp);
      if (!is_withheld(row.variant)) {
        outbox::add(batch.state, event.offset, e.workspace, kConversionIntent, row.message.value,
                    e.received_at);
      }
    }
    figures_.add(key, Figure::kConversions, e.timestamp, 1, amount);
  }
}

void CampaignStage::flush(StageBatch& batch) {
  figures_.flush(batch.state);
}

void CampaignStage::settled(bool committed) {
  figures_.clear();
  if (!committed) goals_.clear();
}

}  // namespace rapport
