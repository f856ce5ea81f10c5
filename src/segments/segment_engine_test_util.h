// A world in memory whose segments are followed: events in, memberships out, all on one thread.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "customers/customers_test_support.h"
#include "segments/history_evaluator.h"
#include "segments/segment_functions.h"
#include "segments/segment_stage.h"
#include "segments/segments_test_util.h"

namespace rapport::segments_test {

using customers_test::kNow;
using customers_test::kShop;

class EngineWorld {
 public:
  EngineWorld() : projector(*log, *state, *warehouse, {&identity, &profiles, &rejected, &stage}) {
    stage.read_from(*warehouse);
    projector.open();
    stage.load(*state);
  }

  /// Tells the engine what a segment asks, as its next version; computes nothing yet.
  void define(SegmentId segment, const std::string& condition, const std::string& zone = "UTC",
              WorkspaceId workspace = kShop) {
    SegmentDefinition definition;
    definition.workspace = workspace;
    definition.segment = segment;
    definition.version = ++versions[segment];
    definition.condition_json = condition;
    definition.time_zone = zone;
    definition.referenced = referenced;
    definition.reading = reading;
    definition.topics = topics;
    store(make_segment_defined(definition, now()));
  }
  std::vector<StoredVersion> stored_versions() {
    return state->read_value([](Connection& c) { return list_all_segment_versions(c); });
  }
  /// Computes what is not yet, `step` customers at a time, and makes it live.
  void compute(uint64_t step = 1'000'000) {
    for (const StoredVersion& v : stored_versions()) {
      if (v.status == VersionStatus::kLive) continue;
      CustomerId after = v.filled_to;
      while (after.value < v.defined_at) {
        const CustomerId through{std::min(after.value + step, v.defined_at)};
        store(make_segment_filled({v.definition.workspace, {v.slot}, after, through}, now()));
        after = through;
      }
      const std::vector<PartId> slots{v.slot};
      store(make_segment_ready(v.definition.workspace, slots, now()));
    }
  }
  void add(SegmentId segment, const std::string& condition, const std::string& zone = "UTC") {
    define(segment, condition, zone);
    compute();
  }

  /// Something of a customer; `at` is when it happened, received now.
  Offset track(const std::string& user, const std::string& name, const std::string& properties,
               Timestamp at) {
    return take(R"({"type":"track","event":)" + json_quote(name) + R"(,"userId":)" +
                json_quote(user) + R"(,"properties":)" + properties + R"(,"timestamp":")" +
                format_timestamp(at) + "\"}");
  }
  Offset identify(const std::string& user, const std::string& traits, Timestamp at) {
    return take(R"({"type":"identify","userId":)" + json_quote(user) + R"(,"traits":)" + traits +
                R"(,"timestamp":")" + format_timestamp(at) + "\"}");
  }
  Offset take(const std::string& item, WorkspaceId workspace = kShop) {
    CollectSource source;
    source.received_at = now();
    source.header_key = "wk";
    auto result = parser.parse(
        "{\"batch\":[" + item + "]}", source, [&](std::string_view) { return workspace; }, random);
    for (NewEvent& event : result.events) store(std::move(event));
    return log->end();
  }
  /// An event that the program itself writes of a customer; false when there is no such one yet.
  bool take_own(std::string_view anonymous_id, const EventRow& row) {
    const auto customer = reader.find_by(kShop, "anonymous_id", anonymous_id);
    if (!customer) return false;
    const std::string body = "{\"properties\":" + row.properties + "}";
    const std::string id = "own:" + std::to_string(log->end());
    Event event;
    event.workspace = kShop;
    event.origin = EventOrigin::kSystem;
    event.customer = customer->id;
    event.timestamp = row.at;
    event.received_at = now();
    event.message_id = id;
    event.name = row.name;
    event.body = body;
    store(make_new_event(event));
    return true;
  }
  Offset store(NewEvent event) {
    log->append(std::vector<std::string>{std::move(event.record)});
    projector.run_to_end();
    return log->end();
  }
  /// The clock goes on to `t`, and the log hears of it.
  void reach(Timestamp t) {
    time = t;
    store(make_time_reached(t));
  }
  Timestamp now() const { return time; }

  std::vector<CustomerId> members(SegmentId segment, WorkspaceId workspace = kShop) {
    return memberships.page(workspace, segment, CustomerId{}, 1'000'000)
        .value_or(std::vector<CustomerId>{});
  }
  std::string users(SegmentId segment) {
    std::set<std::string> names;
    for (const Customer& c : reader.list_by_id(kShop, members(segment))) {
      names.emplace(c.identifier("user_id"));
    }
    std::string out;
    for (const std::string& name : names) out += (out.empty() ? "" : " ") + name;
    return out;
  }
  std::vector<SegmentChange> changes() {
    return state->read_value([](Connection& c) { return list_segment_changes(c, 0, 10'000); });
  }

  Timestamp time = kNow;
  std::map<SegmentId, uint32_t> versions;
  std::vector<std::pair<SegmentId, std::string>> referenced;
  uint32_t reading = kSegmentReading;
  std::vector<std::pair<std::string, TopicFacts>> topics;
  SegmentMemberships memberships;
  SegmentStage stage{memberships};
  std::unique_ptr<EventLog> log = make_memory_event_log();
  std::unique_ptr<StateStore> state = open_sqlite_state_store(":memory:");
  std::unique_ptr<Warehouse> warehouse =
      open_duckdb_warehouse("", {.functions = segment_functions()});
  CustomerReader reader{*state, *warehouse, *log};

 private:
  IdentityStage identity;
  ProfileStage profiles;
  RejectedStage rejected;
  SeededRandom random{1};
  CollectParser parser;

 public:
  Projector projector;
};

}  // namespace rapport::segments_test
