// The import of consents from CSV: a part of ConsentService.
#include <algorithm>

#include "base/error.h"
#include "base/limits/permission.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "customers/import/csv_reader.h"
#include "messaging/permission/consent_service.h"
#include "stream/event.h"

namespace rapport {
namespace {

constexpr std::chrono::seconds kImportWait{25};
constexpr std::string_view kColumns[]{"user_id", "anonymous_id", "email",    "phone",
                                      "topic",   "channel",      "status",   "at",
                                      "source",  "text",         "language", "proof"};

std::string as_proof(std::string_view cell) {
  const std::string_view text = trim(cell);
  Payload payload;
  if (text.starts_with('{') && payload.parse(text)) return std::string(text);
  return text.empty() ? std::string() : "{\"note\":" + json_quote(text) + "}";
}

std::string row_id(const ConsentFact& fact) {
  const std::string at = std::to_string(to_micros(fact.at));
  const auto hash =
      hash_128({to_public(fact.customer), topic_text(fact.topic), fact.channel,
                consent_status_name(fact.status), at, fact.source, fact.text, fact.proof});
  return "consent-import:" + base64url_encode(as_view(hash));
}

/// Field and message of an error about one row.
ConsentImport::Refusal refusal(uint64_t line, const Error& error) {
  if (error.fields().empty()) return {line, "", error.public_detail()};
  return {line, error.fields().front().field, error.fields().front().message};
}

}  // namespace

struct ConsentService::ImportRow {
  uint64_t line = 0;
  PersonIdentifiers person;
  ConsentInput input;
};

ConsentService::ImportRow ConsentService::read_row(
    WorkspaceId workspace, const std::vector<std::string>& columns,
    const std::vector<std::string_view>& cells) const {
  ImportRow row;
  std::string topic;
  std::string status = "given";
  for (size_t i = 0; i < columns.size(); ++i) {
    const std::string& column = columns[i];
    const std::string cell(trim(cells[i]));
    if (column == "user_id") row.person.user_id = cell;
    if (column == "anonymous_id") row.person.anonymous_id = cell;
    if (column == "email") row.person.email = cell;
    if (column == "phone") row.person.phone = cell;
    if (column == "topic") topic = cell;
    if (column == "channel" && !cell.empty()) row.input.channel = cell;
    if (column == "status" && !cell.empty()) status = cell;
    if (column == "source") row.input.source = cell;
    if (column == "text") row.input.text = cell;
    if (column == "language") row.input.language = cell;
    if (column == "proof") row.input.proof = as_proof(cell);
    if (column == "at" && !cell.empty()) {
      row.input.at = parse_timestamp(cell);
      if (!row.input.at) throw Error::invalid("at", "is not a time");
    }
  }
  const auto parsed = parse_consent_status(status);
  if (!parsed) throw Error::invalid("status", "must be given, withdrawn or requested");
  row.input.status = *parsed;
  const auto id = parse_topic_text(topic);
  if (id) {
    row.input.topic = *id;
  } else {
    const auto topics = topics_.list(workspace);
    const auto named = std::find_if(topics->begin(), topics->end(),
                                    [&](const Topic& t) { return t.name == topic; });
    if (named == topics->end()) throw Error::invalid("topic", "there is no such topic");
    row.input.topic = named->id;
  }
  if (row.input.status == ConsentStatus::kGiven) {
    if (!row.input.at) throw Error::invalid("at", "is required: when did they agree?");
    if (row.input.proof.empty()) throw Error::invalid("proof", "is required");
  }
  return row;
}

void ConsentService::read_rows(WorkspaceId workspace, std::string csv, std::vector<ImportRow>& rows,
                               ConsentImport& outcome) const {
  const auto source = make_text_source(std::move(csv));
  CsvReader reader(*source, {});
  for (const std::string& column : reader.columns()) {
    if (std::find(std::begin(kColumns), std::end(kColumns), column) == std::end(kColumns)) {
      throw Error::invalid(
          "body", "the column “" + std::string(utf8_prefix(column, 50)) + "” is not known");
    }
  }
  while (reader.next()) {
    if (rows.size() + outcome.refused.size() >= limits::kMaxConsentImportRows) {
      throw Error::invalid(
          "body", "has more than " + std::to_string(limits::kMaxConsentImportRows) + " rows");
    }
    try {
      if (!reader.problem().empty()) throw Error::invalid("", std::string(reader.problem()));
      ImportRow row = read_row(workspace, reader.columns(), reader.cells());
      row.line = reader.line();
      check_person(row.person);
      fact_from(workspace, {}, row.input);
      rows.push_back(std::move(row));
    } catch (const Error& error) {
      outcome.refused.push_back(refusal(reader.line(), error));
    }
  }
}

ConsentImport ConsentService::import_csv(WorkspaceId workspace, std::string csv,
                                         const Actor& actor) {
  ConsentImport outcome;
  std::vector<ImportRow> rows;
  read_rows(workspace, std::move(csv), rows, outcome);
  std::vector<NewEvent> people;
  for (const ImportRow& row : rows) {
    if (!find_person(workspace, row.person)) {
      people.push_back(identify(workspace, row.person, EventOrigin::kImport));
    }
  }
  if (!people.empty()) {
    const Offset last = writer_.append(std::move(people)).last;
    if (!projector_.wait_applied(last, kImportWait)) {
      throw Error(ErrorCode::kUnavailable, "The customers are not known yet; import again")
          .with_retry_after(std::chrono::seconds(10));
    }
  }
  std::vector<NewEvent> consents;
  for (ImportRow& row : rows) {
    const auto customer = find_person(workspace, row.person);
    if (!customer) {
      outcome.refused.push_back({row.line, "user_id", "is a value that identifies nobody"});
      continue;
    }
    row.input.actor = actor.label;
    row.input.address = row.person.email;
    const ConsentFact fact = fact_from(workspace, *customer, row.input);
    consents.push_back(make_consent_event(fact, row_id(fact)));
  }
  if (!consents.empty()) {
    const AppendResult result = writer_.append(std::move(consents));
    outcome.accepted = result.accepted;
    outcome.duplicates = result.duplicates;
    projector_.wait_applied(result.last, kImportWait);
  }
  audit_.record(workspace, actor, "consent.import", to_public(workspace),
                std::to_string(outcome.accepted) + " accepted, " +
                    std::to_string(outcome.refused.size()) + " refused");
  return outcome;
}

}  // namespace rapport
