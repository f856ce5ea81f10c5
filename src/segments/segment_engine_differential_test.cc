// Three evaluators, one meaning: memberships that follow events one by one, the compiled question
// to the warehouse, and the plain reading, held to each other on random worlds. Events come late
// and in any order, customers merge, definitions come and change in between and are computed while
// events go on, the clock jumps by moments, hours and days over changes of the wall clock.
//
// RAPPORT_SEGMENT_SEED=n repeats one world, RAPPORT_SEGMENT_WORLDS=n tries so many.
#include <gtest/gtest.h>

#include <cstdlib>

#include "runtime/clock.h"
#include "runtime/zone_cache.h"
#include "segments/condition_generator.h"
#include "segments/segment_engine_test_util.h"
#include "segments/segment_evaluator.h"
#include "segments/segment_functions.h"

namespace rapport::segments_test {
namespace {

constexpr uint64_t kWorlds = 5;
constexpr uint64_t kSegments = 6;
constexpr uint64_t kLooks = 5;

uint64_t from_environment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

Timestamp now_of(uint64_t seed) {
  static const std::string_view kNows[] = {"2026-03-01T12:00:00Z", "2026-03-08T12:00:00Z",
                                           "2026-03-29T12:00:00Z", "2026-11-01T12:00:00Z",
                                           "2027-01-01T00:00:00Z", "2028-02-29T12:00:00Z"};
  return *parse_timestamp(kNows[seed % std::size(kNows)]);
}

/// Everybody's history as the warehouse has it, with merged customers as one.
std::map<CustomerId, CustomerHistory> stored_histories(const Warehouse& warehouse) {
  std::map<CustomerId, CustomerHistory> out;
  const std::string joined =
      " LEFT JOIN successors s ON s.workspace = r.workspace AND s.customer = r.customer";
  warehouse.query("SELECT coalesce(s.successor, r.customer) FROM customers r" + joined, {},
                  [&](const WarehouseRow& row) { out[{row.id(0)}].customer = {row.id(0)}; });
  warehouse.query(
      "SELECT coalesce(s.successor, r.customer), r.occurred_at, r.log_offset, r.name, r.properties,"
      " r.origin FROM events r" +
          joined + " WHERE r.customer <> 0",
      {}, [&](const WarehouseRow& row) {
        out[{row.id(0)}].events.push_back({from_micros(row.integer(1)), row.id(2), row.text(3),
                                           row.text(4), row.integer(5) == kWarehouseSystem});
      });
  warehouse.query(
      "SELECT coalesce(s.successor, r.customer), r.occurred_at, r.log_offset, r.name, r.value"
      " FROM traits r" +
          joined,
      {}, [&](const WarehouseRow& row) {
        out[{row.id(0)}].traits.push_back({from_micros(row.integer(1)), row.id(2), row.text(3),
                                           row.is_null(4) ? "" : row.text(4)});
      });
  return out;
}

struct Item {
  Timestamp at;
  std::string json;
  std::optional<EventRow> own;  // the program's own, once the customer is known
};

bool is_object(const std::string& json) {
  Payload payload;
  return payload.parse(json);
}

std::string anonymous(CustomerId customer) {
  return "c" + std::to_string(customer.value);
}

/// A history as clients send it, in an order of its own.
std::vector<Item> items_of(const History& history, SeededRandom& random) {
  std::vector<Item> items;
  const auto add = [&](Timestamp at, const std::string& members) {
    items.push_back({at, "{" + members + R"(,"timestamp":")" + format_timestamp(at) + "\"}", {}});
  };
  for (const EventRow& row : history.events) {
    add(row.at, R"("type":"track","event":)" + json_quote(row.name) + R"(,"anonymousId":")" +
                    anonymous(row.customer) + R"(","properties":)" +
                    (is_object(row.properties) ? row.properties : "{}"));
    if (row.own && is_object(row.properties)) items.back().own = row;
  }
  for (const TraitRow& row : history.traits) {
    const std::string traits =
        "{" + json_quote(row.name) + ":" + (row.value.empty() ? "null" : row.value) + "}";
    if (!is_object(traits)) continue;
    add(row.at, R"("type":"identify","anonymousId":")" + anonymous(row.customer) +
                    R"(","traits":)" + traits);
  }
  for (const auto& [loser, survivor] : history.successors) {
    for (const CustomerId one : {loser, survivor}) {
      const Timestamp at = history.created.begin()->second;
      add(at, R"("type":"identify","userId":"u)" + std::to_string(survivor.value) +
                  R"(","anonymousId":")" + anonymous(one) + "\"");
    }
  }
  for (size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random.below(i)]);
  return items;
}

