#include "messaging/permission/consent_store.h"

#include <array>

namespace rapport::consent_store {
namespace {

constexpr std::string_view kSchema = R"sql(
CREATE TABLE consents (
  workspace INTEGER NOT NULL,
  customer INTEGER NOT NULL,
  topic INTEGER NOT NULL,
  channel TEXT NOT NULL,
  status INTEGER NOT NULL,
  at INTEGER NOT NULL,
  log_offset INTEGER NOT NULL,
  source TEXT NOT NULL,
  text_version INTEGER NOT NULL,
  language TEXT NOT NULL,
  PRIMARY KEY (workspace, customer, topic, channel)
) WITHOUT ROWID;
CREATE INDEX consents_topic ON consents (workspace, topic, channel, status, customer);
CREATE TABLE consent_history (
  workspace INTEGER NOT NULL,
  customer INTEGER NOT NULL,
  log_offset INTEGER NOT NULL,
  topic INTEGER NOT NULL,
  topic_name TEXT NOT NULL,
  channel TEXT NOT NULL,
  status INTEGER NOT NULL,
  at INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  source TEXT NOT NULL,
  text TEXT NOT NULL,
  text_version INTEGER NOT NULL,
  language TEXT NOT NULL,
  actor TEXT NOT NULL,
  address TEXT NOT NULL,
  proof TEXT NOT NULL,
  PRIMARY KEY (workspace, customer, log_offset)
) WITHOUT ROWID;
CREATE TABLE consent_requests (
  log_offset INTEGER PRIMARY KEY,
  workspace INTEGER NOT NULL,
  customer INTEGER NOT NULL,
  topic INTEGER NOT NULL,
  channel TEXT NOT NULL,
  address TEXT NOT NULL,
  language TEXT NOT NULL,
  at INTEGER NOT NULL
);
CREATE INDEX consent_requests_customer ON consent_requests (workspace, customer, channel, at);
)sql";
constexpr std::array kMigrations{Migration{1, kSchema}};

// An answer (given, withdrawn) counts over a request; of two of a kind the later one.
#define RAPPORT_LATER_CONSENT                                                                    \
  "ON CONFLICT (workspace, customer, topic, channel) DO UPDATE SET "                             \
  "status = excluded.status, at = excluded.at, log_offset = excluded.log_offset, "               \
  "source = excluded.source, text_version = excluded.text_version, "                             \
  "language = excluded.language WHERE (excluded.status >= 2, excluded.at, excluded.log_offset) " \
  "> (consents.status >= 2, consents.at, consents.log_offset)"

constexpr std::string_view kPut =
    "INSERT INTO consents (workspace, customer, topic, channel, status, at, log_offset, source, "
    "text_version, language) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, "
    "$10) " RAPPORT_LATER_CONSENT;
constexpr std::string_view kTakeOver =
    "INSERT INTO consents (workspace, customer, topic, channel, status, at, log_offset, source, "
    "text_version, language) SELECT workspace, $3, topic, channel, status, at, log_offset, "
    "source, text_version, language FROM consents WHERE workspace = $1 AND customer = "
    "$2 " RAPPORT_LATER_CONSENT;
#undef RAPPORT_LATER_CONSENT
constexpr std::string_view kDrop = "DELETE FROM consents WHERE workspace = $1 AND customer = $2";
constexpr std::string_view kMoveHistory =
    "UPDATE consent_history SET customer = $3 WHERE workspace = $1 AND customer = $2";
constexpr std::string_view kMoveRequests =
    "UPDATE consent_requests SET customer = $3 WHERE workspace = $1 AND customer = $2";
constexpr std::string_view kAddHistory =
    "INSERT INTO consent_history (workspace, customer, log_offset, topic, topic_name, channel, "
    "status, at, received_at, source, text, text_version, language, actor, address, proof) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
#define RAPPORT_CONSENT_COLUMNS \
  "topic, channel, status, at, log_offset, source, text_version, language"
constexpr std::string_view kList =
    "SELECT " RAPPORT_CONSENT_COLUMNS
    " FROM consents WHERE workspace = $1 AND customer = $2 ORDER BY topic, channel";
constexpr std::string_view kFind =
    "SELECT " RAPPORT_CONSENT_COLUMNS
    " FROM consents WHERE workspace = $1 AND customer = $2 AND topic = $3 AND channel = $4";
#undef RAPPORT_CONSENT_COLUMNS
constexpr std::string_view kListHistory =
    "SELECT log_offset, topic, topic_name, channel, status, at, received_at, source, text, "
    "text_version, language, actor, address, proof FROM consent_history "
    "WHERE workspace = $1 AND customer = $2 AND log_offset < $3 ORDER BY log_offset DESC LIMIT $4";
constexpr std::string_view kAddRequest =
    "INSERT INTO consent_requests (log_offset, workspace, customer, topic, channel, address, "
    "language, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
constexpr std::string_view kFindRequest =
    "SELECT customer, topic, channel, address, language, at FROM consent_requests "
    "WHERE log_offset = $1 AND workspace = $2";
constexpr std::string_view kCountRequests =
    "SELECT count(*) FROM consent_requests "
    "WHERE workspace = $1 AND customer = $2 AND channel = $3 AND at > $4";

ConsentState read_state(Statement& row) {
  ConsentState state;
  state.topic = {row.id(0)};
  state.channel = row.text(1);
  state.status = static_cast<ConsentStatus>(row.integer(2));
  state.at = row.time(3);
  state.offset = row.id(4);
  state.source = row.text(5);
  state.text_version = row.integer(6);
  state.language = row.text(7);
  return state;
}

}  // namespace

