#include "segments/segment_evaluator.h"

#include <fmt/format.h>

#include "runtime/zone_cache.h"

namespace rapport {

const TimeZone& SegmentEvaluator::zone(WorkspaceId workspace) const {
  static const TimeZone utc;
  const TimeZone* found = world_.zone ? system_zones().find(world_.zone(workspace)) : nullptr;
  return found != nullptr ? *found : utc;
}

Condition SegmentEvaluator::resolved(WorkspaceId workspace, const Condition& condition) const {
  const SegmentLookup segments = [&](SegmentId id) -> std::optional<NamedCondition> {
    if (!world_.segment) return std::nullopt;
    return world_.segment(workspace, id);
  };
  const TopicLookup topics = [&](std::string_view topic) -> std::optional<TopicFacts> {
    if (!world_.topic) return std::nullopt;
    return world_.topic(workspace, topic);
  };
  return resolve_segments(condition, segments, {}, "condition", topics);
}

SegmentCost SegmentEvaluator::cost(WorkspaceId workspace, const Condition& condition,
                                   std::optional<Timestamp> as_of) const {
  return costs_.estimate(workspace, resolved(workspace, condition),
                         as_of ? Moment::as_of(*as_of) : Moment::live(clock_.now()));
}

CompiledCondition SegmentEvaluator::compiled(WorkspaceId workspace, const Condition& condition,
                                             std::optional<Timestamp> as_of,
                                             std::optional<CustomerId> after) const {
  const Moment moment = as_of ? Moment::as_of(*as_of) : Moment::live(clock_.now());
  return compile_condition(workspace, resolved(workspace, condition), moment, zone(workspace),
                           after);
}

uint64_t SegmentEvaluator::count(WorkspaceId workspace, const Condition& condition,
                                 std::optional<Timestamp> as_of) const {
  const auto question = compiled(workspace, condition, as_of);
  uint64_t count = 0;
  warehouse_.query(fmt::format("SELECT count(*) FROM ({})", question.sql), question.parameters,
                   [&](const WarehouseRow& row) { count = static_cast<uint64_t>(row.integer(0)); });
  return count;
}

SegmentEvaluator::Preview SegmentEvaluator::preview(WorkspaceId workspace,
                                                    const Condition& condition, size_t sample_size,
                                                    std::optional<Timestamp> as_of) const {
  const auto question = compiled(workspace, condition, as_of);
  Preview out;
  warehouse_.query(
      fmt::format("WITH m AS MATERIALIZED ({}) SELECT customer, (SELECT count(*) FROM m) FROM m"
                  " ORDER BY customer LIMIT {}",
                  question.sql, sample_size),
      question.parameters, [&](const WarehouseRow& row) {
        out.sample.push_back({row.id(0)});
        out.count = static_cast<uint64_t>(row.integer(1));
      });
  return out;
}

std::vector<CustomerId> SegmentEvaluator::members(WorkspaceId workspace, const Condition& condition,
                                                  CustomerId after, size_t limit,
                                                  std::optional<Timestamp> as_of) const {
  const auto question = compiled(workspace, condition, as_of, after);
  std::vector<CustomerId> out;
  warehouse_.query(fmt::format("{} ORDER BY u.customer LIMIT {}", question.sql, limit),
                   question.parameters,
                   [&](const WarehouseRow& row) { out.push_back({row.id(0)}); });
  return out;
}

void SegmentEvaluator::each_member(WorkspaceId workspace, const Condition& condition,
                                   const std::function<void(CustomerId)>& visit,
                                   std::optional<Timestamp> as_of) const {
  const auto question = compiled(workspace, condition, as_of);
  warehouse_.query(question.sql + " ORDER BY u.customer", question.parameters,
                   [&](const WarehouseRow& row) { visit({row.id(0)}); });
}

}  // namespace rapport
