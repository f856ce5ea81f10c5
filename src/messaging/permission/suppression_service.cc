#include "messaging/permission/suppression_service.h"

#include <algorithm>

#include "base/error.h"
#include "base/limits.h"
#include "base/limits/permission.h"
#include "base/text.h"
#include "customers/import/csv_reader.h"
#include "mail/address.h"

namespace rapport {
namespace {

constexpr std::chrono::seconds kApplyWait{10};

void check(const Suppression& s) {
  const auto lower = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  if (s.channel.empty() || s.channel.size() > 32 ||
      !std::all_of(s.channel.begin(), s.channel.end(), lower)) {
    throw Error::invalid("channel", "is not a channel");
  }
  const std::string address = normal_address(s.address);
  if (address.empty() || address.size() > limits::kMaxIdentifierBytes || !is_valid_utf8(address)) {
    throw Error::invalid("address", "must be a text of up to 500 bytes");
  }
  if (s.channel == "email" && !is_address_hash(address) && !is_valid_address(address)) {
    throw Error::invalid("address", "is not an e-mail address");
  }
  check_suppression_reason(s.reason);
  if (s.detail.size() > limits::kMaxSuppressionDetailBytes || !is_valid_utf8(s.detail)) {
    throw Error::invalid("detail", "must be a text of up to 500 bytes");
  }
}

Suppression read_row(const std::vector<std::string>& columns,
                     const std::vector<std::string_view>& cells) {
  Suppression row;
  row.channel = "email";
  row.reason = "manual";
  row.source = "import";
  for (size_t i = 0; i < columns.size(); ++i) {
    const std::string cell(trim(cells[i]));
    if (columns[i] == "address") row.address = cell;
    if (columns[i] == "channel" && !cell.empty()) row.channel = cell;
    if (columns[i] == "reason" && !cell.empty()) row.reason = cell;
    if (columns[i] == "detail") row.detail = cell;
  }
  check(row);
  return row;
}

}  // namespace

std::string suppression_cursor(const Suppression& row) {
  return base64url_encode(row.channel + "\n" + row.address);
}

void SuppressionService::append_and_wait(std::vector<NewEvent> events) {
  const Offset last = writer_.append(std::move(events)).last;
  if (!projector_.wait_applied(last, kApplyWait)) {
    throw Error(ErrorCode::kUnavailable, "It is stored and will apply soon")
        .with_retry_after(std::chrono::seconds(5));
  }
}

Suppression SuppressionService::add(WorkspaceId workspace, Suppression suppression,
                                    const Actor& actor) {
  check(suppression);
  suppression.address = normal_address(suppression.address);
  suppression.at = clock_.now();
  std::vector<NewEvent> events;
  events.push_back(make_suppression_event(workspace, suppression, make_uuid(random_)));
  append_and_wait(std::move(events));
  audit_.record(workspace, actor, "suppression.add",
                hasher_.hash(workspace, suppression.channel, suppression.address),
                suppression.channel + " " + suppression.reason);
  return find(workspace, suppression.channel, suppression.address).value_or(suppression);
}

void SuppressionService::remove(WorkspaceId workspace, std::string_view channel,
                                std::string_view address, const Actor& actor) {
  const auto row = find(workspace, channel, address);
  if (!row) throw Error::not_found("Suppression");
  std::vector<NewEvent> events;
  events.push_back(make_suppression_removed_event(workspace, channel, row->address, actor.label,
                                                  clock_.now(), make_uuid(random_)));
  append_and_wait(std::move(events));
  audit_.record(workspace, actor, "suppression.remove", hasher_.hash(workspace, channel, address),
                std::string(channel) + " " + row->reason);
}

void SuppressionService::forget(WorkspaceId workspace, std::string_view channel,
                                std::string_view address, const Actor& actor) {
  const auto row = find(workspace, channel, address);
  if (!row) throw Error::not_found("Suppression");
  if (is_address_hash(row->address)) return;
  const std::string hash = hasher_.hash(workspace, channel, row->address);
  std::vector<NewEvent> events;
  events.push_back(make_address_forgotten_event(workspace, channel, row->address, hash,
                                                clock_.now(), make_uuid(random_)));
  append_and_wait(std::move(events));
  audit_.record(workspace, actor, "suppression.forget", hash, std::string(channel));
}

SuppressionImport SuppressionService::import_csv(WorkspaceId workspace, std::string csv,
                                                 const Actor& actor) {
  SuppressionImport outcome;
  const auto source = make_text_source(std::move(csv));
  CsvReader reader(*source, {});
  const auto& columns = reader.columns();
  if (std::find(columns.begin(), columns.end(), "address") == columns.end()) {
    throw Error::invalid("body", "needs a column “address”");
  }
  for (const std::string& column : columns) {
    if (column == "address" || column == "channel" || column == "reason" || column == "detail") {
      continue;
    }
    throw Error::invalid("body", "the columns are address, channel, reason and detail");
  }
  std::vector<NewEvent> events;
  const Timestamp now = clock_.now();
  while (reader.next()) {
    if (events.size() + outcome.refused.size() >= limits::kMaxConsentImportRows) {
      throw Error::invalid(
          "body", "has more than " + std::to_string(limits::kMaxConsentImportRows) + " rows");
    }
    try {
      if (!reader.problem().empty()) throw Error::invalid("", std::string(reader.problem()));
      Suppression row = read_row(columns, reader.cells());
      row.at = now;
      events.push_back(make_suppression_event(workspace, row, make_uuid(random_)));
    } catch (const Error& error) {
      const bool named = !error.fields().empty();
      outcome.refused.push_back({reader.line(), named ? error.fields().front().field : "",
                                 named ? error.fields().front().message : error.public_detail()});
    }
  }
  outcome.accepted = events.size();
  if (!events.empty()) append_and_wait(std::move(events));
  audit_.record(workspace, actor, "suppression.import", to_public(workspace),
                std::to_string(outcome.accepted) + " accepted, " +
                    std::to_string(outcome.refused.size()) + " refused");
  return outcome;
}

std::vector<Suppression> SuppressionService::list(WorkspaceId workspace, std::string_view channel,
                                                  std::string_view query, std::string_view cursor,
                                                  size_t limit) const {
  std::string after_channel;
  std::string after_address;
  if (!cursor.empty()) {
    const auto decoded = base64_decode(cursor);
    const size_t end = decoded ? decoded->find('\n') : std::string::npos;
    if (end == std::string::npos) throw Error::invalid("cursor", "is not one this list gave");
    after_channel = decoded->substr(0, end);
    after_address = decoded->substr(end + 1);
  }
  auto rows = state_.read_value([&](Connection& c) {
    return suppression_store::list(c, workspace, channel, query, after_channel, after_address,
                                   limit);
  });
  if (rows.empty() && cursor.empty() && !query.empty()) {
    const std::string_view one = channel.empty() ? std::string_view("email") : channel;
    if (auto hashed = find(workspace, one, query)) rows.push_back(std::move(*hashed));
  }
  return rows;
}

std::optional<Suppression> SuppressionService::find(WorkspaceId workspace, std::string_view channel,
                                                    std::string_view address) const {
  return state_.read_value([&](Connection& c) {
    auto row = suppression_store::find(c, workspace, channel, address);
    if (row || is_address_hash(address)) return row;
    return suppression_store::find(c, workspace, channel,
                                   hasher_.hash(workspace, channel, address));
  });
}

}  // namespace rapport