std::span<const Migration> migrations() {
  return kMigrations;
}

void record(Connection& state, const ConsentFact& fact, Offset offset) {
  const auto status = static_cast<int64_t>(fact.status);
  state.run(kAddHistory, fact.workspace, fact.customer, offset, fact.topic, fact.topic_name,
            fact.channel, status, fact.at, fact.received_at, fact.source, fact.text,
            fact.text_version, fact.language, fact.actor, fact.address, fact.proof);
  state.run(kPut, fact.workspace, fact.customer, fact.topic, fact.channel, status, fact.at, offset,
            fact.source, fact.text_version, fact.language);
}

void merge(Connection& state, WorkspaceId workspace, CustomerId loser, CustomerId winner) {
  state.run(kTakeOver, workspace, loser, winner);
  state.run(kDrop, workspace, loser);
  state.run(kMoveHistory, workspace, loser, winner);
  state.run(kMoveRequests, workspace, loser, winner);
}

std::vector<ConsentState> list(Connection& state, WorkspaceId workspace, CustomerId customer) {
  std::vector<ConsentState> states;
  state.each(
      kList, [&](Statement& row) { states.push_back(read_state(row)); }, workspace, customer);
  return states;
}

std::optional<ConsentState> find(Connection& state, WorkspaceId workspace, CustomerId customer,
                                 TopicId topic, std::string_view channel) {
  return state.find(kFind, read_state, workspace, customer, topic, channel);
}

std::vector<ConsentRecord> list_history(Connection& state, WorkspaceId workspace,
                                        CustomerId customer, Offset before, size_t limit) {
  std::vector<ConsentRecord> records;
  state.each(
      kListHistory,
      [&](Statement& row) {
        ConsentFact fact;
        fact.workspace = workspace;
        fact.customer = customer;
        fact.topic = {row.id(1)};
        fact.topic_name = row.text(2);
        fact.channel = row.text(3);
        fact.status = static_cast<ConsentStatus>(row.integer(4));
        fact.at = row.time(5);
        fact.received_at = row.time(6);
        fact.source = row.text(7);
        fact.text = row.text(8);
        fact.text_version = row.integer(9);
        fact.language = row.text(10);
        fact.actor = row.text(11);
        fact.address = row.text(12);
        fact.proof = row.text(13);
        records.push_back({std::move(fact), row.id(0)});
      },
      workspace, customer, before, limit);
  return records;
}

void add_request(Connection& state, const ConsentRequest& r) {
  state.run(kAddRequest, r.offset, r.workspace, r.customer, r.topic, r.channel, r.address,
            r.language, r.at);
}

std::optional<ConsentRequest> find_request(Connection& state, WorkspaceId workspace,
                                           Offset offset) {
  return state.find(
      kFindRequest,
      [&](Statement& row) {
        return ConsentRequest{offset,
                              workspace,
                              CustomerId{row.id(0)},
                              TopicId{row.id(1)},
                              std::string(row.text(2)),
                              std::string(row.text(3)),
                              std::string(row.text(4)),
                              row.time(5)};
      },
      offset, workspace);
}

int64_t count_requests(Connection& state, WorkspaceId workspace, CustomerId customer,
                       std::string_view channel, Timestamp since) {
  return state
      .find(
          kCountRequests, [](Statement& row) { return row.integer(0); }, workspace, customer,
          channel, since)
      .value_or(0);
}

}  // namespace rapport::consent_store
