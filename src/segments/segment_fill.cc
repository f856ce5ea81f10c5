// How definitions become live memberships: the stage's own events.
#include <algorithm>
#include <map>

#include "base/error.h"
#include "base/text.h"
#include "runtime/log.h"
#include "segments/segment_stage.h"

namespace rapport {
namespace {

constexpr std::string_view kListCustomers =
    "SELECT id, coalesce(merged_into, 0) FROM customers WHERE id > $1 AND id <= $2 "
    "AND workspace = $3 ORDER BY id";

bool equal(const SegmentFill& a, const SegmentFill& b) {
  return a.workspace == b.workspace && a.slots == b.slots && a.after == b.after &&
         a.through == b.through;
}

}  // namespace

std::string event_names_sql(const std::vector<EventNames>& names,
                            std::vector<WarehouseValue>& parameters) {
  std::string exact;
  std::string sql;
  for (const EventNames& some : names) {
    for (const std::string& name : some.names) {
      parameters.emplace_back(name);
      const std::string parameter = "$" + std::to_string(parameters.size());
      if (some.prefix) {
        sql += " OR starts_with(name, " + parameter + ")";
      } else {
        exact += (exact.empty() ? "" : ", ") + parameter;
      }
    }
  }
  if (exact.empty()) return "(FALSE" + sql + ")";
  return "(name IN (" + exact + ")" + sql + ")";
}

std::vector<EventNames> event_names(const SegmentProgram& program) {
  std::vector<EventNames> names;
  for (const LeafSpec& leaf : program.leaves) {
    for (const TrackSpec& track : leaf.tracks) {
      const auto same = [&](const EventNames& n) {
        return n.prefix == track.names.prefix && n.names == track.names.names;
      };
      if (std::none_of(names.begin(), names.end(), same)) names.push_back(track.names);
    }
  }
  return names;
}

std::vector<FillRow> read_fill_rows(const Warehouse& warehouse, WorkspaceId workspace,
                                    const std::vector<EventNames>& names, CustomerId after,
                                    CustomerId through) {
  std::vector<FillRow> rows;
  if (names.empty()) return rows;
  std::vector<WarehouseValue> parameters{workspace.value, after.value, through.value};
  const std::string sql =
      "SELECT customer, log_offset, occurred_at, name, properties, origin FROM events "
      "WHERE workspace = $1 AND customer > $2 AND customer <= $3 AND " +
      event_names_sql(names, parameters);
  warehouse.query(sql, parameters, [&](const WarehouseRow& row) {
    rows.push_back({CustomerId{row.id(0)}, row.id(1), row.integer(2), row.text(3), row.text(4),
                    row.integer(5) == kWarehouseSystem});
  });
  std::sort(rows.begin(), rows.end(), [](const FillRow& a, const FillRow& b) {
    return std::pair(a.customer, a.offset) < std::pair(b.customer, b.offset);
  });
  return rows;
}

bool SegmentStage::begins_batch(const Event& event) const {
  return event.origin == EventOrigin::kSystem &&
         (event.name == kSegmentFilledEvent || event.name == kSegmentReadyEvent);
}

void SegmentStage::offer(FillRows rows) {
  const std::lock_guard lock(offer_mutex_);
  offered_ = std::move(rows);
}

void SegmentStage::apply_own(const StagedEvent& event, StageBatch& batch) {
  const std::string_view name = event.event.name;
  const WorkspaceId workspace = event.event.workspace;
  const auto segment = [&] {
    return parse_id<SegmentTag>(event.payload->text("properties.segment_id").value_or(""));
  };
  if (name == kSegmentEnteredEvent || name == kSegmentLeftEvent) {
    const auto change = event.payload->number("properties.change_id");
    const auto of = segment();
    if (change && of) ledger_.settle(batch.state, static_cast<uint64_t>(*change), *of);
    return;
  }
  if (name == kSegmentFilledEvent) return apply_filled(event, batch);
  if (name == kSegmentReadyEvent) return apply_ready(event, batch);
  if (name == kSegmentDefinedEvent) {
    const auto definition =
        read_segment_defined(workspace, event.payload->json("properties").value_or(""));
    if (definition) registry_.define(batch.state, *definition, event.offset);
    directory_changed_ = true;
  } else if (name == kSegmentRemovedEvent) {
    if (const auto of = segment()) registry_.remove(batch.state, workspace, *of);
    directory_changed_ = true;
  }
}

// Adding is idempotent, so that rows of events after the definition, which are followed already,
// do no harm; what is older and belongs to a profile that has been merged since goes to its
// survivor.
void SegmentStage::apply_filled(const StagedEvent& event, StageBatch& batch) {
  const auto fill =
      read_segment_filled(event.event.workspace, event.payload->json("properties").value_or(""));
  LiveSegments* world = registry_.find(event.event.workspace);
  if (!fill || world == nullptr) return;
  Versions versions;
  Leaves leaves;
  for (const PartId slot : fill->slots) {
    const auto found = world->versions.find(slot);
    if (found == world->versions.end()) continue;
    LiveVersion* version = found->second.get();
    if (version->status != VersionStatus::kFilling || version->filled_to != fill->after) continue;
    versions.push_back(version);
    leaves.insert(leaves.end(), version->leaves.begin(), version->leaves.end());
  }
  if (versions.empty()) return;
  keep_distinct(leaves);
  const std::vector<FillRow> rows = rows_of(*fill, versions);
  std::vector<std::pair<CustomerId, CustomerId>> customers;
  batch.state.each(
      kListCustomers,
      [&](Statement& row) { customers.emplace_back(CustomerId{row.id(0)}, CustomerId{row.id(1)}); },
      fill->after, fill->through, fill->workspace);
  auto at = rows.begin();
  for (const auto& [customer, survivor] : customers) {
    at = std::find_if(at, rows.end(),
                      [id = customer](const FillRow& row) { return row.customer >= id; });
    const auto end = std::find_if(
        at, rows.end(), [id = customer](const FillRow& row) { return row.customer != id; });
    const std::span<const FillRow> own(at, end);
    at = end;
    if (survivor.value == 0) {
      fill_customer(batch, *world, customer, own, versions, leaves);
    } else if (!own.empty()) {
      fill_customer(batch, *world, survivor, own, versions, leaves);
    }
  }
  for (LiveVersion* version : versions) {
    registry_.set_filled(batch.state, *version, fill->through);
  }
  directory_changed_ = true;
}

std::vector<FillRow> SegmentStage::rows_of(const SegmentFill& fill, const Versions& versions) {
  {
    const std::lock_guard lock(offer_mutex_);
    if (offered_ && equal(offered_->fill, fill)) {
      std::vector<FillRow> rows = std::move(offered_->rows);
      offered_.reset();
      return rows;
    }
  }
  std::vector<EventNames> names;
  for (const LiveVersion* version : versions) {
    for (EventNames& some : event_names(version->program)) names.push_back(std::move(some));
  }
  ASSERT(warehouse_ != nullptr);
  return read_fill_rows(*warehouse_, fill.workspace, names, fill.after, fill.through);
}

void SegmentStage::fill_customer(StageBatch& batch, LiveSegments& world, CustomerId customer,
                                 std::span<const FillRow> rows, const Versions& versions,
                                 const Leaves& leaves) {
  CustomerSegments& segments = open(batch.state, world, customer);
  for (const FillRow& row : rows) {
    pass_tracks(world, row.name, row.own, [&] {
      return row.properties;
    }).add_to(segments.state, row.at_us, row.offset);
  }
  if (!rows.empty()) {
    prune(world, segments.state);
    states_.touch(segments);
  }
  const SegmentSubject subject(batch.state, world, customer, segments.state, time_us_);
  // Facts that were missing may concern leaves of other versions being computed as well.
  Versions concerned = versions_of(update_leaves(subject, segments, leaves));
  for (LiveVersion* version : versions) {
    if (std::find(concerned.begin(), concerned.end(), version) == concerned.end()) {
      concerned.push_back(version);
    }
  }
  for (LiveVersion* version : concerned) {
    if (version->status == VersionStatus::kLive) continue;
    const bool in = subject.holds(*version);
    const bool before = subject.was_member(*version);
    if (in != before) {
      segments.state.set_member(version->slot, in != version->initial);
      states_.touch(segments);
    }
    if (in || before) changes_.push_back({version->slot, customer, in});
  }
}

void SegmentStage::apply_ready(const StagedEvent& event, StageBatch& batch) {
  const auto ready =
      read_segment_filled(event.event.workspace, event.payload->json("properties").value_or(""));
  LiveSegments* world = registry_.find(event.event.workspace);
  if (!ready || world == nullptr) return;
  for (const PartId slot : ready->slots) {
    const auto found = world->versions.find(slot);
    if (found == world->versions.end()) continue;
    LiveVersion& version = *found->second;
    if (version.status != VersionStatus::kFilling || version.filled_to.value < version.defined_at) {
      continue;
    }
    const LiveVersion* old = nullptr;
    for (const LiveVersion* other : world->segments[version.segment]) {
      if (other->status == VersionStatus::kLive) old = other;
    }
    const Cause cause{old ? ChangeCause::kEdit : ChangeCause::kBackfill, event.offset, {}};
    version.size = old ? old->size : 0;
    // The event begins a batch, so what is published is all there is.
    memberships_.each_difference(
        old ? std::optional(old->slot) : std::nullopt, slot,
        [&](CustomerId customer, bool in) { tell(version, customer, in, time_us_, cause); });
    ledger_.note_size(world->workspace, version.segment, from_micros(time_us_), version.size);
    registry_.make_live(batch.state, version);
    directory_changed_ = true;
  }
}

}  // namespace rapport