class Trial {
 public:
  explicit Trial(uint64_t seed)
      : seed_(seed),
        random_(seed * 7919),
        generator_(seed, now_of(seed)),
        zone_(generator_.zone()),
        clock_(now_of(seed)),
        evaluator_(*world_.warehouse, clock_) {
    evaluator_.set_world({[this](WorkspaceId) { return zone_; },
                          [this](WorkspaceId, SegmentId) {
                            return NamedCondition{"Named", named_};
                          },
                          [this](WorkspaceId, std::string_view) { return topic_; }});
    if (topic_) world_.topics.emplace_back("top_1", *topic_);
    world_.referenced.emplace_back(SegmentId{99}, to_json(named_));
  }

  void run() {
    const History history = generator_.history(kShop);
    const std::vector<Item> items = items_of(history, random_);
    move_to(now_of(seed_) - std::chrono::days(random_.below(40)));
    for (size_t i = 0; i < items.size(); ++i) {
      if (random_.below(items.size() / kSegments + 1) == 0) define();
      if (random_.below(6) == 0) world_.compute(1 + random_.below(20));
      // Times far ahead of the server's clock would be cut.
      move_to(std::max(world_.now(), items[i].at - std::chrono::hours(random_.below(23))));
      if (random_.below(3) == 0) move_to(world_.now() + step());
      if (!items[i].own || !world_.take_own(anonymous(items[i].own->customer), *items[i].own)) {
        world_.take(items[i].json);
      }
      if (i % (items.size() / kLooks + 1) == 0) look();
      if (testing::Test::HasFatalFailure()) return;
    }
    for (uint64_t n = 0; n < kLooks && !testing::Test::HasFatalFailure(); ++n) {
      move_to(world_.now() + step());
      look();
    }
  }

  size_t asked = 0;
  size_t not_trivial = 0;

 private:
  Micros step() {
    static constexpr int64_t kMost[] = {3, 1'000'000, 3'600'000'000, 90'000'000'000,
                                        2'600'000'000'000};
    return Micros(1 + random_.below(static_cast<uint64_t>(kMost[random_.below(5)])));
  }
  void move_to(Timestamp t) {
    clock_.set(t);
    world_.reach(t);
  }
  void define() {
    const SegmentId segment{1 + random_.below(kSegments)};
    std::string json = generator_.condition(static_cast<int>(random_.below(4)));
    if (random_.below(20) == 0) json = R"({"not":{"segment":"seg_0000000000033"}})";
    conditions_[segment] = json;
    world_.define(segment, json, zone_);
  }
  void look() {
    world_.compute(1 + random_.below(50));
    const auto histories = stored_histories(*world_.warehouse);
    const Moment moment = Moment::live(world_.now());
    for (const auto& [segment, json] : conditions_) {
      const std::string where = fmt::format("RAPPORT_SEGMENT_SEED={} at {}, zone {}: {}", seed_,
                                            format_timestamp(moment.at), zone_, json);
      const Condition condition = evaluator_.resolved(kShop, parse_condition(json));
      const HistoryEvaluator plain(condition, *system_zones().find(zone_));
      std::vector<CustomerId> expected;
      for (const auto& [customer, history] : histories) {
        if (plain.holds(history, moment)) expected.push_back(customer);
      }
      std::vector<CustomerId> compiled;
      evaluator_.each_member(kShop, parse_condition(json),
                             [&](CustomerId customer) { compiled.push_back(customer); });
      const std::vector<CustomerId> live = world_.members(segment);
      ASSERT_EQ(live, expected) << where;
      ASSERT_EQ(compiled, expected) << where;
      for (const auto& [customer, history] : histories) {
        const bool member = std::binary_search(live.begin(), live.end(), customer);
        ASSERT_EQ(plain.explain(history, moment).value, member) << where;
      }
      ++asked;
      not_trivial += !expected.empty() && expected.size() < histories.size();
    }
  }

  const uint64_t seed_;
  SeededRandom random_;
  Generator generator_;
  const std::string zone_;
  const Condition named_ = parse_condition(generator_.condition(1));
  const std::optional<TopicFacts> topic_ = generator_.topic();
  EngineWorld world_;
  ManualClock clock_;
  SegmentEvaluator evaluator_;
  std::map<SegmentId, std::string> conditions_;
};

TEST(SegmentEngineDifferential, FollowingAgreesWithTheWarehouseAndThePlainReading) {
  const uint64_t only = from_environment("RAPPORT_SEGMENT_SEED", 0);
  const uint64_t first = only != 0 ? only : 1;
  const uint64_t worlds = only != 0 ? 1 : from_environment("RAPPORT_SEGMENT_WORLDS", kWorlds);
  size_t asked = 0;
  size_t not_trivial = 0;
  for (uint64_t seed = first; seed < first + worlds && !testing::Test::HasFatalFailure(); ++seed) {
    Trial trial(seed);
    trial.run();
    asked += trial.asked;
    not_trivial += trial.not_trivial;
  }
  if (only == 0 && !testing::Test::HasFatalFailure()) {
    EXPECT_GT(not_trivial, asked / 10);
  }
}

}  // namespace
}  // namespace rapport::segments_test
