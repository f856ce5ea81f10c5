#include "customers/identity_stage.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace rapport {
namespace {

constexpr std::string_view kSchema = R"sql(
CREATE TABLE customers (
  id INTEGER PRIMARY KEY,
  workspace INTEGER NOT NULL,
  merged_into INTEGER,
  first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL,
  event_count INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX customers_listed ON customers (workspace, id) WHERE merged_into IS NULL;
CREATE INDEX customers_merged ON customers (merged_into) WHERE merged_into IS NOT NULL;
CREATE TABLE identifiers (
  workspace INTEGER NOT NULL,
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  customer INTEGER NOT NULL,
  linked_at INTEGER NOT NULL,
  log_offset INTEGER NOT NULL,
  message_id TEXT NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (workspace, kind, value)
) WITHOUT ROWID;
CREATE INDEX identifiers_customer ON identifiers (customer);
CREATE INDEX identifiers_value ON identifiers (workspace, value);
CREATE TABLE customer_merges (
  log_offset INTEGER NOT NULL,
  loser INTEGER NOT NULL,
  workspace INTEGER NOT NULL,
  survivor INTEGER NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (log_offset, loser)
) WITHOUT ROWID;
CREATE INDEX customer_merges_survivor ON customer_merges (survivor);
CREATE TABLE identity_decisions (
  log_offset INTEGER NOT NULL,
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  workspace INTEGER NOT NULL,
  customer INTEGER NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (log_offset, kind, value)
) WITHOUT ROWID;
CREATE INDEX identity_decisions_customer ON identity_decisions (customer);
CREATE TABLE identity_rules (
  workspace INTEGER PRIMARY KEY,
  log_offset INTEGER NOT NULL,
  rules TEXT NOT NULL
);
)sql";
constexpr std::array kMigrations{Migration{1, kSchema}};

constexpr std::string_view kFindOwner =
    "SELECT customer FROM identifiers WHERE workspace = $1 AND kind = $2 AND value = $3";
constexpr std::string_view kListIdentifiers =
    "SELECT kind, value FROM identifiers WHERE customer = $1";
constexpr std::string_view kFindSurvivor =
    "SELECT coalesce(merged_into, id) FROM customers WHERE id = $1 AND workspace = $2";
constexpr std::string_view kCreate =
    "INSERT INTO customers (id, workspace, first_seen, last_seen) VALUES ($1, $2, $3, $3)";
constexpr std::string_view kLink =
    "INSERT INTO identifiers (workspace, kind, value, customer, linked_at, log_offset, message_id, "
    "reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
constexpr std::string_view kMoveIdentifiers =
    "UPDATE identifiers SET customer = $2 WHERE customer = $1";
constexpr std::string_view kListMerged = "SELECT id FROM customers WHERE merged_into = $1";
constexpr std::string_view kRedirect =
    "UPDATE customers SET merged_into = $2 WHERE id = $1 OR merged_into = $1";
constexpr std::string_view kFoldProfile =
    "UPDATE customers SET first_seen = min(customers.first_seen, l.first_seen), "
    "last_seen = max(customers.last_seen, l.last_seen), "
    "event_count = customers.event_count + l.event_count "
    "FROM (SELECT first_seen, last_seen, event_count FROM customers WHERE id = $1) AS l "
    "WHERE customers.id = $2";
// What a loser's row says must not depend on how much of its activity was written before the merge.
constexpr std::string_view kEmptyProfile =
    "UPDATE customers SET first_seen = $2, last_seen = $2, event_count = 0 WHERE id = $1";
constexpr std::string_view kRecordMerge =
    "INSERT INTO customer_merges (log_offset, workspace, loser, survivor, reason) "
    "VALUES ($1, $2, $3, $4, $5)";
constexpr std::string_view kRecordDecision =
    "INSERT INTO identity_decisions (log_offset, kind, value, workspace, customer, reason) "
    "VALUES ($1, $2, $3, $4, $5, $6)";

constexpr std::string_view kPutRules =
    "INSERT INTO identity_rules (workspace, log_offset, rules) VALUES ($1, $2, $3) "
    "ON CONFLICT (workspace) DO UPDATE SET log_offset = excluded.log_offset, "
    "rules = excluded.rules";
constexpr std::string_view kReadRules = "SELECT rules FROM identity_rules WHERE workspace = $1";

/// `json` was checked when it was accepted (identity_routes).
IdentityRules parse_rules(std::string_view json) {
  Payload payload;
  if (!payload.parse(json)) return {};
  const auto number = [](const std::optional<std::string>& text, size_t fallback) {
    const auto value = text ? parse_int(*text) : std::nullopt;
    return value && *value > 0 ? static_cast<size_t>(*value) : fallback;
  };
  const size_t default_limit = number(payload.text("default_limit"), 5);
  std::vector<IdentityRules::Kind> kinds;
  payload.each_object("kinds", [&](const auto& field) {
    kinds.push_back({field("kind").value_or(""), number(field("limit"), default_limit)});
  });
  std::vector<IdentityRules::Blocked> blocked;
  payload.each_object("blocked", [&](const auto& field) {
    blocked.push_back({field("value").value_or(""), field("kind").value_or("")});
  });
  return {std::move(kinds), default_limit, std::move(blocked)};
}

std::string describe(const std::vector<Identifier>& identifiers, const Identifier& except) {
  std::string text;
  for (const Identifier& identifier : identifiers) {
    if (identifier == except) continue;
    if (!text.empty()) text += ", ";
    text += identifier.kind;
  }
  return text;
}

}  // namespace

