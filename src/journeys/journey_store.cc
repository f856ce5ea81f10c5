#include "journeys/journey_store.h"

#include <array>

#include "base/error.h"
#include "base/text.h"

namespace rapport {
namespace {

constexpr std::string_view kTables = R"sql(
CREATE TABLE journeys (
  workspace BIGINT NOT NULL,
  id BIGINT NOT NULL,
  name TEXT NOT NULL,
  entry TEXT NOT NULL,
  steps BIGINT NOT NULL,
  revision BIGINT NOT NULL,
  version BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  document TEXT NOT NULL,
  PRIMARY KEY (workspace, id)
);
CREATE TABLE journey_versions (
  workspace BIGINT NOT NULL,
  journey BIGINT NOT NULL,
  version BIGINT NOT NULL,
  kept_at BIGINT NOT NULL,
  kept_by TEXT NOT NULL,
  document TEXT NOT NULL,
  PRIMARY KEY (workspace, journey, version)
);
)sql";

constexpr std::string_view kInsert =
    "INSERT INTO journeys (workspace, id, name, entry, steps, revision, version, created_at, "
    "updated_at, document) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
constexpr std::string_view kUpdate =
    "UPDATE journeys SET name = $3, entry = $4, steps = $5, revision = $6, version = $7, "
    "updated_at = $8, document = $9 WHERE workspace = $1 AND id = $2";
constexpr std::string_view kRemove = "DELETE FROM journeys WHERE workspace = $1 AND id = $2";
constexpr std::string_view kRemoveVersions =
    "DELETE FROM journey_versions WHERE workspace = $1 AND journey = $2";
constexpr std::string_view kFind =
    "SELECT workspace, id, name, entry, steps, revision, version, created_at, updated_at, document "
    "FROM journeys WHERE workspace = $1 AND id = $2";
constexpr std::string_view kList =
    "SELECT workspace, id, name, entry, steps, revision, version, created_at, updated_at "
    "FROM journeys WHERE workspace = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
constexpr std::string_view kCount = "SELECT count(*) FROM journeys WHERE workspace = $1";
// A quoted id stands only where something is named, or where a text is nothing but the id.
constexpr std::string_view kListNaming =
    "SELECT workspace, id, name, entry, steps, revision, version, created_at, updated_at "
    "FROM journeys WHERE workspace = $1 AND instr(document, $2) > 0 ORDER BY id";
constexpr std::string_view kInsertVersion =
    "INSERT INTO journey_versions (workspace, journey, version, kept_at, kept_by, document) "
    "VALUES ($1, $2, $3, $4, $5, $6)";
constexpr std::string_view kFindVersion =
    "SELECT version, kept_at, kept_by, document FROM journey_versions "
    "WHERE workspace = $1 AND journey = $2 AND version = $3";
constexpr std::string_view kListVersions =
    "SELECT version, kept_at, kept_by FROM journey_versions "
    "WHERE workspace = $1 AND journey = $2 AND version < $3 ORDER BY version DESC LIMIT $4";

JourneySummary read_summary(Statement& s) {
  return {WorkspaceId{s.id(0)},
          JourneyId{s.id(1)},
          std::string(s.text(2)),
          std::string(s.text(3)),
          static_cast<uint32_t>(s.integer(4)),
          static_cast<uint64_t>(s.integer(5)),
          static_cast<uint32_t>(s.integer(6)),
          s.time(7),
          s.time(8)};
}

Journey read_journey(Statement& s) {
  try {
    return {read_summary(s), parse_journey(s.text(9))};
  } catch (const Error& error) {
    throw Error(ErrorCode::kCorrupted, "A stored journey cannot be read.", error.what());
  }
}

JourneyVersion read_version(Statement& s, bool whole) {
  return {static_cast<uint32_t>(s.integer(0)), whole ? std::string(s.text(3)) : std::string(),
          s.time(1), std::string(s.text(2))};
}

}  // namespace

void migrate_journeys(StateStore& control) {
  static constexpr std::array kMigrations{Migration{1, kTables}};
  control.migrate("journeys", kMigrations);
}

namespace journey_store {

void insert(Connection& c, const Journey& j) {
  c.run(kInsert, j.workspace, j.id, j.name, j.entry, j.steps, j.revision, j.version, j.created_at,
        j.updated_at, to_json(j.document));
}

void update(Connection& c, const Journey& j) {
  c.run(kUpdate, j.workspace, j.id, j.name, j.entry, j.steps, j.revision, j.version, j.updated_at,
        to_json(j.document));
}

void remove(Connection& c, WorkspaceId workspace, JourneyId id) {
  c.run(kRemoveVersions, workspace, id);
  c.run(kRemove, workspace, id);
}

std::optional<Journey> find(Connection& c, WorkspaceId workspace, JourneyId id) {
  return c.find(kFind, read_journey, workspace, id);
}

std::vector<JourneySummary> list(Connection& c, WorkspaceId workspace, JourneyId before,
                                 size_t limit) {
  std::vector<JourneySummary> out;
  c.each(
      kList, [&](Statement& s) { out.push_back(read_summary(s)); }, workspace, before, limit);
  return out;
}

size_t count(Connection& c, WorkspaceId workspace) {
  const auto count = c.find(
      kCount, [](Statement& s) { return s.integer(0); }, workspace);
  return static_cast<size_t>(count.value_or(0));
}

std::vector<JourneySummary> list_naming(Connection& c, WorkspaceId workspace,
                                        std::string_view public_id) {
  std::vector<JourneySummary> out;
  c.each(
      kListNaming, [&](Statement& s) { out.push_back(read_summary(s)); }, workspace,
      json_quote(public_id));
  return out;
}

void insert_version(Connection& c, WorkspaceId workspace, JourneyId id,
                    const JourneyVersion& version) {
  c.run(kInsertVersion, workspace, id, version.number, version.kept_at, version.kept_by,
        version.document);
}

std::optional<JourneyVersion> find_version(Connection& c, WorkspaceId workspace, JourneyId id,
                                           uint32_t number) {
  return c.find(
      kFindVersion, [](Statement& s) { return read_version(s, true); }, workspace, id, number);
}

std::vector<JourneyVersion> list_versions(Connection& c, WorkspaceId workspace, JourneyId id,
                                          uint32_t before, size_t limit) {
  std::vector<JourneyVersion> out;
  c.each(
      kListVersions, [&](Statement& s) { out.push_back(read_version(s, false)); }, workspace, id,
      before, limit);
  return out;
}

}  // namespace journey_store
}  // namespace rapport
