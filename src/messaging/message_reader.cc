#include "messaging/message_reader.h"

#include "messaging/message_row.h"
#include "messaging/message_stage.h"

namespace rapport {
namespace {

constexpr std::string_view kFind =
    "SELECT " RAPPORT_MESSAGE_COLUMNS " FROM messages WHERE id = $1 AND workspace = $2";
constexpr std::string_view kData = "SELECT data, content FROM message_data WHERE message = $1";
constexpr std::string_view kWithTemplate =
    "SELECT " RAPPORT_MESSAGE_COLUMNS
    " FROM messages WHERE workspace = $1 AND campaign = 0 AND lane IS NOT NULL AND EXISTS "
    "(SELECT 1 FROM message_data d WHERE d.message = messages.id AND "
    "instr(d.content, '\"template_id\":\"' || $2 || '\"') > 0) ORDER BY id LIMIT $3";
constexpr std::string_view kAddressTaken =
    "SELECT 1 FROM messages WHERE campaign = $1 AND run = $2 AND address = $3 AND address <> '' "
    "AND id <> $4";
constexpr std::string_view kWinner =
    "SELECT variant FROM campaign_winners WHERE workspace = $1 AND campaign = $2";
constexpr std::string_view kNotOpened =
    "SELECT DISTINCT customer FROM messages WHERE workspace = $1 AND campaign = $2 "
    "AND (steps & $3) <> 0 AND (steps & $4) = 0 ORDER BY customer";
constexpr std::string_view kListWaiting =
    "SELECT id, campaign, channel FROM messages WHERE workspace = $1 AND customer = $2 "
    "AND lane IS NOT NULL AND due_at <= $3 ORDER BY id LIMIT $4";
constexpr std::string_view kHistory =
    "SELECT step, at, detail FROM message_history WHERE message = $1 ORDER BY log_offset";
constexpr std::string_view kCounts =
    "SELECT queued, sent, failed, skipped, opened, clicked, unsubscribed, delivered, "
    "bounced, complained, replied, last_at FROM campaign_counts "
    "WHERE workspace = $1 AND campaign = $2";
constexpr std::string_view kWithheld =
    "SELECT coalesce(sum(n), 0) FROM campaign_figures WHERE workspace = $1 AND campaign = $2 "
    "AND figure = $3";
constexpr std::string_view kTotals =
    "SELECT coalesce(sum(queued), 0), coalesce(sum(sent), 0), coalesce(sum(failed), 0), "
    "coalesce(sum(skipped), 0), coalesce(sum(opened), 0), coalesce(sum(clicked), 0), "
    "coalesce(sum(unsubscribed), 0), coalesce(sum(delivered), 0), coalesce(sum(bounced), 0), "
    "coalesce(sum(complained), 0), coalesce(sum(replied), 0), max(last_at) FROM campaign_counts "
    "WHERE workspace = $1";

CampaignCounts read_counts(Statement& row) {
  return {row.integer(0), row.integer(1), row.integer(2),  row.integer(3),
          row.integer(4), row.integer(5), row.integer(6),  row.integer(7),
          row.integer(8), row.integer(9), row.integer(10), row.optional_time(11)};
}

}  // namespace

Message read_message(Statement& row) {
  Message m;
  m.id = {row.id(0)};
  m.workspace = {row.id(1)};
  m.campaign = {row.id(2)};
  m.customer = {row.id(3)};
  m.channel = row.text(4);
  m.address = row.text(5);
  m.subject = row.text(6);
  m.status = static_cast<MessageStep>(row.integer(7));
  m.run = static_cast<uint32_t>(row.integer(8));
  m.variant = static_cast<uint8_t>(row.integer(9));
  m.attempts = row.integer(10);
  m.reason = row.text(11);
  m.queued_at = row.time(12);
  m.planned_at = row.time(13);
  m.waiting = row.integer(14) != 0;
  return m;
}

// That it was queued is in the row; a recipient of a control group never was.
void add_history(Connection& c, Message& message) {
  const bool withheld = message.status == MessageStep::kWithheld;
  message.history.push_back(
      {withheld ? message.status : MessageStep::kQueued, message.queued_at, {}});
  c.each(
      kHistory,
      [&](Statement& row) {
        message.history.push_back(
            {static_cast<MessageStep>(row.integer(0)), row.time(1), std::string(row.text(2))});
      },
      message.id);
}

std::optional<MessageStep> parse_step_name(std::string_view name) {
  for (int i = 0; i < kMessageSteps; ++i) {
    const auto step = static_cast<MessageStep>(i);
    if (step_name(step) == name) return step;
  }
  return std::nullopt;
}

std::vector<Message> MessageReader::list_waiting(Connection& state, WorkspaceId workspace,
                                                 CustomerId customer, Timestamp now, size_t limit) {
  std::vector<Message> waiting;
  state.each(
      kListWaiting,
      [&](Statement& row) {
        Message message;
        message.id = {row.id(0)};
        message.workspace = workspace;
        message.campaign = {row.id(1)};
        message.customer = customer;
        message.channel = row.text(2);
        waiting.push_back(std::move(message));
      },
      workspace, customer, now, limit);
  return waiting;
}

std::optional<Message> MessageReader::find(WorkspaceId workspace, MessageId id) const {
  return state_.read_value([&](Connection& c) {
    auto message = c.find(kFind, read_message, id, workspace);
    if (message) add_history(c, *message);
    return message;
  });
}

std::optional<Message> MessageReader::find_brief(WorkspaceId workspace, MessageId id) const {
  return state_.read_value(
      [&](Connection& c) { return c.find(kFind, read_message, id, workspace); });
}

MessageData MessageReader::data(MessageId id) const {
  return state_.read_value([&](Connection& c) {
    return c
        .find(
            kData,
            [](Statement& row) {
              return MessageData{std::string(row.text(0)), std::string(row.text(1))};
            },
            id)
        .value_or(MessageData{});
  });
}

std::vector<Message> MessageReader::waiting_with_template(WorkspaceId workspace,
                                                          std::string_view template_id,
                                                          size_t limit) const {
  std::vector<Message> found;
  state_.read([&](Connection& c) {
    c.each(
        kWithTemplate, [&](Statement& row) { found.push_back(read_message(row)); }, workspace,
        template_id, limit);
  });
  return found;
}

bool MessageReader::address_taken(const Message& message, std::string_view address) const {
  return state_.read_value([&](Connection& c) {
    return c
        .find(
            kAddressTaken, [](Statement&) { return true; }, message.campaign, message.run, address,
            message.id)
        .has_value();
  });
}

std::optional<size_t> MessageReader::winner(WorkspaceId workspace, CampaignId campaign) const {
  return state_.read_value([&](Connection& c) {
    return c.find(
        kWinner, [](Statement& row) { return static_cast<size_t>(row.integer(0)); }, workspace,
        campaign);
  });
}

std::vector<CustomerId> MessageReader::not_opened(WorkspaceId workspace,
                                                  CampaignId campaign) const {
  std::vector<CustomerId> customers;
  state_.read([&](Connection& c) {
    c.each(
        kNotOpened, [&](Statement& row) { customers.push_back({row.id(0)}); }, workspace, campaign,
        int64_t{1} << static_cast<int>(MessageStep::kSent),
        (int64_t{1} << static_cast<int>(MessageStep::kOpened)) |
            (int64_t{1} << static_cast<int>(MessageStep::kClicked)) |
            (int64_t{1} << static_cast<int>(MessageStep::kUnsubscribed)));
  });
  return customers;
}

CampaignCounts MessageReader::counts(WorkspaceId workspace, CampaignId campaign) const {
  return state_.read_value([&](Connection& c) {
    return c.find(kCounts, read_counts, workspace, campaign).value_or(CampaignCounts{});
  });
}

int64_t MessageReader::withheld(WorkspaceId workspace, CampaignId campaign) const {
  return state_.read_value([&](Connection& c) {
    return c
        .find(
            kWithheld, [](Statement& row) { return row.integer(0); }, workspace, campaign,
            static_cast<int64_t>(MessageStep::kWithheld))
        .value_or(0);
  });
}

CampaignCounts MessageReader::totals(WorkspaceId workspace) const {
  return state_.read_value([&](Connection& c) {
    return c.find(kTotals, read_counts, workspace).value_or(CampaignCounts{});
  });
}

bool MessageReader::suppressed(const Message& message) const {
  return state_.read_value([&](Connection& c) {
    return is_suppressed(c, message.workspace, message.channel, message.address);
  });
}

}  // namespace rapport
