#include "customers/profile_stage.h"

#include <algorithm>
#include <array>

#include "base/limits.h"
#include "base/text_fold.h"

namespace rapport {
namespace {

constexpr std::string_view kSchema = R"sql(
CREATE TABLE customer_traits (
  customer INTEGER NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  occurred_at INTEGER NOT NULL,
  log_offset INTEGER NOT NULL,
  workspace INTEGER NOT NULL,
  search TEXT,
  PRIMARY KEY (customer, name)
) WITHOUT ROWID;
CREATE INDEX customer_traits_search ON customer_traits (workspace, search)
  WHERE search IS NOT NULL;
)sql";
// The later words of a name of several, so that it is found by any of them; the first word is the
// beginning of `customer_traits.search`.
constexpr std::string_view kWords = R"sql(
CREATE TABLE customer_words (
  customer INTEGER NOT NULL,
  trait TEXT NOT NULL,
  word TEXT NOT NULL,
  workspace INTEGER NOT NULL,
  PRIMARY KEY (customer, trait, word)
) WITHOUT ROWID;
CREATE INDEX customer_words_found ON customer_words (workspace, word, customer);
)sql";
constexpr std::array kMigrations{Migration{1, kSchema}, Migration{2, kWords}};

constexpr std::string_view kSetTrait =
    "INSERT INTO customer_traits (customer, name, value, occurred_at, log_offset, workspace, "
    "search) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (customer, name) DO UPDATE SET "
    "value = excluded.value, occurred_at = excluded.occurred_at, "
    "log_offset = excluded.log_offset, search = excluded.search "
    "WHERE (excluded.occurred_at, excluded.log_offset) > "
    "(customer_traits.occurred_at, customer_traits.log_offset)";
constexpr std::string_view kMoveTraits =
    "INSERT INTO customer_traits (customer, name, value, occurred_at, log_offset, workspace, "
    "search) "
    "SELECT $2, name, value, occurred_at, log_offset, workspace, search FROM customer_traits "
    "WHERE customer = $1 ON CONFLICT (customer, name) DO UPDATE SET "
    "value = excluded.value, occurred_at = excluded.occurred_at, "
    "log_offset = excluded.log_offset, search = excluded.search "
    "WHERE (excluded.occurred_at, excluded.log_offset) > "
    "(customer_traits.occurred_at, customer_traits.log_offset)";
constexpr std::string_view kDropTraits = "DELETE FROM customer_traits WHERE customer = $1";
constexpr std::string_view kAddWord =
    "INSERT INTO customer_words (customer, trait, word, workspace) VALUES ($1, $2, $3, $4) "
    "ON CONFLICT DO NOTHING";
constexpr std::string_view kDropTraitWords =
    "DELETE FROM customer_words WHERE customer = $1 AND trait = $2";
constexpr std::string_view kDropWords = "DELETE FROM customer_words WHERE customer = $1";
constexpr std::string_view kListSearchable =
    "SELECT name, value FROM customer_traits WHERE customer = $1 AND search IS NOT NULL";
constexpr std::string_view kCountTraits =
    "SELECT count(*) FROM customer_traits WHERE customer = $1";
constexpr std::string_view kHasTrait =
    "SELECT 1 FROM customer_traits WHERE customer = $1 AND name = $2";
constexpr std::string_view kAddActivity =
    "UPDATE customers SET first_seen = min(first_seen, $2), last_seen = max(last_seen, $3), "
    "event_count = event_count + $4 WHERE id = $1";

constexpr std::array<std::string_view, 8> kSearchable{
    "email", "name", "first_name", "last_name", "firstName", "lastName", "company", "phone"};

bool is_searchable(std::string_view trait) {
  return std::find(kSearchable.begin(), kSearchable.end(), trait) != kSearchable.end();
}

}  // namespace

std::optional<std::string> searchable_text(std::string_view trait, std::string_view json) {
  if (!is_searchable(trait)) return std::nullopt;
  if (json.size() < 3 || json.front() != '"' || json.size() > 200) return std::nullopt;
  return fold_text(json.substr(1, json.size() - 2));
}

namespace {

/// Words of a searchable trait beyond the first; an address or a number is one word.
void add_words(Connection& state, WorkspaceId workspace, CustomerId customer,
               std::string_view trait, std::string_view search) {
  if (trait == "email" || trait == "phone") return;
  const auto words = fold_words(search, limits::kMaxSearchWords);
  for (size_t i = 1; i < words.size(); ++i) {
    state.run(kAddWord, customer, trait, words[i], workspace);
  }
}

}  // namespace

std::span<const Migration> ProfileStage::migrations() const {
  return kMigrations;
}

