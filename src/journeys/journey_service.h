// Journeys' use cases: draw, change, check, keep a version, remove. Transaction borders live here.
//
// A draft and its versions are in the control store, with an audit entry in the same transaction.
// Thread-safe; calls block.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "access/actor.h"
#include "access/audit_service.h"
#include "journeys/journey_check.h"
#include "journeys/journey_store.h"
#include "runtime/clock.h"
#include "storage/state_store.h"

namespace rapport {

class JourneyService {
 public:
  /// Migrates component "journeys" of `control`. All must outlive the service.
  JourneyService(StateStore& control, AuditService& audit, const Clock& clock,
                 JourneyReferences references);

  Journey create(WorkspaceId workspace, JourneyDocument document, const Actor& actor);
  /// kConflict with field `revision` when one is given and the draft was saved since.
  Journey update(WorkspaceId workspace, JourneyId id, JourneyDocument document,
                 std::optional<uint64_t> revision, const Actor& actor);
  void remove(WorkspaceId workspace, JourneyId id, const Actor& actor);
  /// kNotFound when it is not there.
  Journey get(WorkspaceId workspace, JourneyId id) const;
  /// Newest first, those below `before`.
  std::vector<JourneySummary> list(WorkspaceId workspace, JourneyId before, size_t limit) const;
  std::vector<JourneyFault> check(const Journey& journey) const;

  /// Keeps the draft as the next version; the last one when it says the same. kUnprocessable, with
  /// a field for each error, when the draft could not run.
  JourneyVersion keep_version(WorkspaceId workspace, JourneyId id, const Actor& actor);
  JourneyVersion get_version(WorkspaceId workspace, JourneyId id, uint32_t number) const;
  /// Newest first, those below `before`, without documents; kNotFound without the journey.
  std::vector<JourneyVersion> list_versions(WorkspaceId workspace, JourneyId id, uint32_t before,
                                            size_t limit) const;

  /// Journeys whose draft names the segment or list with this public id, oldest first.
  std::vector<JourneySummary> users_of(WorkspaceId workspace, std::string_view public_id) const;

 private:
  StateStore& control_;
  AuditService& audit_;
  const Clock& clock_;
  JourneyReferences references_;
};

}  // namespace rapport
