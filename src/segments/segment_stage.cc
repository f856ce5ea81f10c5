#include "segments/segment_stage.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/limits/segment_engine.h"

namespace rapport {
namespace {

constexpr std::string_view kClockSchema = R"sql(
CREATE TABLE segment_clock (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  now INTEGER NOT NULL,
  next_part INTEGER NOT NULL,
  next_change INTEGER NOT NULL
);
INSERT INTO segment_clock (id, now, next_part, next_change) VALUES (1, 0, 1, 1);
)sql";

constexpr std::string_view kReadClock =
    "SELECT now, next_part, next_change FROM segment_clock WHERE id = 1";
constexpr std::string_view kWriteClock =
    "UPDATE segment_clock SET now = $1, next_part = $2, next_change = $3 WHERE id = 1";
constexpr std::string_view kListLiving =
    "SELECT id FROM customers WHERE workspace = $1 AND merged_into IS NULL";

constexpr size_t kPruneEvery = 16;  // facts of one customer

template <class T, class Number>
void keep_distinct_by(std::vector<T*>& items, const Number& number) {
  std::sort(items.begin(), items.end(),
            [&](const T* a, const T* b) { return number(*a) < number(*b); });
  items.erase(std::unique(items.begin(), items.end()), items.end());
}

}  // namespace

void keep_distinct(std::vector<LiveLeaf*>& leaves) {
  keep_distinct_by(leaves, [](const LiveLeaf& leaf) { return leaf.id; });
}

std::vector<LiveVersion*> versions_of(const std::vector<LiveLeaf*>& leaves) {
  std::vector<LiveVersion*> versions;
  for (const LiveLeaf* leaf : leaves) {
    versions.insert(versions.end(), leaf->versions.begin(), leaf->versions.end());
  }
  keep_distinct_by(versions, [](const LiveVersion& version) { return version.slot; });
  return versions;
}

int64_t read_segment_time(Connection& state) {
  return state.find(kReadClock, [](Statement& row) { return row.integer(0); }).value_or(0);
}

/// What an event is to the live conditions.
struct SegmentStage::Match {
  PassedTracks passed;
  Leaves leaves;
  std::string trait;  // the first it sets that a condition asks, empty: none

  bool empty() const { return passed.tracks.empty() && leaves.empty(); }
};

std::span<const Migration> SegmentStage::migrations() const {
  static const std::string kSchema =
      std::string(kClockSchema) + std::string(SegmentRegistry::schema()) +
      std::string(segment_states_schema()) + std::string(SegmentLedger::schema());
  static const std::array kMigrations{Migration{1, kSchema}};
  return kMigrations;
}

void SegmentStage::load(const StateStore& state) {
  state.read([this](Connection& c) { load(c); });
}

void SegmentStage::load(Connection& state) {
  states_.clear();
  ledger_.clear();
  changes_.clear();
  state.each(kReadClock, [this](Statement& row) {
    time_us_ = row.integer(0);
    registry_.begin(static_cast<PartId>(row.integer(1)));
    ledger_.begin(row.id(2));
  });
  registry_.load(state);
  if (!published_) publish_stored(state);
  for (const auto& [id, world] : registry_.workspaces()) {
    for (const auto& [slot, version] : world->versions) {
      version->size = static_cast<int64_t>(memberships_.slot_size(slot));
    }
  }
  now_us_ = time_us_;
  next_due_us_ = states_.next_due(state);
  loaded_ = true;
}

