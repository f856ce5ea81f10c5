#include "segments/segment_evaluator.h"

#include <fmt/format.h>

#include "segments/condition_sql.h"

namespace rapport {
namespace {

Moment moment_of(const Clock& clock, std::optional<Timestamp> as_of) {
  return as_of ? Moment::as_of(*as_of) : Moment::live(clock.now());
}

}  // namespace

uint64_t SegmentEvaluator::count(WorkspaceId workspace, const Condition& condition,
                                 std::optional<Timestamp> as_of) const {
  const auto compiled = compile_condition(workspace, condition, moment_of(clock_, as_of));
  uint64_t count = 0;
  warehouse_.query(fmt::format("SELECT count(*) FROM ({})", compiled.sql), compiled.parameters,
                   [&](const WarehouseRow& row) { count = static_cast<uint64_t>(row.integer(0)); });
  return count;
}

SegmentEvaluator::Preview SegmentEvaluator::preview(WorkspaceId workspace,
                                                    const Condition& condition, size_t sample_size,
                                                    std::optional<Timestamp> as_of) const {
  const auto compiled = compile_condition(workspace, condition, moment_of(clock_, as_of));
  Preview out;
  warehouse_.query(
      fmt::format("WITH m AS MATERIALIZED ({}) SELECT customer, (SELECT count(*) FROM m) FROM m"
                  " ORDER BY customer LIMIT {}",
                  compiled.sql, sample_size),
      compiled.parameters, [&](const WarehouseRow& row) {
        out.sample.push_back({row.id(0)});
        out.count = static_cast<uint64_t>(row.integer(1));
      });
  return out;
}

std::vector<CustomerId> SegmentEvaluator::members(WorkspaceId workspace, const Condition& condition,
                                                  CustomerId after, size_t limit,
                                                  std::optional<Timestamp> as_of) const {
  const auto compiled = compile_condition(workspace, condition, moment_of(clock_, as_of), after);
  std::vector<CustomerId> out;
  warehouse_.query(fmt::format("{} ORDER BY u.customer LIMIT {}", compiled.sql, limit),
                   compiled.parameters,
                   [&](const WarehouseRow& row) { out.push_back({row.id(0)}); });
  return out;
}

void SegmentEvaluator::each_member(WorkspaceId workspace, const Condition& condition,
                                   const std::function<void(CustomerId)>& visit,
                                   std::optional<Timestamp> as_of) const {
  const auto compiled = compile_condition(workspace, condition, moment_of(clock_, as_of));
  warehouse_.query(compiled.sql + " ORDER BY u.customer", compiled.parameters,
                   [&](const WarehouseRow& row) { visit({row.id(0)}); });
}

}  // namespace rapport