std::span<const Migration> IdentityStage::migrations() const {
  return kMigrations;
}

IdentityRules read_identity_rules(Connection& state, WorkspaceId workspace) {
  const auto json = state.find(
      kReadRules, [](Statement& row) { return std::string(row.text(0)); }, workspace);
  return json ? parse_rules(*json) : IdentityRules();
}

const IdentityRules& IdentityStage::rules_of(Connection& state, WorkspaceId workspace) {
  const auto it = rules_.find(workspace);
  if (it != rules_.end()) return it->second;
  return rules_.emplace(workspace, read_identity_rules(state, workspace)).first->second;
}

void IdentityStage::change_rules(const StagedEvent& event, StageBatch& batch) {
  const std::string json = event.payload->json("properties").value_or("{}");
  batch.state.run(kPutRules, event.event.workspace, event.offset, json);
  rules_.erase(event.event.workspace);
}

void IdentityStage::settled(bool committed) {
  if (committed) return;
  rules_.clear();
  owners_.clear();
}

CustomerId IdentityStage::find_owner(Connection& state, WorkspaceId workspace,
                                     const Identifier& identifier) {
  const CustomerId known = owners_.find(workspace, identifier.kind, identifier.value);
  if (known.value != 0) return known;
  const auto owner = state.find(
      kFindOwner, [](Statement& row) { return CustomerId{row.id(0)}; }, workspace, identifier.kind,
      identifier.value);
  if (owner) owners_.remember(workspace, identifier.kind, identifier.value, *owner);
  return owner.value_or(CustomerId{});
}

const std::vector<Identifier>& IdentityStage::load_identifiers(Connection& state,
                                                               CustomerId customer) {
  const auto [it, fresh] = loaded_.try_emplace(customer);
  std::vector<Identifier>& held = it->second;
  if (fresh) {
    state.each(
        kListIdentifiers,
        [&](Statement& row) {
          held.push_back({std::string(row.text(0)), std::string(row.text(1))});
        },
        customer);
  }
  return held;
}