// A row says in what its customer differs from one without history.
void SegmentStage::publish_stored(Connection& state) {
  const auto whole = make_directory();
  memberships_.publish({}, &whole);
  std::vector<MembershipChange> changes;
  const auto add = [&](MembershipChange change) {
    changes.push_back(change);
    if (changes.size() < limits::kMaxHeldSegmentStates) return;
    memberships_.publish(changes, nullptr);
    changes.clear();
  };
  for (const auto& entry : registry_.workspaces()) {
    const WorkspaceId id = entry.first;
    const LiveSegments* world = entry.second.get();
    std::vector<std::pair<PartId, uint64_t>> initial;  // and up to whom it was computed
    for (const auto& [slot, version] : world->versions) {
      if (!version->initial) continue;
      const bool live = version->status == VersionStatus::kLive;
      initial.emplace_back(slot, live ? UINT64_MAX : version->filled_to.value);
    }
    if (initial.empty()) continue;
    state.each(
        kListLiving,
        [&](Statement& row) {
          for (const auto& [slot, through] : initial) {
            // Whoever came after the definition was asked when they came.
            const bool known =
                row.id(0) <= through || row.id(0) > world->versions.at(slot)->defined_at;
            if (known) add({slot, CustomerId{row.id(0)}, true});
          }
        },
        id);
  }
  each_segment_state(state, [&](CustomerId customer, WorkspaceId workspace, SegmentState stored) {
    const LiveSegments* world = registry_.find(workspace);
    if (world == nullptr) return;
    for (const PartId slot : stored.members()) {
      const auto version = world->versions.find(slot);
      if (version != world->versions.end()) add({slot, customer, !version->second->initial});
    }
  });
  memberships_.publish(changes, nullptr);
  published_ = true;
}

SegmentMemberships::Directory SegmentStage::make_directory() const {
  SegmentMemberships::Directory directory;
  for (const auto& [id, world] : registry_.workspaces()) {
    for (const auto& [slot, version] : world->versions) {
      SegmentMemberships::Entry& entry = directory[{id, version->segment}];
      if (version->status == VersionStatus::kLive) {
        entry.live = slot;
        continue;
      }
      entry.next = slot;
      entry.fraction = std::min(1.0, static_cast<double>(version->filled_to.value) /
                                         static_cast<double>(version->defined_at));
    }
  }
  return directory;
}

void SegmentStage::begin(std::span<StagedEvent>, StageBatch& batch) {
  if (!loaded_) load(batch.state);
}

void SegmentStage::apply(StagedEvent& event, StageBatch& batch) {
  const int64_t received_us = to_micros(event.event.received_at);
  if (received_us > time_us_) {
    const int64_t before_us = time_us_;
    time_us_ = received_us;
    if (states_.next_due(batch.state) <= time_us_) fire_due(event, batch, before_us);
  }
  const WorkspaceId workspace = event.event.workspace;
  if (event.event.type == EventType::kRejected || workspace.value == 0) return;
  if (event.event.origin == EventOrigin::kSystem) apply_own(event, batch);
  if (event.customer.value == 0) return;
  if (LiveSegments* world = registry_.find(workspace)) apply_customer(event, batch, *world);
}

// In the order of the moments, each at its own instant: what a window drops at nine is out at nine,
// though the event that brings the time says ten. Those that this very event merges are looked at
// by it as a whole.
void SegmentStage::fire_due(const StagedEvent& event, StageBatch& batch, int64_t before_us) {
  const auto merging = [&](CustomerId customer) {
    return !event.merged.empty() &&
           (customer == event.customer ||
            std::find(event.merged.begin(), event.merged.end(), customer) != event.merged.end());
  };
  size_t fired = 0;
  while (const auto moment = states_.first_due(batch.state, time_us_)) {
    if (fired == limits::kMaxDueMoments) {
      // The rest comes with the next event; until then it is not yet that late.
      time_us_ = std::max(before_us, moment->at_us - 1);
      return;
    }
    ++fired;
    LiveSegments* world = registry_.find(moment->workspace);
    if (world == nullptr || merging(moment->customer)) {
      states_.set_due(moment->customer,
                      states_.get(batch.state, moment->workspace, moment->customer), kNeverUs);
      continue;
    }
    CustomerSegments& segments = open(batch.state, *world, moment->customer);
    states_.set_due(moment->customer, segments, kNeverUs);
    const SegmentSubject subject(batch.state, *world, moment->customer, segments.state,
                                 moment->at_us);
    const Leaves changed = update_leaves(subject, segments, timed_leaves(*world, segments.state));
    update_versions(subject, segments, versions_of(changed), false,
                    {ChangeCause::kTime, event.offset, {}});
  }
}

