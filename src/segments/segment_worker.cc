#include "segments/segment_worker.h"

#include <algorithm>

#include "base/error.h"
#include "base/limits/segment_engine.h"
#include "runtime/log.h"
#include "segments/segment_store.h"

namespace rapport {
namespace {

constexpr std::chrono::milliseconds kIdle{500};
constexpr std::chrono::milliseconds kAfterFailure{1'000};
constexpr std::chrono::seconds kApplyDeadline{60};
constexpr std::chrono::seconds kLookEvery{60};

constexpr std::string_view kLastOfRange =
    "SELECT id FROM customers WHERE id > $1 AND id <= $2 AND workspace = $3 ORDER BY id "
    "LIMIT 1 OFFSET $4";

using SegmentKey = std::pair<WorkspaceId, SegmentId>;

/// What one fill works on: versions of one workspace that stand at the same place.
struct Group {
  WorkspaceId workspace;
  std::vector<PartId> slots;
  std::vector<EventNames> names;
  CustomerId after;
  CustomerId last;  // no customer above it was there when they were defined
};

// One group at a time: versions under way go on together, new ones wait for the next.
std::optional<Group> pick_group(const std::vector<StoredVersion>& versions) {
  const StoredVersion* first = nullptr;
  for (const StoredVersion& v : versions) {
    if (v.status != VersionStatus::kFilling) continue;
    if (first == nullptr || (first->filled_to.value == 0 && v.filled_to.value > 0)) first = &v;
  }
  if (first == nullptr) return std::nullopt;
  Group group;
  group.workspace = first->definition.workspace;
  group.after = first->filled_to;
  for (const StoredVersion& v : versions) {
    if (v.status != VersionStatus::kFilling || v.definition.workspace != group.workspace ||
        v.filled_to != group.after || group.slots.size() >= limits::kMaxFillSlots) {
      continue;
    }
    group.slots.push_back(v.slot);
    group.last = std::max(group.last, CustomerId{v.defined_at});
    for (EventNames& names : event_names(compile_definition(v.definition))) {
      group.names.push_back(std::move(names));
    }
  }
  return group;
}

/// Where a range of `count` customers above `after` ends.
CustomerId end_of_range(Connection& state, const Group& group, CustomerId after, size_t count) {
  return state
      .find(
          kLastOfRange, [](Statement& row) { return CustomerId{row.id(0)}; }, after, group.last,
          group.workspace, count - 1)
      .value_or(group.last);
}

}  // namespace

SegmentWorker::SegmentWorker(Ports ports) : ports_(std::move(ports)) {}

SegmentWorker::~SegmentWorker() {
  stop();
}

void SegmentWorker::start() {
  threads_.emplace_back(
      [this] { repeat([this] { return follow_definitions(); }, "segment_definitions_failed"); });
  threads_.emplace_back(
      [this] { repeat([this] { return tell_changes(); }, "segment_changes_failed"); });
  threads_.emplace_back([this] { repeat([this] { return tell_time(); }, "segment_time_failed"); });
}

void SegmentWorker::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void SegmentWorker::notify() {
  definitions_changed_ = true;
  committed();
}

void SegmentWorker::committed() {
  {
    const std::lock_guard lock(mutex_);
    ++rounds_;
  }
  wake_.notify_all();
}

// Looked at when one was saved, and now and then, since a workspace's zone is part of them.
bool SegmentWorker::follow_definitions() {
  const auto now = ports_.clock.steady();
  if (!definitions_changed_.exchange(false) && now < next_look_) return false;
  next_look_ = now + kLookEvery;
  try {
    while (!stopping() && (announce() || fill())) {
    }
  } catch (const std::exception&) {
    definitions_changed_ = true;
    announced_.clear();
    throw;
  }
  return false;
}

template <class Round>
void SegmentWorker::repeat(const Round& round, std::string_view what) {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const uint64_t seen = rounds_;
    lock.unlock();
    std::chrono::milliseconds pause{0};
    try {
      if (!round()) pause = idle_time();
    } catch (const std::exception& error) {
      log_error(what, {{"error", error.what()}});
      pause = kAfterFailure;
    }
    lock.lock();
    if (pause.count() == 0) continue;
    wake_.wait_for(lock, pause,
                   [&] { return stopping_ || (pause != kAfterFailure && rounds_ != seen); });
  }
}

// Until the next moment, as the clock counts.
std::chrono::milliseconds SegmentWorker::idle_time() const {
  const auto left = ports_.stage.next_due() - ports_.clock.now();
  return std::clamp(std::chrono::ceil<std::chrono::milliseconds>(left),
                    std::chrono::milliseconds(1), kIdle);
}

bool SegmentWorker::stopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void SegmentWorker::append(std::vector<NewEvent> events) {
  const AppendResult result = ports_.writer.append(std::move(events));
  // A busy log keeps what the engine says of it short: the next round sees this one applied.
  const auto deadline = ports_.clock.steady() + kApplyDeadline;
  while (!ports_.projector.wait_applied(result.last, std::chrono::milliseconds(100))) {
    if (stopping() || ports_.clock.steady() > deadline) return;
  }
}

void SegmentWorker::add_topics(SegmentDefinition& definition) const {
  std::vector<std::string> topics = named_topics(parse_condition(definition.condition_json));
  for (const auto& [segment, json] : definition.referenced) {
    for (std::string& topic : named_topics(parse_condition(json))) {
      topics.push_back(std::move(topic));
    }
  }
  std::sort(topics.begin(), topics.end());
  topics.erase(std::unique(topics.begin(), topics.end()), topics.end());
  definition.topics.clear();
  for (std::string& topic : topics) {
    auto facts = ports_.topic ? ports_.topic(definition.workspace, topic) : std::nullopt;
    if (facts) definition.topics.emplace_back(std::move(topic), std::move(*facts));
  }
}

/// Whether the words of a definition have come to mean something else.
bool SegmentWorker::asks_anew(const SegmentDefinition& stored, const std::string& zone) const {
  if (stored.time_zone != zone) return true;
  if (stored.reading < kSegmentReading &&
      is_read_anew(resolve_definition(stored), stored.reading)) {
    return true;
  }
  if (stored.condition_json.find("\"topic\"") == std::string::npos && stored.referenced.empty()) {
    return false;
  }
  SegmentDefinition now = stored;
  add_topics(now);
  return now.topics != stored.topics;
}

bool SegmentWorker::announce() {
  std::map<SegmentKey, const StoredVersion*> known;
  const auto versions =
      ports_.state.read_value([](Connection& c) { return list_all_segment_versions(c); });
  for (const StoredVersion& v : versions) {
    const StoredVersion*& newest = known[{v.definition.workspace, v.definition.segment}];
    if (newest == nullptr || newest->definition.version < v.definition.version) newest = &v;
  }
  std::vector<NewEvent> events;
  const Timestamp now = ports_.clock.now();
  ports_.control.write([&](Connection& c) {
    for (const segment_store::Version& wanted : segment_store::list_versions(c)) {
      const auto found = known.find({wanted.workspace, wanted.segment});
      const StoredVersion* current = found == known.end() ? nullptr : found->second;
      if (current != nullptr) known.erase(found);
      const std::string zone = ports_.time_zone(wanted.workspace);
      uint32_t number = wanted.version;
      if (current != nullptr && number <= current->definition.version &&
          asks_anew(current->definition, zone)) {
        number = current->definition.version + 1;
        segment_store::set_version(c, wanted.workspace, wanted.segment, number);
      }
      if (current != nullptr && number <= current->definition.version) continue;
      // One that the engine could not take is not told again and again.
      uint32_t& announced = announced_[{wanted.workspace, wanted.segment}];
      if (announced >= number) continue;
      announced = number;
      auto definition = segment_store::define(c, wanted.workspace, wanted.segment);
      if (!definition) continue;
      definition->version = number;
      definition->time_zone = zone;
      add_topics(*definition);
      events.push_back(make_segment_defined(*definition, now));
    }
  });
  for (const auto& [key, gone] : known) {
    events.push_back(make_segment_removed(key.first, key.second, now));
  }
  if (events.empty()) return false;
  append(std::move(events));
  return true;
}

bool SegmentWorker::fill() {
  auto group = pick_group(
      ports_.state.read_value([](Connection& c) { return list_all_segment_versions(c); }));
  if (!group) return false;
  const Timestamp now = ports_.clock.now();
  if (group->after.value >= group->last.value) {
    append({make_segment_ready(group->workspace, group->slots, now)});
    return true;
  }
  // A question of the warehouse reads a column whole, so one is asked for many steps.
  CustomerId wide;
  ports_.state.read(
      [&](Connection& c) { wide = end_of_range(c, *group, group->after, limits::kFillReadAhead); });
  auto rows = read_fill_rows(ports_.warehouse, group->workspace, group->names, group->after, wide);
  auto begin = rows.begin();
  for (CustomerId after = group->after; after < wide && !stopping();) {
    CustomerId through;
    ports_.state.read([&](Connection& c) {
      through = std::min(wide, end_of_range(c, *group, after, limits::kFillCustomers));
    });
    const auto end =
        std::find_if(begin, rows.end(), [&](const FillRow& row) { return row.customer > through; });
    FillRows offer{{group->workspace, group->slots, after, through}, {}};
    offer.rows.assign(std::make_move_iterator(begin), std::make_move_iterator(end));
    begin = end;
    const NewEvent event = make_segment_filled(offer.fill, ports_.clock.now());
    ports_.stage.offer(std::move(offer));
    append({event});
    after = through;
  }
  return true;
}

std::map<SegmentId, std::string> SegmentWorker::read_names(WorkspaceId workspace) const {
  return ports_.control.read_value(
      [&](Connection& c) { return segment_store::list_names(c, workspace); });
}

bool SegmentWorker::tell_changes() {
  const auto changes = ports_.state.read_value([this](Connection& c) {
    return list_segment_changes(c, told_, limits::kSegmentChangeBatch);
  });
  if (changes.empty()) return false;
  std::map<WorkspaceId, std::map<SegmentId, std::string>> names;
  std::vector<NewEvent> events;
  events.reserve(changes.size());
  for (const SegmentChange& change : changes) {
    auto known = names.find(change.workspace);
    if (known == names.end()) {
      known = names.emplace(change.workspace, read_names(change.workspace)).first;
    }
    const auto name = known->second.find(change.segment);
    events.push_back(
        make_segment_change(change, name == known->second.end() ? std::string_view() : name->second,
                            ports_.clock.now()));
  }
  const uint64_t last = changes.back().id;
  append(std::move(events));
  told_ = last;
  return true;
}

bool SegmentWorker::tell_time() {
  const Timestamp now = ports_.clock.now();
  if (ports_.stage.next_due() > now) return false;
  append({make_time_reached(now)});
  return true;
}

}  // namespace rapport