void ProfileStage::Activity::add(const Activity& other) {
  if (other.count == 0) return;
  if (count == 0) {
    *this = other;
    return;
  }
  first_us = std::min(first_us, other.first_us);
  last_us = std::max(last_us, other.last_us);
  count += other.count;
}

void ProfileStage::apply(StagedEvent& event, StageBatch& batch) {
  // What belongs to no workspace (the time) is nobody's history.
  if (event.event.type == EventType::kRejected || event.event.workspace.value == 0) return;
  add_warehouse_row(event, batch);
  if (event.customer.value == 0) return;
  if (!event.merged.empty()) take_over(event, batch);
  // What the program did to a customer is not the customer's own activity.
  if (event.event.origin != EventOrigin::kSystem) {
    const int64_t at = to_micros(event.event.timestamp);
    activity_[event.customer].add({at, at, 1});
    names_.clear();
    if (event.event.type == EventType::kIdentify) set_traits(event, batch, "traits");
    if (!event.event.user_id.empty()) set_traits(event, batch, "context.traits");
  }
}

void ProfileStage::take_over(const StagedEvent& event, StageBatch& batch) {
  for (const CustomerId loser : event.merged) {
    batch.state.run(kMoveTraits, loser, event.customer);
    batch.state.run(kDropTraits, loser);
    batch.state.run(kDropWords, loser);
    const auto pending = activity_.find(loser);
    if (pending == activity_.end()) continue;
    const Activity moved = pending->second;
    activity_.erase(pending);
    activity_[event.customer].add(moved);
  }
  // Which name won is known only now.
  batch.state.run(kDropWords, event.customer);
  std::vector<std::pair<std::string, std::string>> searchable;
  batch.state.each(
      kListSearchable, [&](Statement& row) { searchable.emplace_back(row.text(0), row.text(1)); },
      event.customer);
  for (const auto& [trait, json] : searchable) {
    if (const auto search = searchable_text(trait, json)) {
      add_words(batch.state, event.event.workspace, event.customer, trait, *search);
    }
  }
}

void ProfileStage::set_traits(const StagedEvent& event, StageBatch& batch, std::string_view path) {
  size_t budget = limits::kMaxTraitsPerEvent;
  std::optional<uint64_t> held;
  event.payload->each(path, [&](std::string_view name, std::string_view json) {
    if (name.empty() || name.size() > limits::kMaxTraitNameBytes || budget == 0) return;
    // Of a name that the event gives twice the first counts, here and in the warehouse.
    if (!names_.emplace(name).second) return;
    --budget;
    if (!held) {
      held = batch.state.find(
          kCountTraits, [](Statement& row) { return row.id(0); }, event.customer);
    }
    // A full profile takes new values of the traits it has.
    if (*held + names_.size() > limits::kMaxTraitsPerCustomer &&
        !batch.state.find(
            kHasTrait, [](Statement&) { return true; }, event.customer, name)) {
      return;
    }
    const auto search = searchable_text(name, json);
    batch.state.run(kSetTrait, event.customer, name, json, event.event.timestamp, event.offset,
                    event.event.workspace, search);
    if (is_searchable(name) && batch.state.changes() > 0) {
      batch.state.run(kDropTraitWords, event.customer, name);
      if (search) add_words(batch.state, event.event.workspace, event.customer, name, *search);
    }
    const std::string_view kept_name = batch.keep(std::string(name));
    const std::string_view kept_value = batch.keep(std::string(json));
    batch.warehouse.traits.push_back({event.offset, event.event.workspace, event.customer,
                                      kept_name, kept_value, event.event.timestamp});
  });
}

void ProfileStage::add_warehouse_row(const StagedEvent& event, StageBatch& batch) {
  std::string_view properties = "{}";
  if (auto json = event.payload->json("properties"); json && json->size() > 2) {
    properties = batch.keep(std::move(*json));
  }
  batch.warehouse.events.push_back(
      {event.offset, event.event.workspace, event.customer, static_cast<uint8_t>(event.event.type),
       event.event.name, event.event.timestamp, event.event.received_at, event.event.message_id,
       properties, static_cast<uint8_t>(event.event.origin)});
}

void ProfileStage::flush(StageBatch& batch) {
  std::vector<std::pair<CustomerId, Activity>> sorted(activity_.begin(), activity_.end());
  // In the order of the table, so that a batch touches each page once.
  std::sort(sorted.begin(), sorted.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [customer, activity] : sorted) {
    batch.state.run(kAddActivity, customer, activity.first_us, activity.last_us, activity.count);
  }
  activity_.clear();
}

void ProfileStage::settled(bool) {
  activity_.clear();
}

}  // namespace rapport
