#include "segments/segment_service.h"

#include <fmt/format.h>

#include <algorithm>

#include "access/access_schema.h"
#include "access/name.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/limits/segments.h"
#include "segments/segment_references.h"
#include "segments/segment_store.h"

namespace rapport {

SegmentService::SegmentService(StateStore& control, AuditService& audit, const Clock& clock,
                               const SegmentEvaluator& evaluator,
                               const CustomerSummaries& customers)
    : control_(control),
      audit_(audit),
      clock_(clock),
      evaluator_(evaluator),
      customers_(customers) {
  migrate_segments(control_);
}

void SegmentService::refuse_taken_name(Connection& c, WorkspaceId workspace, std::string_view name,
                                       SegmentId except) const {
  const auto taken = segment_store::find_by_name(c, workspace, name);
  if (!taken || *taken == except) return;
  throw Error(ErrorCode::kConflict, "A segment of this name exists already.")
      .with_field("name", "is taken by " + to_public(*taken));
}

void SegmentService::check_references(Connection& c, WorkspaceId workspace,
                                      const Segment& segment) {
  resolve_segments(
      segment.condition,
      [&](SegmentId id) -> std::optional<NamedCondition> {
        auto found = segment_store::find(c, workspace, id);
        if (!found) return std::nullopt;
        return NamedCondition{std::move(found->name), std::move(found->condition)};
      },
      segment.id);
}

Segment SegmentService::create(WorkspaceId workspace, std::string_view name, Condition condition,
                               const Actor& actor) {
  Segment segment{workspace, {}, check_name(name, "name"), std::move(condition), {}, {}};
  control_.write([&](Connection& c) {
    refuse_taken_name(c, workspace, segment.name, {});
    if (segment_store::count(c, workspace) >= limits::kMaxSegments) {
      throw Error(ErrorCode::kUnprocessable,
                  fmt::format("A workspace has at most {} segments.", limits::kMaxSegments));
    }
    check_references(c, workspace, segment);
    segment.id = SegmentId{next_access_id(c, "segments")};
    segment.created_at = segment.updated_at = clock_.now();
    segment_store::insert(c, segment);
    audit_.record(c, workspace, actor, "segment.create", to_public(segment.id), segment.name);
  });
  announce();
  return segment;
}

Segment SegmentService::update(WorkspaceId workspace, SegmentId id, std::string_view name,
                               Condition condition, const Actor& actor) {
  const std::string checked = check_name(name, "name");
  Segment updated = control_.write_value([&](Connection& c) {
    auto segment = segment_store::find(c, workspace, id);
    if (!segment) throw Error::not_found("segment");
    refuse_taken_name(c, workspace, checked, id);
    const bool asks_anew = to_json(condition) != to_json(segment->condition);
    if (asks_anew) ++segment->version;
    segment->name = checked;
    segment->condition = std::move(condition);
    check_references(c, workspace, *segment);
    segment->updated_at = clock_.now();
    segment_store::update(c, *segment);
    if (asks_anew) ask_anew(c, workspace, id);
    audit_.record(c, workspace, actor, "segment.update", to_public(id), checked);
    return std::move(*segment);
  });
  announce();
  return updated;
}

// A segment that another refers to is part of what that one asks.
void SegmentService::ask_anew(Connection& c, WorkspaceId workspace, SegmentId changed) const {
  std::vector<SegmentId> affected{changed};
  const auto all = segment_store::list(c, workspace, SegmentId{}, limits::kMaxSegments);
  for (size_t i = 0; i < affected.size(); ++i) {
    for (const Segment& other : all) {
      const auto named = named_segments(other.condition);
      if (std::find(named.begin(), named.end(), affected[i]) == named.end()) continue;
      if (std::find(affected.begin(), affected.end(), other.id) != affected.end()) continue;
      affected.push_back(other.id);
      segment_store::set_version(c, workspace, other.id, other.version + 1);
    }
  }
}

void SegmentService::remove(WorkspaceId workspace, SegmentId id, const Actor& actor) {
  control_.write([&](Connection& c) {
    const auto segment = segment_store::find(c, workspace, id);
    if (!segment) throw Error::not_found("segment");
    const auto used_by = uses_of(c, workspace, id);
    if (!used_by.empty()) {
      throw Error(ErrorCode::kConflict, fmt::format("The segment is used by {} “{}”.",
                                                    used_by.front().kind, used_by.front().name));
    }
    segment_store::remove(c, workspace, id);
    audit_.record(c, workspace, actor, "segment.remove", to_public(id), segment->name);
  });
  announce();
}

std::vector<AudienceUse> SegmentService::uses(WorkspaceId workspace, SegmentId id) const {
  get(workspace, id);
  return control_.read_value([&](Connection& c) { return uses_of(c, workspace, id); });
}

std::vector<AudienceUse> SegmentService::uses_of(Connection& c, WorkspaceId workspace,
                                                 SegmentId id) const {
  std::vector<AudienceUse> out;
  SegmentId after;
  for (;;) {
    const auto page = segment_store::list(c, workspace, after, limits::kMaxPage);
    for (const Segment& other : page) {
      const auto named = named_segments(other.condition);
      if (other.id == id || std::find(named.begin(), named.end(), id) == named.end()) continue;
      out.push_back({"segment", to_public(other.id), other.name});
    }
    if (page.size() < limits::kMaxPage) break;
    after = page.back().id;
  }
  for (const AudienceUses& ask : uses_) {
    for (AudienceUse& use : ask(workspace, to_public(id))) out.push_back(std::move(use));
  }
  return out;
}

std::optional<Segment> SegmentService::find(WorkspaceId workspace, SegmentId id) const {
  return control_.read_value([&](Connection& c) { return segment_store::find(c, workspace, id); });
}

Segment SegmentService::get(WorkspaceId workspace, SegmentId id) const {
  auto segment = find(workspace, id);
  if (!segment) throw Error::not_found("segment");
  return std::move(*segment);
}

std::optional<NamedCondition> SegmentService::named(WorkspaceId workspace, SegmentId id) const {
  auto found = find(workspace, id);
  if (!found) return std::nullopt;
  return NamedCondition{std::move(found->name), std::move(found->condition)};
}

std::vector<Segment> SegmentService::list(WorkspaceId workspace, SegmentId after,
                                          size_t limit) const {
  return control_.read_value(
      [&](Connection& c) { return segment_store::list(c, workspace, after, limit); });
}

size_t SegmentService::count_segments(WorkspaceId workspace) const {
  return control_.read_value([&](Connection& c) { return segment_store::count(c, workspace); });
}

std::vector<std::pair<SegmentId, double>> SegmentService::computing(WorkspaceId workspace) const {
  if (memberships_ == nullptr) return {};
  return memberships_->computing(workspace);
}

std::optional<SegmentProgress> SegmentService::progress(WorkspaceId workspace, SegmentId id) const {
  return memberships_ ? std::optional(memberships_->progress(workspace, id)) : std::nullopt;
}

uint64_t SegmentService::count(const Segment& segment, std::optional<Timestamp> as_of) const {
  if (memberships_ && !as_of) {
    if (const auto size = memberships_->size(segment.workspace, segment.id)) return *size;
  }
  return evaluator_.count(segment.workspace, segment.condition, as_of);
}

void SegmentService::each_member(const Segment& segment,
                                 const std::function<void(CustomerId)>& visit,
                                 std::optional<Timestamp> as_of) const {
  if (memberships_ && !as_of) {
    if (const auto members = memberships_->snapshot(segment.workspace, segment.id)) {
      return members->each(visit);
    }
  }
  evaluator_.each_member(segment.workspace, segment.condition, visit, as_of);
}

uint64_t SegmentService::count(WorkspaceId workspace, const Condition& condition,
                               std::optional<Timestamp> as_of) const {
  return evaluator_.count(workspace, condition, as_of);
}

SegmentService::Preview SegmentService::preview(WorkspaceId workspace, const Condition& condition,
                                                std::optional<Timestamp> as_of,
                                                bool accept_cost) const {
  const SegmentCost cost = evaluator_.cost(workspace, condition, as_of);
  if (cost.time > limits::kMaxUnaskedCost && !accept_cost) {
    throw Error(ErrorCode::kUnprocessable,
                fmt::format("The condition would read about {} rows and take about {} s. Ask again "
                            "with accept_cost to have it answered.",
                            cost.rows, (cost.time.count() + 999) / 1000))
        .with_field("accept_cost", "must be true for a condition of this cost");
  }
  const auto found = evaluator_.preview(workspace, condition, limits::kSegmentSample, as_of);
  return {found.count, customers_.summaries(workspace, found.sample), cost};
}

SegmentService::MemberPage SegmentService::members(WorkspaceId workspace, SegmentId id,
                                                   CustomerId after, size_t limit,
                                                   std::optional<Timestamp> as_of) const {
  const Segment segment = get(workspace, id);
  // One more than asked tells whether a further page exists.
  std::vector<CustomerId> found;
  auto live =
      memberships_ && !as_of ? memberships_->page(workspace, id, after, limit + 1) : std::nullopt;
  if (live) {
    found = std::move(*live);
  } else {
    found = evaluator_.members(workspace, segment.condition, after, limit + 1, as_of);
  }
  MemberPage page;
  if (found.size() > limit) {
    found.resize(limit);
    page.next = found.back();
  }
  page.items = customers_.summaries(workspace, found);
  return page;
}

}  // namespace rapport