/// Leaves that time alone may change for this customer.
SegmentStage::Leaves SegmentStage::timed_leaves(const LiveSegments& world,
                                                const SegmentState& state) const {
  Leaves leaves;
  std::vector<PartId> seen;
  for (const SegmentFact& fact : state.facts()) {
    for (const PartId id : state.tracks_of(fact)) {
      if (std::find(seen.begin(), seen.end(), id) != seen.end()) continue;
      seen.push_back(id);
      const auto track = world.tracks.find(id);
      if (track == world.tracks.end()) continue;
      for (LiveLeaf* leaf : track->second->leaves) {
        if (leaf->spec.timed) leaves.push_back(leaf);
      }
    }
  }
  for (LiveLeaf* leaf : world.timed) {
    // A leaf that differs without facts has lost them; it is looked at for its value's sake.
    if (leaf->spec.kind == LeafKind::kTraits || state.leaf(leaf->id)) leaves.push_back(leaf);
  }
  keep_distinct(leaves);
  return leaves;
}

CustomerSegments& SegmentStage::open(Connection& state, const LiveSegments& world,
                                     CustomerId customer) {
  CustomerSegments& segments = states_.get(state, world.workspace, customer);
  if (segments.generation == world.generation) return segments;
  segments.generation = world.generation;
  segments.state.retain([&](PartId id) { return world.leaves.count(id) != 0; },
                        [&](PartId slot) { return world.versions.count(slot) != 0; });
  segments.state.prune([&](PartId track, int64_t) { return world.tracks.count(track) != 0; });
  return segments;
}

void SegmentStage::prune(const LiveSegments& world, SegmentState& state) const {
  state.prune([&](PartId id, int64_t at_us) {
    const auto track = world.tracks.find(id);
    if (track == world.tracks.end()) return false;
    return at_us > time_us_ - std::min(track->second->keep_us, time_us_);
  });
}

SegmentStage::Match SegmentStage::match(const StagedEvent& event, const LiveSegments& world) const {
  Match match;
  const bool own = event.event.origin == EventOrigin::kSystem;
  match.passed = pass_tracks(world, event.event.name, own,
                             [&] { return event.payload->json("properties").value_or("{}"); });
  for (const PartId id : match.passed.tracks) {
    const Leaves& leaves = world.tracks.at(id)->leaves;
    match.leaves.insert(match.leaves.end(), leaves.begin(), leaves.end());
  }
  if (world.by_trait.empty() || own) return match;
  const auto set = [&](std::string_view name, std::string_view) {
    const auto asked = world.by_trait.find(name);
    if (asked == world.by_trait.end()) return;
    if (match.trait.empty()) match.trait = name;
    match.leaves.insert(match.leaves.end(), asked->second.begin(), asked->second.end());
  };
  if (event.event.type == EventType::kIdentify) event.payload->each("traits", set);
  if (!event.event.user_id.empty()) event.payload->each("context.traits", set);
  return match;
}

void SegmentStage::apply_customer(const StagedEvent& event, StageBatch& batch,
                                  LiveSegments& world) {
  const bool created = event.customer.value == event.offset;
  Match found = match(event, world);
  if (found.empty() && event.merged.empty() && !(created && !world.everyone.empty())) return;
  CustomerSegments& segments = open(batch.state, world, event.customer);
  Cause cause{ChangeCause::kEvent, event.offset, std::string(event.event.message_id)};
  if (!event.merged.empty()) {
    take_over(event, batch, world, segments);
    for (const auto& [id, leaf] : world.leaves) found.leaves.push_back(leaf.get());
    cause.kind = ChangeCause::kMerge;
  } else if (found.passed.tracks.empty() && !found.trait.empty()) {
    cause = {ChangeCause::kTrait, event.offset, found.trait};
  }
  if (!found.passed.tracks.empty()) {
    found.passed.add_to(segments.state, to_micros(event.event.timestamp), event.offset);
    if (segments.state.facts().size() % kPruneEvery == 0) prune(world, segments.state);
    states_.touch(segments);
  }
  keep_distinct(found.leaves);
  const SegmentSubject subject(batch.state, world, event.customer, segments.state, time_us_);
  Versions versions = versions_of(update_leaves(subject, segments, found.leaves));
  if (created) {
    for (LiveVersion* version : world.everyone) {
      if (std::find(versions.begin(), versions.end(), version) == versions.end()) {
        versions.push_back(version);
      }
    }
  }
  update_versions(subject, segments, versions, created, cause);
}

