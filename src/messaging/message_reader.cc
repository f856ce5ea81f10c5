#include "messaging/message_reader.h"

#include "messaging/message_stage.h"

namespace rapport {
namespace {

#define RAPPORT_MESSAGE_COLUMNS \
  "id, workspace, campaign, customer, channel, address, subject, status"

constexpr std::string_view kFind =
    "SELECT " RAPPORT_MESSAGE_COLUMNS " FROM messages WHERE id = $1 AND workspace = $2";
// A filter that is absent is bound as null.
constexpr std::string_view kListByCampaign =
    "SELECT " RAPPORT_MESSAGE_COLUMNS
    " FROM messages WHERE workspace = $1 AND campaign = $2 AND id > $3 "
    "AND ($4 IS NULL OR customer = $4) AND ($5 IS NULL OR status = $5) ORDER BY id LIMIT $6";
constexpr std::string_view kListByCustomer =
    "SELECT " RAPPORT_MESSAGE_COLUMNS
    " FROM messages WHERE workspace = $1 AND customer = $2 AND id > $3 "
    "AND ($4 IS NULL OR status = $4) ORDER BY id LIMIT $5";
constexpr std::string_view kListAll =
    "SELECT " RAPPORT_MESSAGE_COLUMNS
    " FROM messages WHERE workspace = $1 AND id > $2 AND ($3 IS NULL OR status = $3) "
    "ORDER BY id LIMIT $4";
#undef RAPPORT_MESSAGE_COLUMNS
constexpr std::string_view kHistory =
    "SELECT step, at, detail FROM message_history WHERE message = $1 ORDER BY log_offset";
constexpr std::string_view kCounts =
    "SELECT queued, sent, failed, skipped, opened, clicked, unsubscribed, delivered, "
    "bounced, complained, replied, last_at FROM campaign_counts "
    "WHERE workspace = $1 AND campaign = $2";
constexpr std::string_view kTotals =
    "SELECT coalesce(sum(queued), 0), coalesce(sum(sent), 0), coalesce(sum(failed), 0), "
    "coalesce(sum(skipped), 0), coalesce(sum(opened), 0), coalesce(sum(clicked), 0), "
    "coalesce(sum(unsubscribed), 0), coalesce(sum(delivered), 0), coalesce(sum(bounced), 0), "
    "coalesce(sum(complained), 0), coalesce(sum(replied), 0), max(last_at) FROM campaign_counts "
    "WHERE workspace = $1";

Message read_message(Statement& row) {
  return {MessageId{row.id(0)},
          WorkspaceId{row.id(1)},
          CampaignId{row.id(2)},
          CustomerId{row.id(3)},
          std::string(row.text(4)),
          std::string(row.text(5)),
          std::string(row.text(6)),
          static_cast<MessageStep>(row.integer(7)),
          {}};
}

CampaignCounts read_counts(Statement& row) {
  return {row.integer(0), row.integer(1), row.integer(2),  row.integer(3),
          row.integer(4), row.integer(5), row.integer(6),  row.integer(7),
          row.integer(8), row.integer(9), row.integer(10), row.optional_time(11)};
}

void add_history(Connection& c, Message& message) {
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

std::optional<Message> MessageReader::find(WorkspaceId workspace, MessageId id) const {
  return state_.read_value([&](Connection& c) {
    auto message = c.find(kFind, read_message, id, workspace);
    if (message) add_history(c, *message);
    return message;
  });
}

MessageSlice MessageReader::list(WorkspaceId workspace, const MessageFilter& filter,
                                 MessageId after, size_t limit) const {
  std::optional<int64_t> status;
  if (filter.status) status = static_cast<int64_t>(*filter.status);
  MessageSlice slice;
  state_.read([&](Connection& c) {
    const auto collect = [&](Statement& row) { slice.items.push_back(read_message(row)); };
    if (filter.campaign) {
      c.each(kListByCampaign, collect, workspace, *filter.campaign, after, filter.customer, status,
             limit + 1);
    } else if (filter.customer) {
      c.each(kListByCustomer, collect, workspace, *filter.customer, after, status, limit + 1);
    } else {
      c.each(kListAll, collect, workspace, after, status, limit + 1);
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

CampaignCounts MessageReader::totals(WorkspaceId workspace) const {
  return state_.read_value([&](Connection& c) {
    return c.find(kTotals, read_counts, workspace).value_or(CampaignCounts{});
  });
}

bool MessageReader::suppressed(const Message& message) const {
  return state_.read_value([&](Connection& c) {
    return is_suppressed(c, message.workspace, message.channel, message.address, message.customer);
  });
}

}  // namespace rapport
