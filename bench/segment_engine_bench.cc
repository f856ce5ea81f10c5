// The segment engine by itself: events with 100 live segments, moments that come among many
// pending, overlap of six segments. RAPPORT_BENCH_EVENTS and RAPPORT_BENCH_CUSTOMERS set the scale.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

#include "customers/identity_stage.h"
#include "customers/profile_stage.h"
#include "runtime/random.h"
#include "segments/segment_functions.h"
#include "segments/segment_stage.h"
#include "storage/event_log.h"
#include "stream/event.h"
#include "stream/projector.h"

namespace rapport {
namespace {

constexpr WorkspaceId kShop{1};
constexpr Timestamp kStart = from_micros(1'770'000'000'000'000);

uint64_t scale(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

/// The embedded stores in a folder of their own, with the stages that matter.
struct Shop {
  explicit Shop(bool followed)
      : folder(std::filesystem::temp_directory_path() /
               fmt::format("rapport-bench-{}", SystemRandom().next())),
        state((std::filesystem::create_directories(folder),
               open_sqlite_state_store(folder / "state.db",
                                       {.cache_kib = 64 * 1024, .rebuildable = true}))),
        warehouse(
            open_duckdb_warehouse(folder / "warehouse.duckdb", {.functions = segment_functions()})),
        projector(*log, *state, *warehouse, stages(followed)) {
    stage.read_from(*warehouse);
    projector.open();
    if (followed) stage.load(*state);
  }
  ~Shop() { std::filesystem::remove_all(folder); }

  std::vector<Stage*> stages(bool followed) {
    std::vector<Stage*> out{&identity, &profiles};
    if (followed) out.push_back(&stage);
    return out;
  }
  void store(NewEvent event) {
    log->append(std::vector<std::string>{std::move(event.record)});
    projector.run_to_end();
  }
  void define(uint64_t id, const std::string& condition) {
    SegmentDefinition d;
    d.workspace = kShop;
    d.segment = SegmentId{id};
    d.version = 1;
    d.condition_json = condition;
    d.time_zone = "UTC";
    store(make_segment_defined(d, kStart));
  }
  void compute() {
    const auto versions =
        state->read_value([](Connection& c) { return list_all_segment_versions(c); });
    std::vector<PartId> slots;
    uint64_t last = 0;
    for (const StoredVersion& v : versions) {
      slots.push_back(v.slot);
      last = std::max(last, v.defined_at);
    }
    store(make_segment_filled({kShop, slots, {}, {last}}, kStart));
    store(make_segment_ready(kShop, slots, kStart));
  }

  std::filesystem::path folder;
  std::unique_ptr<EventLog> log = make_memory_event_log();
  std::unique_ptr<StateStore> state;
  std::unique_ptr<Warehouse> warehouse;
  IdentityStage identity;
  ProfileStage profiles;
  SegmentMemberships memberships;
  SegmentStage stage{memberships};
  Projector projector;
};

/// A hundred questions of a shop: counts, sums, absence, sequences, traits, over many windows.
std::string condition(uint64_t n) {
  static const char* const kNames[] = {"Product Viewed", "Product Added", "Order Completed",
                                       "Cart Viewed", "Signed In"};
  const char* name = kNames[n % 5];
  const uint64_t days = 1 + n * 7 % 90;
  switch (n % 10) {
    case 0:
    case 1:
    case 2:
      return fmt::format(R"({{"event":"{}","count":{{"gte":{}}},"within":"{}d"}})", name, 1 + n % 7,
                         days);
    case 3:
      return fmt::format(
          R"({{"event":"Order Completed","sum":{{"property":"total","gte":{}}},"within":"{}d"}})",
          10 * n, days);
    case 4:
      return fmt::format(R"({{"event":"Product Added","within":"{}d","not_followed_by":)"
                         R"({{"event":"Order Completed","within":"{}h"}}}})",
                         days + 1, 1 + n % 20);
    case 5:
      return fmt::format(R"({{"trait":"plan","op":"eq","value":"p{}"}})", n % 8);
    case 6:
      return fmt::format(
          R"({{"all":[{{"event":"{}","within":"{}d"}},{{"not":{{"event":"Refunded"}}}}]}})", name,
          days);
    case 7:
      return fmt::format(
          R"({{"sequence":[{{"event":"Product Viewed"}},{{"event":"Order Completed",)"
          R"("max_gap":"{}h"}}],"within":"{}d"}})",
          1 + n % 40, days);
    default:
      return fmt::format(
          R"({{"event":"{}","count":{{"gte":2}},"where":[{{"property":"category","op":"eq",)"
          R"("value":"c{}"}}]}})",
          name, n % 12);
  }
}

std::vector<std::string> shop_events(uint64_t count, uint64_t customers) {
  static const char* const kNames[] = {"Product Viewed",  "Product Viewed", "Product Viewed",
                                       "Product Added",   "Cart Viewed",    "Signed In",
                                       "Order Completed", "Newsletter Read"};
  SeededRandom random(1);
  std::vector<std::string> records;
  for (uint64_t i = 0; i < count; ++i) {
    const std::string user = "u" + std::to_string(random.below(customers));
    const std::string body =
        fmt::format(R"({{"properties":{{"total":{},"category":"c{}","sku":"s{}"}}}})",
                    random.below(200), random.below(12), random.below(5'000));
    const std::string id = "m" + std::to_string(i);
    Event event;
    event.workspace = kShop;
    event.timestamp = event.received_at = kStart + std::chrono::milliseconds(i * 20);
    event.message_id = id;
    event.name = kNames[random.below(8)];
    event.user_id = user;
    event.body = body;
    records.push_back(encode_event(event));
  }
  return records;
}

void apply_events(benchmark::State& state, bool followed) {
  const uint64_t count = scale("RAPPORT_BENCH_EVENTS", 100'000);
  const uint64_t customers = scale("RAPPORT_BENCH_CUSTOMERS", 50'000);
  const auto records = shop_events(2 * count, customers);
  uint64_t members = 0;
  for (auto _ : state) {
    state.PauseTiming();
    Shop shop(followed);
    if (followed) {
      for (uint64_t n = 0; n < 100; ++n) shop.define(n + 1, condition(n));
      shop.compute();
    }
    const auto append = [&](uint64_t from) {
      for (uint64_t at = from; at < from + count; at += 2'000) {
        shop.log->append(std::span(records).subspan(at, std::min<uint64_t>(2'000, count)));
      }
    };
    append(0);
    shop.projector.run_to_end();  // customers exist, states are as wide as they get
    append(count);
    state.ResumeTiming();
    shop.projector.run_to_end();
    state.PauseTiming();
    members = 0;
    for (uint64_t n = 1; n <= 100; ++n) {
      members += shop.memberships.size(kShop, SegmentId{n}).value_or(0);
    }
    state.ResumeTiming();
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * count));
  state.counters["members"] = static_cast<double>(members);
}

void BM_ProjectorAlone(benchmark::State& state) {
  apply_events(state, false);
}
void BM_ProjectorWith100Segments(benchmark::State& state) {
  apply_events(state, true);
}
BENCHMARK(BM_ProjectorAlone)->Iterations(1)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_ProjectorWith100Segments)->Iterations(1)->Unit(benchmark::kMillisecond);

// Customers whose windows end one after the other; what one second of them takes.
void BM_MomentsOfASecond(benchmark::State& state) {
  const uint64_t pending = scale("RAPPORT_BENCH_CUSTOMERS", 50'000);
  Shop shop(true);
  shop.define(1, R"({"event":"Visit","within":"30d"})");
  shop.compute();
  std::vector<std::string> records;
  for (uint64_t i = 0; i < pending; ++i) {
    const std::string user = "u" + std::to_string(i);
    Event event;
    event.workspace = kShop;
    event.timestamp = event.received_at = kStart + std::chrono::milliseconds(i);
    event.message_id = user;
    event.name = "Visit";
    event.user_id = user;
    event.body = "{}";
    records.push_back(encode_event(event));
    if (records.size() == 2'000 || i + 1 == pending) {
      shop.log->append(records);
      records.clear();
    }
  }
  shop.projector.run_to_end();
  Timestamp now = kStart + std::chrono::days(30);
  for (auto _ : state) {
    now += std::chrono::seconds(1);
    shop.store(make_time_reached(now));
  }
  state.SetItemsProcessed(state.iterations() * 1'000);
}
BENCHMARK(BM_MomentsOfASecond)->Iterations(20)->Unit(benchmark::kMillisecond);

void BM_OverlapOfSix(benchmark::State& state) {
  SeededRandom random(1);
  std::vector<CustomerSet> sets;
  for (int i = 0; i < 6; ++i) {
    CustomerSet& set = sets.emplace_back();
    while (set.size() < 500'000) {
      for (int n = 0; n < 50'000; ++n) set.add(CustomerId{1 + random.below(20'000'000)});
    }
  }
  for (auto _ : state) benchmark::DoNotOptimize(count_exact_overlaps(sets));
}
BENCHMARK(BM_OverlapOfSix)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace rapport
