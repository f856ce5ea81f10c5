// Segments' use cases: define, change, remove, count, list members. Transaction borders live here.
//
// Definitions are in the control store, with an audit entry in the same transaction; membership is
// read of the engine, or asked of the evaluator where the engine has none. Thread-safe once
// `set_engine` and `add_uses` were called or not; calls block.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/actor.h"
#include "access/audit_service.h"
#include "base/limits/segments.h"
#include "runtime/clock.h"
#include "segments/audience_use.h"
#include "segments/segment.h"
#include "segments/segment_evaluator.h"
#include "segments/segment_memberships.h"
#include "storage/state_store.h"

namespace rapport {

class SegmentService {
 public:
  /// Migrates component "segments" of `control`. All must outlive the service.
  SegmentService(StateStore& control, AuditService& audit, const Clock& clock,
                 const SegmentEvaluator& evaluator, const CustomerSummaries& customers);

  /// Who is asked what uses a segment, beside the segments; before requests are served.
  void add_uses(AudienceUses uses) { uses_.push_back(std::move(uses)); }

  /// What follows the segments: read where it has a membership; `changed` tells it of a definition
  /// that was saved or removed. Before requests are served.
  void set_engine(const SegmentMemberships& memberships, std::function<void()> changed) {
    memberships_ = &memberships;
    changed_ = std::move(changed);
  }

  /// kConflict with field `name` when the name is taken; kInvalidArgument naming the node when the
  /// condition names a segment that is not there, or itself by a detour.
  Segment create(WorkspaceId workspace, std::string_view name, Condition condition,
                 const Actor& actor);
  /// Replaces name and condition.
  Segment update(WorkspaceId workspace, SegmentId id, std::string_view name, Condition condition,
                 const Actor& actor);
  /// kConflict when something uses it, another segment included.
  void remove(WorkspaceId workspace, SegmentId id, const Actor& actor);
  /// What uses it: the segments that name it, then of each kind that was added; kNotFound.
  std::vector<AudienceUse> uses(WorkspaceId workspace, SegmentId id) const;
  std::optional<Segment> find(WorkspaceId workspace, SegmentId id) const;
  /// kNotFound when it is not there.
  Segment get(WorkspaceId workspace, SegmentId id) const;
  /// For what refers to a segment by id.
  std::optional<NamedCondition> named(WorkspaceId workspace, SegmentId id) const;
  /// By id, those above `after`.
  std::vector<Segment> list(WorkspaceId workspace, SegmentId after, size_t limit) const;
  size_t count_segments(WorkspaceId workspace) const;
  /// The workspace's; lives as long as the process.
  const TimeZone& zone(WorkspaceId workspace) const { return evaluator_.zone(workspace); }

  /// Members of a segment: of the live membership, or of the warehouse at `as_of` and while the
  /// first membership is being computed.
  uint64_t count(const Segment& segment, std::optional<Timestamp> as_of) const;
  void each_member(const Segment& segment, const std::function<void(CustomerId)>& visit,
                   std::optional<Timestamp> as_of) const;
  /// Whether the membership is live, and how far a new one is; null without an engine.
  std::optional<SegmentProgress> progress(WorkspaceId workspace, SegmentId id) const;
  /// Those whose membership is being computed, and how far it is.
  std::vector<std::pair<SegmentId, double>> computing(WorkspaceId workspace) const;
  /// Members of a condition now or at `as_of`; see SegmentEvaluator.
  uint64_t count(WorkspaceId workspace, const Condition& condition,
                 std::optional<Timestamp> as_of) const;

  struct Preview {
    uint64_t count = 0;
    std::vector<std::string> sample;  // up to limits::kSegmentSample summaries
    SegmentCost cost;
  };
  /// kUnprocessable with field `accept_cost` when it would cost more than
  /// limits::kMaxUnaskedCost and `accept_cost` is false.
  Preview preview(WorkspaceId workspace, const Condition& condition, std::optional<Timestamp> as_of,
                  bool accept_cost = false) const;

  struct MemberPage {
    std::vector<std::string> items;  // summaries, by id
    std::optional<CustomerId> next;  // `after` of the next page
  };
  MemberPage members(WorkspaceId workspace, SegmentId id, CustomerId after, size_t limit,
                     std::optional<Timestamp> as_of) const;

 private:
  static void check_references(Connection& c, WorkspaceId workspace, const Segment& segment);
  std::vector<AudienceUse> uses_of(Connection& c, WorkspaceId workspace, SegmentId id) const;
  void ask_anew(Connection& c, WorkspaceId workspace, SegmentId changed) const;
  void announce() const {
    if (changed_) changed_();
  }
  void refuse_taken_name(Connection& c, WorkspaceId workspace, std::string_view name,
                         SegmentId except) const;

  StateStore& control_;
  AuditService& audit_;
  const Clock& clock_;
  const SegmentEvaluator& evaluator_;
  const CustomerSummaries& customers_;
  const SegmentMemberships* memberships_ = nullptr;
  std::function<void()> changed_;
  std::vector<AudienceUses> uses_;
};

}  // namespace rapport
