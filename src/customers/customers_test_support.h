// What the tests of this module and of those above share: a world in memory that takes events as
// clients send them and applies them at once.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "base/text.h"
#include "customers/collect_parser.h"
#include "customers/customer_reader.h"
#include "customers/identity_stage.h"
#include "customers/profile_stage.h"
#include "customers/rejected_stage.h"
#include "runtime/random.h"
#include "storage/event_log.h"
#include "storage/state_store.h"
#include "storage/warehouse.h"
#include "stream/projector.h"

namespace rapport::customers_test {

inline constexpr WorkspaceId kShop{1};
inline constexpr Timestamp kNow = from_micros(1'770'000'000'000'000);

inline Timestamp minutes(int64_t n) {
  return kNow + std::chrono::minutes(n);
}

/// `"name":"value"` members as a JSON object; values that are JSON already start with a colon.
inline std::string object(std::initializer_list<std::pair<std::string_view, std::string>> members) {
  std::string json = "{";
  for (const auto& [name, value] : members) {
    if (json.size() > 1) json += ',';
    json += json_quote(name) + ":" + (value.starts_with(':') ? value.substr(1) : json_quote(value));
  }
  return json + "}";
}

class World {
 public:
  explicit World(const std::vector<Stage*>& more_stages = {})
      : projector(*log, *state, *warehouse, stages_with(more_stages)) {
    projector.open();
  }

  /// Takes one item of a batch at `now`; its JSON as a client sends it. Returns its offset.
  Offset collect(const std::string& item, WorkspaceId workspace = kShop, Timestamp now = kNow) {
    CollectSource source;
    source.received_at = now;
    source.header_key = "wk";
    auto result = parser.parse(
        "{\"batch\":[" + item + "]}", source, [&](std::string_view) { return workspace; }, random);
    return store(std::move(result.events));
  }
  /// The same at `at`, seen from the client and from here.
  Offset at(Timestamp at, const std::string& item, WorkspaceId workspace = kShop) {
    return collect(item, workspace, at);
  }
  Offset store(std::vector<NewEvent> events) {
    std::vector<std::string> records;
    for (NewEvent& event : events) records.push_back(std::move(event.record));
    log->append(records);
    if (!hold) projector.run_to_end();
    return log->end();
  }

  Offset identify(const std::string& user, const std::string& traits, Timestamp when = kNow) {
    return at(when, object({{"type", "identify"}, {"userId", user}, {"traits", ":" + traits}}));
  }
  Offset track(const std::string& user, const std::string& anonymous, Timestamp when = kNow) {
    std::string ids;
    if (!user.empty()) ids += ",\"userId\":" + json_quote(user);
    if (!anonymous.empty()) ids += ",\"anonymousId\":" + json_quote(anonymous);
    return at(when, R"({"type":"track","event":"Did")" + ids + "}");
  }
  Customer by(std::string_view kind, std::string_view value, WorkspaceId workspace = kShop) {
    auto customer = reader.find_by(workspace, kind, value);
    if (!customer) ADD_FAILURE() << "nobody has " << kind << " " << value;
    return customer.value_or(Customer{});
  }
  /// Identifiers of a customer, "kind=value", in order.
  static std::vector<std::string> identifiers(const Customer& customer) {
    std::vector<std::string> texts;
    for (const auto& i : customer.identifiers) texts.push_back(i.kind + "=" + i.value);
    std::sort(texts.begin(), texts.end());
    return texts;
  }

  /// Leaves what is stored to the next run, to apply it in one batch.
  bool hold = false;
  std::unique_ptr<EventLog> log = make_memory_event_log();
  std::unique_ptr<StateStore> state = open_sqlite_state_store(":memory:");
  std::unique_ptr<Warehouse> warehouse = open_duckdb_warehouse("");
  IdentityStage identity;
  ProfileStage profiles;
  RejectedStage rejected;
  SeededRandom random{1};
  CollectParser parser;
  CustomerReader reader{*state, *warehouse, *log};

  Projector projector;

 private:
  std::vector<Stage*> stages_with(const std::vector<Stage*>& more) {
    std::vector<Stage*> stages{&identity, &profiles, &rejected};
    stages.insert(stages.end(), more.begin(), more.end());
    return stages;
  }
};

}  // namespace rapport::customers_test
