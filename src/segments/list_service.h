// Lists' use cases: make, name, remove; add and remove members by id, by any identifier, from a CSV
// text, or once from a segment or condition.
//
// A list's name is in the control store; its members are events in the log, appended in batches and
// applied before a call returns (or soon after, when the projector is far behind). Thread-safe;
// calls block. Limits: base/limits/segment_engine.h.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/actor.h"
#include "access/audit_service.h"
#include "runtime/clock.h"
#include "runtime/random.h"
#include "segments/audience_use.h"
#include "segments/customer_list.h"
#include "segments/segment_evaluator.h"
#include "segments/segment_service.h"
#include "storage/state_store.h"
#include "stream/projector.h"

namespace rapport {

class ListService {
 public:
  struct Ports {
    StateStore& control;
    const StateStore& state;
    LogWriter& writer;
    Projector& projector;
    AuditService& audit;
    const Clock& clock;
    Random& random;
    const SegmentService& segments;
    const SegmentEvaluator& evaluator;
    const CustomerSummaries& customers;
  };

  /// Migrates component "lists" of the control store.
  explicit ListService(Ports ports);

  /// Who is asked what uses a list, beside the segments; before requests are served.
  void add_uses(AudienceUses uses) { uses_.push_back(std::move(uses)); }

  /// kConflict with field `name` when the name is taken.
  CustomerList create(WorkspaceId workspace, std::string_view name, const Actor& actor);
  CustomerList rename(WorkspaceId workspace, ListId id, std::string_view name, const Actor& actor);
  /// kConflict when something uses it.
  void remove(WorkspaceId workspace, ListId id, const Actor& actor);
  /// kNotFound when it is not there.
  CustomerList get(WorkspaceId workspace, ListId id) const;
  /// What uses it: the segments that ask for it, then of each kind that was added; kNotFound.
  std::vector<AudienceUse> uses(WorkspaceId workspace, ListId id) const;
  std::vector<CustomerList> list(WorkspaceId workspace, ListId after, size_t limit) const;
  uint64_t size(WorkspaceId workspace, ListId id) const;

  struct UnknownRow {
    uint64_t line = 0;
    std::string value;
  };
  struct Outcome {
    uint64_t rows = 0;     // of a CSV text that held a value
    uint64_t changed = 0;  // told to the log
    uint64_t unknown = 0;  // identifiers of nobody
    std::vector<std::string> examples;
    std::vector<UnknownRow> not_found;  // of a CSV text, up to limits::kMaxUnknownRows
  };
  /// By public id (`kind` "customer_id") or by an identifier of that kind.
  Outcome change(WorkspaceId workspace, ListId id, std::string_view kind,
                 const std::vector<std::string>& values, bool add, const Actor& actor);
  /// Values of one column of a CSV text with a header; the first column when `column` is empty.
  Outcome add_csv(WorkspaceId workspace, ListId id, std::string_view kind, std::string_view column,
                  std::string_view csv, const Actor& actor);
  /// Whoever meets it now.
  Outcome add_condition(WorkspaceId workspace, ListId id, const Condition& condition,
                        const Actor& actor);
  Outcome add_segment(WorkspaceId workspace, ListId id, SegmentId segment, const Actor& actor);

  struct MemberPage {
    std::vector<std::string> items;  // summaries, by id
    std::optional<CustomerId> next;
  };
  MemberPage members(WorkspaceId workspace, ListId id, CustomerId after, size_t limit) const;

 private:
  void refuse_taken_name(Connection& c, WorkspaceId workspace, std::string_view name,
                         ListId except) const;
  std::vector<CustomerId> find_customers(WorkspaceId workspace, std::string_view kind,
                                         const std::vector<std::string>& values, Outcome& outcome,
                                         const std::vector<uint64_t>& lines) const;
  void tell(const CustomerList& list, const std::vector<CustomerId>& customers, bool add);
  void record(const CustomerList& list, const Actor& actor, std::string_view action,
              const Outcome& outcome);

  Ports ports_;
  std::vector<AudienceUses> uses_;
};

}  // namespace rapport
