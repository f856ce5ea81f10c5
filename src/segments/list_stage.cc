#include "segments/list_stage.h"

#include <array>

#include "segments/customer_list.h"
#include "segments/standing.h"

namespace rapport {
namespace {

constexpr std::string_view kSchema = R"sql(
CREATE TABLE list_members (
  workspace INTEGER NOT NULL,
  list INTEGER NOT NULL,
  customer INTEGER NOT NULL,
  present INTEGER NOT NULL,
  at INTEGER NOT NULL,
  log_offset INTEGER NOT NULL,
  PRIMARY KEY (workspace, list, customer)
) WITHOUT ROWID;
CREATE INDEX list_members_customer ON list_members (customer);
)sql";

constexpr std::string_view kSet =
    "INSERT INTO list_members (workspace, list, customer, present, at, log_offset) "
    "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (workspace, list, customer) DO UPDATE SET "
    "present = excluded.present, at = excluded.at, log_offset = excluded.log_offset "
    "WHERE (excluded.at, excluded.log_offset) > (list_members.at, list_members.log_offset)";
constexpr std::string_view kTakeOver =
    "INSERT INTO list_members (workspace, list, customer, present, at, log_offset) "
    "SELECT workspace, list, $2, present, at, log_offset FROM list_members WHERE customer = $1 "
    "ON CONFLICT (workspace, list, customer) DO UPDATE SET "
    "present = excluded.present, at = excluded.at, log_offset = excluded.log_offset "
    "WHERE (excluded.at, excluded.log_offset) > (list_members.at, list_members.log_offset)";
constexpr std::string_view kForget = "DELETE FROM list_members WHERE customer = $1";
constexpr std::string_view kDelete = "DELETE FROM list_members WHERE workspace = $1 AND list = $2";
constexpr std::string_view kList =
    "SELECT customer FROM list_members WHERE workspace = $1 AND list = $2 AND customer > $3 "
    "AND present = 1 ORDER BY customer LIMIT $4";
constexpr std::string_view kCount =
    "SELECT count(*) FROM list_members WHERE workspace = $1 AND list = $2 AND present = 1";

}  // namespace

std::span<const Migration> ListStage::migrations() const {
  static constexpr std::array kMigrations{Migration{1, kSchema}};
  return kMigrations;
}

void ListStage::apply(StagedEvent& event, StageBatch& batch) {
  for (const CustomerId loser : event.merged) {
    batch.state.run(kTakeOver, loser, event.customer);
    batch.state.run(kForget, loser);
  }
  // A client may send events of these names; they are facts, but keep no list.
  if (event.event.origin != EventOrigin::kSystem) return;
  const std::string_view name = event.event.name;
  const bool added = name == kListAddedEvent;
  if (!added && name != kListRemovedEvent && name != kListDeletedEvent) return;
  const auto list = parse_id<ListTag>(
      event.payload->text("properties." + std::string(kListProperty)).value_or(""));
  if (!list) return;
  if (name == kListDeletedEvent) {
    batch.state.run(kDelete, event.event.workspace, *list);
  } else if (event.customer.value != 0) {
    batch.state.run(kSet, event.event.workspace, *list, event.customer, added,
                    event.event.timestamp, event.offset);
  }
}

std::vector<CustomerId> list_members(Connection& state, WorkspaceId workspace, ListId list,
                                     CustomerId after, size_t limit) {
  std::vector<CustomerId> out;
  state.each(
      kList, [&](Statement& row) { out.push_back({row.id(0)}); }, workspace, list, after, limit);
  return out;
}

uint64_t count_list_members(Connection& state, WorkspaceId workspace, ListId list) {
  return state
      .find(
          kCount, [](Statement& row) { return row.id(0); }, workspace, list)
      .value_or(0);
}

}  // namespace rapport