void IdentityStage::apply(StagedEvent& event, StageBatch& batch) {
  if (event.event.type == EventType::kRejected) return;
  const WorkspaceId workspace = event.event.workspace;
  if (event.event.customer.value != 0) {
    // The program itself says whom it is about; that profile may have been merged since.
    event.customer = batch.state
                         .find(
                             kFindSurvivor, [](Statement& row) { return CustomerId{row.id(0)}; },
                             event.event.customer, workspace)
                         .value_or(CustomerId{});
    return;
  }
  if (event.event.origin == EventOrigin::kSystem) {
    if (event.event.name == kIdentityRulesEvent) change_rules(event, batch);
    return;
  }
  loaded_.clear();
  const IdentityRules& rules = rules_of(batch.state, workspace);
  ExtractedIdentifiers extracted = extract_identifiers(event.event, *event.payload, rules);
  bool all_known = true;
  const IdentityDecision decision = decide_identity(
      std::move(extracted.usable), rules,
      [&](const Identifier& i) {
        const CustomerId owner = find_owner(batch.state, workspace, i);
        if (owner.value == 0) all_known = false;
        return owner;
      },
      [&](CustomerId c) -> const std::vector<Identifier>& {
        return load_identifiers(batch.state, c);
      });
  const bool created = decision.profiles.empty();
  if (created) {
    // An event whose identifiers are all blocked still happened to somebody: a profile of its own
    // would be noise, so it stays without a customer and only the decision is kept.
    if (!decision.linked.empty()) create(event, batch);
  } else {
    event.customer = decision.profiles.front();
  }
  if (event.customer.value != 0) {
    for (size_t i = 1; i < decision.profiles.size(); ++i) {
      merge(event, batch, decision.profiles[i], decision.linked);
      event.merged.push_back(decision.profiles[i]);
    }
    for (const Identifier& identifier : decision.linked) {
      if (!all_known && find_owner(batch.state, workspace, identifier).value == 0) {
        link(event, batch, identifier, decision.linked, created);
      }
    }
  }
  record_refusals(event, batch, extracted.blocked, "blocked_value");
  record_refusals(event, batch, decision.demoted, "limit_reached");
}

void IdentityStage::create(StagedEvent& event, StageBatch& batch) {
  event.customer = CustomerId{event.offset};
  batch.state.run(kCreate, event.customer, event.event.workspace, event.event.timestamp);
  batch.warehouse.customers.push_back(
      {event.offset, event.event.workspace, event.customer, event.event.timestamp});
}

void IdentityStage::link(const StagedEvent& event, StageBatch& batch, const Identifier& identifier,
                         const std::vector<Identifier>& linked, bool created) {
  const std::string with = describe(linked, identifier);
  const std::string reason = created ? "created" : with.empty() ? "added" : "added with " + with;
  batch.state.run(kLink, event.event.workspace, identifier.kind, identifier.value, event.customer,
                  event.event.timestamp, event.offset, event.event.message_id, reason);
  owners_.remember(event.event.workspace, identifier.kind, identifier.value, event.customer);
}

void IdentityStage::merge(const StagedEvent& event, StageBatch& batch, CustomerId loser,
                          const std::vector<Identifier>& linked) {
  const WorkspaceId workspace = event.event.workspace;
  const CustomerId winner = event.customer;
  for (const Identifier& identifier : load_identifiers(batch.state, loser)) {
    owners_.remember(workspace, identifier.kind, identifier.value, winner);
  }
  batch.state.run(kMoveIdentifiers, loser, winner);
  batch.state.run(kFoldProfile, loser, winner);
  batch.state.run(kEmptyProfile, loser, event.event.timestamp);
  batch.warehouse.successors.push_back({workspace, loser, winner});
  batch.state.each(
      kListMerged,
      [&](Statement& row) {
        batch.warehouse.successors.push_back({workspace, CustomerId{row.id(0)}, winner});
      },
      loser);
  batch.state.run(kRedirect, loser, winner);
  const std::string reason = "same event carries " + describe(linked, Identifier{});
  batch.state.run(kRecordMerge, event.offset, workspace, loser, winner, reason);
}

void IdentityStage::record_refusals(const StagedEvent& event, StageBatch& batch,
                                    const std::vector<Identifier>& refused,
                                    std::string_view reason) {
  for (const Identifier& identifier : refused) {
    batch.state.run(kRecordDecision, event.offset, identifier.kind, identifier.value,
                    event.event.workspace, event.customer, reason);
  }
}

}  // namespace rapport