// The losers' facts become the survivor's; their own memberships end without a word, as the
// customers do.
void SegmentStage::take_over(const StagedEvent& event, StageBatch& batch, LiveSegments& world,
                             CustomerSegments& segments) {
  for (const CustomerId loser : event.merged) {
    CustomerSegments& other = open(batch.state, world, loser);
    for (const auto& [slot, version] : world.versions) {
      if (other.state.member(slot) == version->initial) continue;
      changes_.push_back({slot, loser, false});
      if (version->status != VersionStatus::kLive) continue;
      ledger_.note_size(world.workspace, version->segment, from_micros(time_us_), --version->size);
    }
    segments.state.take_over(other.state);
    states_.erase(loser, other);
  }
  states_.touch(segments);
}

SegmentStage::Leaves SegmentStage::update_leaves(const SegmentSubject& subject,
                                                 CustomerSegments& segments, const Leaves& leaves) {
  Leaves changed;
  int64_t due_us = segments.due_us;
  for (LiveLeaf* leaf : leaves) {
    if (leaf->spec.kind == LeafKind::kBucket) continue;
    const bool value = evaluate_leaf(*leaf, subject.leaf(), subject.at_us);
    if (leaf->spec.timed) {
      due_us = std::min(due_us, next_leaf_change(*leaf, subject.leaf(), subject.at_us, value));
    }
    if (value == subject.leaf_value(*leaf)) continue;
    segments.state.set_leaf(leaf->id, value != leaf->initial);
    states_.touch(segments);
    changed.push_back(leaf);
  }
  states_.set_due(subject.customer, segments, due_us);
  return changed;
}

void SegmentStage::update_versions(const SegmentSubject& subject, CustomerSegments& segments,
                                   const Versions& versions, bool created, const Cause& cause) {
  for (LiveVersion* version : versions) {
    const bool before = !created && subject.was_member(*version);
    const bool in = subject.holds(*version);
    if (subject.was_member(*version) != in) {
      segments.state.set_member(version->slot, in != version->initial);
      states_.touch(segments);
    }
    if (in == before) continue;
    changes_.push_back({version->slot, subject.customer, in});
    if (version->status == VersionStatus::kLive) {
      tell(*version, subject.customer, in, subject.at_us, cause);
    }
  }
}

void SegmentStage::tell(LiveVersion& version, CustomerId customer, bool in, int64_t at_us,
                        const Cause& cause) {
  version.size += in ? 1 : -1;
  SegmentChange change;
  change.workspace = version.workspace;
  change.customer = customer;
  change.segment = version.segment;
  change.entered = in;
  change.at = from_micros(at_us);
  change.cause = cause.kind;
  change.offset = cause.offset;
  change.detail = cause.detail;
  ledger_.add(std::move(change), version.size);
}

void SegmentStage::flush(StageBatch& batch) {
  states_.flush(batch.state);
  ledger_.flush(batch.state);
  batch_next_due_us_ = states_.next_due(batch.state);
  batch.state.run(kWriteClock, time_us_, registry_.next_part(), ledger_.next_change());
}

void SegmentStage::settled(bool committed) {
  if (!committed) {
    loaded_ = false;
    directory_changed_ = false;
    changes_.clear();
    return;
  }
  if (directory_changed_) {
    const auto directory = make_directory();
    memberships_.publish(changes_, &directory);
  } else {
    memberships_.publish(changes_, nullptr);
  }
  directory_changed_ = false;
  changes_.clear();
  states_.trim();
  now_us_ = time_us_;
  next_due_us_ = batch_next_due_us_;
}

}  // namespace rapport
