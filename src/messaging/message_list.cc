// The lists of MessageReader: the ledger by campaign, customer, outcome and time.
#include <array>
#include <limits>

#include "messaging/message_row.h"
#include "messaging/message_stage.h"

namespace rapport {
namespace {

// A filter that is absent is bound as null, or as what lets everything through.
#define RAPPORT_MESSAGE_FILTERS                                                          \
  " AND ($4 IS NULL OR customer = $4) AND ($5 IS NULL OR status = $5) AND reason >= $7 " \
  "AND reason < $8 AND ($9 = 0 OR (steps & $9) <> 0) AND (steps & $10) = 0 "             \
  "AND ($11 IS NULL OR variant = $11) AND ($12 IS NULL OR run = $12) "                   \
  "AND ($13 = '' OR channel = $13) AND queued_at >= $14 AND queued_at < $15 "            \
  "AND ($16 IS NULL OR (campaign <> 0) = $16) AND ($17 = '' OR EXISTS (SELECT 1 "        \
  "FROM message_history h WHERE h.message = messages.id AND h.step = $18 AND h.detail = $17)) "
#define RAPPORT_SELECT_MESSAGES "SELECT " RAPPORT_MESSAGE_COLUMNS " FROM messages "

constexpr std::string_view kByCampaign = RAPPORT_SELECT_MESSAGES
    "WHERE workspace = $1 AND campaign = $2 AND id > $3" RAPPORT_MESSAGE_FILTERS
    "ORDER BY id LIMIT $6";
// Of a million recipients only those with a reason are looked at.
constexpr std::string_view kByReason = RAPPORT_SELECT_MESSAGES
    "INDEXED BY messages_reason WHERE workspace = $1 AND campaign = $2 AND id > $3 "
    "AND reason <> ''" RAPPORT_MESSAGE_FILTERS "ORDER BY id LIMIT $6";
constexpr std::string_view kConverted = RAPPORT_SELECT_MESSAGES
    "WHERE workspace = $1 AND campaign = $2 AND id > $3 AND EXISTS (SELECT 1 FROM conversions v "
    "WHERE v.message = messages.id)" RAPPORT_MESSAGE_FILTERS "ORDER BY id LIMIT $6";
constexpr std::string_view kByCustomer = RAPPORT_SELECT_MESSAGES
    "WHERE workspace = $1 AND customer = $2 AND id > $3" RAPPORT_MESSAGE_FILTERS
    "ORDER BY id LIMIT $6";
constexpr std::string_view kAll = RAPPORT_SELECT_MESSAGES
    "WHERE workspace = $1 AND $2 IS NULL AND id > $3" RAPPORT_MESSAGE_FILTERS
    "ORDER BY id LIMIT $6";
constexpr std::string_view kNewestByCampaign = RAPPORT_SELECT_MESSAGES
    "WHERE workspace = $1 AND campaign = $2 AND id < $3 AND $19 IS NOT NULL" RAPPORT_MESSAGE_FILTERS
    "ORDER BY id DESC LIMIT $6";
constexpr std::string_view kNewestConverted = RAPPORT_SELECT_MESSAGES
    "WHERE workspace = $1 AND campaign = $2 AND id < $3 AND $19 IS NOT NULL AND EXISTS (SELECT 1 "
    "FROM conversions v WHERE v.message = messages.id)" RAPPORT_MESSAGE_FILTERS
    "ORDER BY id DESC LIMIT $6";
constexpr std::string_view kNewestByCustomer = RAPPORT_SELECT_MESSAGES
    "WHERE workspace = $1 AND customer = $2 AND (queued_at, id) < ($19, $3)" RAPPORT_MESSAGE_FILTERS
    "ORDER BY queued_at DESC, id DESC LIMIT $6";
constexpr std::string_view kNewest = RAPPORT_SELECT_MESSAGES
    "INDEXED BY messages_newest WHERE workspace = $1 AND $2 IS NULL "
    "AND (queued_at, id) < ($19, $3)" RAPPORT_MESSAGE_FILTERS
    "ORDER BY queued_at DESC, id DESC LIMIT $6";
#undef RAPPORT_MESSAGE_FILTERS
#undef RAPPORT_SELECT_MESSAGES

constexpr int64_t bit(MessageStep step) {
  return int64_t{1} << static_cast<int>(step);
}

constexpr int64_t kEnded = bit(MessageStep::kSent) | bit(MessageStep::kFailed) |
                           bit(MessageStep::kSkipped) | bit(MessageStep::kWithheld);

struct NamedOutcome {
  std::string_view name;
  MessageOutcome outcome;
};
constexpr std::array kOutcomes{
    NamedOutcome{"queued", {bit(MessageStep::kQueued), bit(MessageStep::kWithheld)}},
    NamedOutcome{"waiting", {bit(MessageStep::kQueued), kEnded}},
    NamedOutcome{"sent", {bit(MessageStep::kSent)}},
    NamedOutcome{"delivered", {bit(MessageStep::kDelivered)}},
    NamedOutcome{"bounced", {bit(MessageStep::kBounced)}},
    NamedOutcome{"complained", {bit(MessageStep::kComplained)}},
    NamedOutcome{"failed", {bit(MessageStep::kFailed)}},
    NamedOutcome{"skipped", {bit(MessageStep::kSkipped)}},
    NamedOutcome{"withheld", {bit(MessageStep::kWithheld)}},
    NamedOutcome{"opened", {bit(MessageStep::kOpened)}},
    NamedOutcome{"machine_opened", {kMachineOpenedMark}},
    NamedOutcome{"clicked", {bit(MessageStep::kClicked)}},
    NamedOutcome{"machine_clicked", {kMachineClickedMark}},
    NamedOutcome{"unsubscribed", {bit(MessageStep::kUnsubscribed)}},
    NamedOutcome{"replied", {bit(MessageStep::kReplied)}},
    NamedOutcome{"converted", {0, 0, true}},
};

const std::array<std::string_view, kOutcomes.size()> kOutcomeNames = [] {
  std::array<std::string_view, kOutcomes.size()> names;
  for (size_t i = 0; i < names.size(); ++i) names[i] = kOutcomes[i].name;
  return names;
}();

Timestamp end_of_time() {
  return Timestamp(Micros(std::numeric_limits<int64_t>::max()));
}

/// Runs one of the statements above with the filter's values.
template <class Subject, class... More>
MessageSlice run_list(Connection& c, std::string_view statement, WorkspaceId workspace,
                      const Subject& subject, MessageId place, const MessageFilter& filter,
                      size_t limit, const More&... more) {
  MessageSlice slice;
  std::optional<int64_t> status;
  std::optional<int64_t> variant;
  std::optional<int64_t> of_campaign;
  if (filter.status) status = static_cast<int64_t>(*filter.status);
  if (filter.variant) variant = int64_t{*filter.variant};
  if (filter.of_campaign) of_campaign = int64_t{*filter.of_campaign};
  const MessageOutcome outcome = filter.outcome.value_or(MessageOutcome{});
  const std::string reason_end =
      filter.reason + (filter.whole_reason ? std::string(1, '\0') : "\xF4\x8F\xBF\xBF");
  c.each(
      statement, [&](Statement& row) { slice.items.push_back(read_message(row)); }, workspace,
      subject, place, filter.customer, status, limit + 1, filter.reason, reason_end, outcome.any,
      outcome.none, variant, filter.run, filter.channel, filter.from.value_or(Timestamp()),
      filter.until.value_or(end_of_time()), of_campaign, filter.link,
      static_cast<int64_t>(MessageStep::kClicked), more...);
  if (slice.items.size() > limit) {
    slice.items.resize(limit);
    slice.next = MessagePlace{slice.items.back().id, slice.items.back().queued_at};
  }
  for (Message& message : slice.items) add_history(c, message);
  return slice;
}

}  // namespace

std::span<const std::string_view> message_outcomes() {
  return kOutcomeNames;
}

std::optional<MessageOutcome> parse_outcome(std::string_view name) {
  for (const NamedOutcome& named : kOutcomes) {
    if (named.name == name) return named.outcome;
  }
  return std::nullopt;
}

MessageSlice MessageReader::list(WorkspaceId workspace, const MessageFilter& filter,
                                 MessageId after, size_t limit) const {
  const auto steps_with_reason = bit(MessageStep::kSkipped) | bit(MessageStep::kFailed);
  const bool with_reason = !filter.reason.empty() || filter.status == MessageStep::kSkipped ||
                           filter.status == MessageStep::kFailed ||
                           (filter.outcome && filter.outcome->any != 0 &&
                            (filter.outcome->any & ~steps_with_reason) == 0);
  return state_.read_value([&](Connection& c) {
    if (!filter.campaign && !filter.customer) {
      return run_list(c, kAll, workspace, nullptr, after, filter, limit);
    }
    if (!filter.campaign) {
      return run_list(c, kByCustomer, workspace, filter.customer, after, filter, limit);
    }
    if (filter.outcome && filter.outcome->converted) {
      return run_list(c, kConverted, workspace, filter.campaign, after, filter, limit);
    }
    return run_list(c, with_reason ? kByReason : kByCampaign, workspace, filter.campaign, after,
                    filter, limit);
  });
}

MessageSlice MessageReader::list_newest(WorkspaceId workspace, const MessageFilter& filter,
                                        std::optional<MessagePlace> before, size_t limit) const {
  const MessagePlace place =
      before.value_or(MessagePlace{MessageId{std::numeric_limits<int64_t>::max()}, end_of_time()});
  return state_.read_value([&](Connection& c) {
    if (filter.campaign) {
      const bool converted = filter.outcome && filter.outcome->converted;
      return run_list(c, converted ? kNewestConverted : kNewestByCampaign, workspace,
                      filter.campaign, place.message, filter, limit, place.queued_at);
    }
    if (filter.customer) {
      return run_list(c, kNewestByCustomer, workspace, filter.customer, place.message, filter,
                      limit, place.queued_at);
    }
    return run_list(c, kNewest, workspace, nullptr, place.message, filter, limit, place.queued_at);
  });
}

}  // namespace rapport
