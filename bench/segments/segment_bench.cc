// Twelve reference conditions, as compiled, beside the best query written by hand for the same
// question, in one run over one generated shop.
//
//   rapport_segment_bench --customers 1000000 --events 20000000
//
// Each question is asked in turn both ways, `--rounds` times; the fastest of each counts. Beside
// them the slowest preview (count, sample and cost) of the rounds. A count that differs between the
// two ways ends the run with 1. Files go to TMPDIR.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits/segments.h"
#include "runtime/clock.h"
#include "segments/reference_questions.h"
#include "segments/segment_evaluator.h"
#include "segments/segment_functions.h"
#include "segments/shop.h"

namespace {

using namespace rapport;

struct Options {
  uint64_t customers = 20'000;
  uint64_t events = 400'000;
  int rounds = 5;
  int threads = 2;
};

Options read_options(int argc, char** argv) {
  Options out;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const uint64_t value = std::strtoull(argv[i + 1], nullptr, 10);
    if (name == "--customers") out.customers = value;
    if (name == "--events") out.events = value;
    if (name == "--rounds") out.rounds = static_cast<int>(value);
    if (name == "--threads") out.threads = static_cast<int>(value);
  }
  return out;
}

struct Timed {
  uint64_t count = 0;
  double ms = 1e300;
  double slowest_ms = 0;
  void take(uint64_t found, double took) {
    count = found;
    ms = std::min(ms, took);
    slowest_ms = std::max(slowest_ms, took);
  }
};

template <class Ask>
void ask(Timed& timed, const Ask& question) {
  const auto begin = std::chrono::steady_clock::now();
  const uint64_t count = question();
  timed.take(
      count,
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
}

uint64_t count_by_hand(const Warehouse& warehouse, const std::string& sql, Timestamp now) {
  uint64_t count = 0;
  const std::vector<WarehouseValue> parameters{uint64_t{1}, to_micros(now)};
  warehouse.query("SELECT count(*) FROM (" + sql + ")", parameters,
                  [&](const WarehouseRow& row) { count = static_cast<uint64_t>(row.integer(0)); });
  return count;
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = read_options(argc, argv);
  const auto folder =
      std::filesystem::temp_directory_path() / fmt::format("rapport-sb-{}", getpid());
  std::filesystem::create_directories(folder);
  int status = 0;
  {
    const auto warehouse = open_duckdb_warehouse((folder / "w.duckdb").string(),
                                                 {.memory_limit_mib = 1'500,
                                                  .threads = options.threads,
                                                  .query_deadline = std::chrono::minutes(5),
                                                  .functions = segment_functions()});
    const Timestamp now = *parse_timestamp("2026-03-01T12:00:00Z");
    bench::fill_shop(*warehouse, options.customers, options.events, now);
    const ManualClock clock(now);
    const SegmentEvaluator evaluator(*warehouse, clock);
    fmt::print("{} customers, {} events\n{:<34}{:>10}{:>12}{:>12}{:>8}{:>14}{:>12}\n",
               options.customers, options.events, "condition", "members", "by hand ms",
               "compiled ms", "ratio", "estimated ms", "preview ms");
    for (const bench::ReferenceQuestion& q : bench::reference_questions()) {
      const Condition condition = parse_condition(q.condition);
      Timed hand;
      Timed compiled;
      Timed preview;
      for (int i = 0; i < options.rounds; ++i) {
        ask(hand, [&] { return count_by_hand(*warehouse, q.by_hand, now); });
        ask(compiled, [&] { return evaluator.count({1}, condition, now); });
        ask(preview, [&] {
          evaluator.cost({1}, condition, now);
          return evaluator.preview({1}, condition, limits::kSegmentSample, now).count;
        });
      }
      fmt::print("{:<34}{:>10}{:>12.1f}{:>12.1f}{:>8.2f}{:>14}{:>12.1f}{}\n", q.name,
                 compiled.count, hand.ms, compiled.ms, compiled.ms / hand.ms,
                 evaluator.cost({1}, condition, now).time.count(), preview.slowest_ms,
                 hand.count == compiled.count ? "" : "  DIFFERS");
      if (hand.count != compiled.count) status = 1;
    }
  }
  std::filesystem::remove_all(folder);
  return status;
}
