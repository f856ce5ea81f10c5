#include "messaging/message_reader.h"

#include "messaging/message_stage.h"

namespace rapport {
namespace {

#define RAPPORT_MESSAGE_COLUMNS                                                                    \
  "id, workspace, campaign, customer, channel, address, subject, status, run, variant, attempts, " \
  "reason, queued_at, planned_at, lane IS NOT NULL"

constexpr std::string_view kFind =
    "SELECT " RAPPORT_MESSAGE_COLUMNS " FROM messages WHERE id = $1 AND workspace = $2";
// A filter that is absent is bound as null.
constexpr std::string_view kListByCampaign =
    "SELECT " RAPPORT_MESSAGE_COLUMNS
    " FROM messages WHERE workspace = $1 AND campaign = $2 AND id > $3 "
    "AND ($4 IS NULL OR customer = $4) AND ($5 IS NULL OR status = $5) ORDER BY id LIMIT $6";
// Of a million recipients only those with a reason are looked at.
constexpr std::string_view kListByReason =
    "SELECT " RAPPORT_MESSAGE_COLUMNS
    " FROM messages INDEXED BY messages_reason WHERE workspace = $1 AND campaign = $2 AND id > $3 "
    "AND ($4 IS NULL OR customer = $4) AND ($5 IS NULL OR status = $5) AND reason <> '' "
    "AND reason >= $7 AND reason < $8 ORDER BY id LIMIT $6";
constexpr std::string_view kListByCustomer =
    "SELECT " RAPPORT_MESSAGE_COLUMNS
    " FROM messages WHERE workspace = $1 AND customer = $2 AND id > $3 "
    "AND ($4 IS NULL OR status = $4) AND reason >= $6 AND reason < $7 ORDER BY id LIMIT $5";
constexpr std::string_view kListAll =
    "SELECT " RAPPORT_MESSAGE_COLUMNS
    " FROM messages WHERE workspace = $1 AND id > $2 AND ($3 IS NULL OR status = $3) "
    "AND reason >= $5 AND reason < $6 ORDER BY id LIMIT $4";
#undef RAPPORT_MESSAGE_COLUMNS
constexpr std::string_view kData = "SELECT data, content FROM message_data WHERE message = $1";
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

CampaignCounts read_counts(Statement& row) {
  return {row.integer(0), row.integer(1), row.integer(2),  row.integer(3),
          row.integer(4), row.integer(5), row.integer(6),  row.integer(7),
          row.integer(8), row.integer(9), row.integer(10), row.optional_time(11)};
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

}  // namespace

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

MessageSlice MessageReader::list(WorkspaceId workspace, const MessageFilter& filter,
                                 MessageId after, size_t limit) const {
  std::optional<int64_t> status;
  if (filter.status) status = static_cast<int64_t>(*filter.status);
  MessageSlice slice;
  state_.read([&](Connection& c) {
    const auto collect = [&](Statement& row) { slice.items.push_back(read_message(row)); };
    const std::string reason_end = filter.reason + "\xF4\x8F\xBF\xBF";
    const bool with_reason = !filter.reason.empty() || filter.status == MessageStep::kSkipped ||
                             filter.status == MessageStep::kFailed;
    if (filter.campaign && with_reason) {
      c.each(kListByReason, collect, workspace, *filter.campaign, after, filter.customer, status,
             limit + 1, filter.reason, reason_end);
    } else if (filter.campaign) {
      c.each(kListByCampaign, collect, workspace, *filter.campaign, after, filter.customer, status,
             limit + 1);
    } else if (filter.customer) {
      c.each(kListByCustomer, collect, workspace, *filter.customer, after, status, limit + 1,
             filter.reason, reason_end);
    } else {
      c.each(kListAll, collect, workspace, after, status, limit + 1, filter.reason, reason_end);
    }
    if (slice.items.size() > limit) {
      slice.items.resize(limit);
      slice.next = slice.items.back().id;
    }
    for (Message& message : slice.items) add_history(c, message);
  });
  return slice;
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
