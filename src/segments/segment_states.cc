#include "segments/segment_states.h"

#include <algorithm>
#include <utility>

#include "base/limits/segment_engine.h"

namespace rapport {
namespace {

constexpr std::string_view kSchema = R"sql(
CREATE TABLE segment_customers (
  customer INTEGER PRIMARY KEY,
  workspace INTEGER NOT NULL,
  due INTEGER,
  data BLOB NOT NULL
);
CREATE INDEX segment_customers_due ON segment_customers (due, customer) WHERE due IS NOT NULL;
)sql";

constexpr std::string_view kRead =
    "SELECT workspace, due, data FROM segment_customers WHERE customer = $1";
constexpr std::string_view kEach = "SELECT customer, workspace, data FROM segment_customers";
constexpr std::string_view kInsert =
    "INSERT INTO segment_customers (customer, workspace, due, data) VALUES ($1, $2, $3, $4)";
// Two forms, so that an unchanged moment does not touch its index.
constexpr std::string_view kUpdate = "UPDATE segment_customers SET data = $2 WHERE customer = $1";
constexpr std::string_view kUpdateDue =
    "UPDATE segment_customers SET data = $2, due = $3 WHERE customer = $1";
constexpr std::string_view kDelete = "DELETE FROM segment_customers WHERE customer = $1";
constexpr std::string_view kNextDue =
    "SELECT due, customer FROM segment_customers WHERE due IS NOT NULL AND due > $1 "
    "ORDER BY due LIMIT $2";
constexpr std::string_view kDueAt = "SELECT customer FROM segment_customers WHERE due = $1";

constexpr size_t kFrontMoments = 20'000;

std::optional<int64_t> stored_due(int64_t due_us) {
  return due_us == kNeverUs ? std::nullopt : std::optional(due_us);
}

int64_t due_of(Statement& row, int column) {
  return row.is_null(column) ? kNeverUs : row.integer(column);
}

}  // namespace

std::string_view segment_states_schema() {
  return kSchema;
}

std::optional<StoredSegmentState> read_segment_state(Connection& state, CustomerId customer) {
  return state.find(
      kRead,
      [](Statement& row) {
        return StoredSegmentState{WorkspaceId{row.id(0)}, due_of(row, 1),
                                  SegmentState::decode(row.text(2))};
      },
      customer);
}

void each_segment_state(Connection& state,
                        const std::function<void(CustomerId, WorkspaceId, SegmentState)>& visit) {
  state.each(kEach, [&](Statement& row) {
    visit(CustomerId{row.id(0)}, WorkspaceId{row.id(1)}, SegmentState::decode(row.text(2)));
  });
}

CustomerSegments& SegmentStates::get(Connection& state, WorkspaceId workspace,
                                     CustomerId customer) {
  const auto [it, fresh] = held_.try_emplace(customer);
  CustomerSegments& segments = it->second;
  if (!fresh) return segments;
  segments.customer_ = customer;
  segments.workspace = workspace;
  auto stored = read_segment_state(state, customer);
  if (!stored) return segments;
  segments.stored_ = true;
  segments.workspace = stored->workspace;
  segments.state = std::move(stored->state);
  segments.due_us = segments.stored_due_us_ = stored->due_us;
  return segments;
}

void SegmentStates::touch(CustomerSegments& segments) {
  if (!segments.dirty_) dirty_.push_back(&segments);
  segments.dirty_ = true;
}

void SegmentStates::set_due(CustomerId customer, CustomerSegments& segments, int64_t due_us) {
  if (due_us == segments.due_us) return;
  if (segments.due_us <= front_end_us_) front_.erase({segments.due_us, customer.value});
  segments.due_us = due_us;
  if (due_us != kNeverUs && due_us <= front_end_us_) front_.emplace(due_us, customer.value);
  touch(segments);
}

void SegmentStates::erase(CustomerId customer, CustomerSegments& segments) {
  set_due(customer, segments, kNeverUs);
  segments.state = {};
  touch(segments);
}

std::optional<SegmentStates::Moment> SegmentStates::first_due(Connection& state, int64_t until_us) {
  if (next_due(state) > until_us) return std::nullopt;
  const auto [at_us, id] = *front_.begin();
  const CustomerId customer{id};
  return Moment{at_us, customer, get(state, {}, customer).workspace};
}

int64_t SegmentStates::next_due(Connection& state) {
  if (front_.empty() && front_end_us_ != kNeverUs) refill(state);
  return front_.empty() ? kNeverUs : front_.begin()->first;
}

// Reads on from the end of what is in memory. Written first, so that the index knows every moment.
void SegmentStates::refill(Connection& state) {
  flush(state);
  size_t found = 0;
  int64_t last = front_end_us_;
  state.each(
      kNextDue,
      [&](Statement& row) {
        last = row.integer(0);
        front_.emplace(last, row.id(1));
        ++found;
      },
      front_end_us_, kFrontMoments);
  if (found < kFrontMoments) {
    front_end_us_ = kNeverUs;
    return;
  }
  front_end_us_ = last;
  state.each(
      kDueAt, [&](Statement& row) { front_.emplace(last, row.id(0)); }, last);
}

void SegmentStates::flush(Connection& state) {
  // In the order of the table, so that a batch touches each page once.
  std::sort(dirty_.begin(), dirty_.end(), [](const CustomerSegments* a, const CustomerSegments* b) {
    return a->customer_ < b->customer_;
  });
  for (CustomerSegments* const s : std::exchange(dirty_, {})) {
    const CustomerId customer = s->customer_;
    s->dirty_ = false;
    if (s->state.empty() && s->due_us == kNeverUs) {
      if (s->stored_) state.run(kDelete, customer);
      s->stored_ = false;
      s->stored_due_us_ = kNeverUs;
      continue;
    }
    const std::string data = s->state.encode();
    if (!s->stored_) {
      state.run(kInsert, customer, s->workspace, stored_due(s->due_us), Blob{data});
    } else if (s->stored_due_us_ == s->due_us) {
      state.run(kUpdate, customer, Blob{data});
    } else {
      state.run(kUpdateDue, customer, Blob{data}, stored_due(s->due_us));
    }
    s->stored_ = true;
    s->stored_due_us_ = s->due_us;
  }
  shorten_front();
}

// Far moments are read again when they come near.
void SegmentStates::shorten_front() {
  if (front_.size() <= 4 * kFrontMoments) return;
  const auto last = std::next(front_.begin(), kFrontMoments - 1);
  front_end_us_ = last->first;
  front_.erase(front_.upper_bound({front_end_us_, UINT64_MAX}), front_.end());
}

void SegmentStates::trim() {
  if (held_.size() <= limits::kMaxHeldSegmentStates) return;
  held_.clear();
  dirty_.clear();
}

void SegmentStates::clear() {
  held_.clear();
  dirty_.clear();
  front_.clear();
  front_end_us_ = std::numeric_limits<int64_t>::min();
}

}  // namespace rapport
