// The SQL of journeys: drafts and the versions kept of them. Functions run inside the caller's
// transaction; the workspace comes first.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "journeys/journey.h"
#include "storage/state_store.h"

namespace rapport {

/// What lists show of a journey.
struct JourneySummary {
  WorkspaceId workspace;
  JourneyId id;
  std::string name;
  std::string entry;      // kind_of
  uint32_t steps = 0;     // how many
  uint64_t revision = 1;  // grows with every save
  uint32_t version = 0;   // the last that was kept; 0: none
  Timestamp created_at;
  Timestamp updated_at;
};

struct Journey : JourneySummary {
  JourneyDocument document;
};

/// A document as it was; it never changes.
struct JourneyVersion {
  uint32_t number = 0;  // from 1, without gaps
  std::string document;
  Timestamp kept_at;
  std::string kept_by;  // the actor's label
};

/// Brings component "journeys" of the control store up to date; after migrate_access.
void migrate_journeys(StateStore& control);

namespace journey_store {

void insert(Connection& c, const Journey& journey);
/// Document, what is derived of it, revision, version and time.
void update(Connection& c, const Journey& journey);
/// With its versions.
void remove(Connection& c, WorkspaceId workspace, JourneyId id);
std::optional<Journey> find(Connection& c, WorkspaceId workspace, JourneyId id);
/// Newest first, those below `before`.
std::vector<JourneySummary> list(Connection& c, WorkspaceId workspace, JourneyId before,
                                 size_t limit);
size_t count(Connection& c, WorkspaceId workspace);
/// Journeys whose draft names this public id anywhere, oldest first.
std::vector<JourneySummary> list_naming(Connection& c, WorkspaceId workspace,
                                        std::string_view public_id);

void insert_version(Connection& c, WorkspaceId workspace, JourneyId id,
                    const JourneyVersion& version);
std::optional<JourneyVersion> find_version(Connection& c, WorkspaceId workspace, JourneyId id,
                                           uint32_t number);
/// Newest first, those below `before`, without documents.
std::vector<JourneyVersion> list_versions(Connection& c, WorkspaceId workspace, JourneyId id,
                                          uint32_t before, size_t limit);

}  // namespace journey_store
}  // namespace rapport
