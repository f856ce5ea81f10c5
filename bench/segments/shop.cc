#include "segments/shop.h"

#include <fmt/format.h>

#include <deque>
#include <random>
#include <string>

namespace rapport::bench {
namespace {

constexpr std::string_view kCountries[] = {"VN", "DE", "TW", "US", "JP", "FR", "GB", "TH"};
constexpr std::string_view kCities[] = {"Đà Nẵng", "Hà Nội", "Huế", "Berlin", "台北", "Lyon"};
constexpr std::string_view kPlans[] = {"free", "free", "free", "plus", "pro"};
// One draw of a hundred each.
constexpr std::string_view kNames[] = {"Product Viewed", "Product Added",  "Order Completed",
                                       "Message Opened", "Order Refunded", "Page Viewed"};
constexpr uint64_t kShares[] = {40, 55, 65, 72, 74, 100};

class Batch {
 public:
  Batch(Warehouse& warehouse) : warehouse_(warehouse) {}
  std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }
  Offset next() { return ++offset_; }
  WarehouseBatch& rows() { return batch_; }
  void flush(bool force) {
    if (!force && batch_.events.size() + batch_.traits.size() < 100'000) return;
    batch_.through = offset_;
    warehouse_.append(batch_);
    batch_.clear();
    texts_.clear();
  }

 private:
  Warehouse& warehouse_;
  WarehouseBatch batch_;
  std::deque<std::string> texts_;
  Offset offset_ = 0;
};

void add_customer(Batch& batch, uint64_t id, std::mt19937_64& chance, Timestamp now) {
  const WorkspaceId workspace{1};
  const Timestamp at = now - std::chrono::days(370 + chance() % 300);
  batch.rows().customers.push_back({batch.next(), workspace, {id}, at});
  if (id % 50 == 0) batch.rows().successors.push_back({workspace, {id}, {id - 1}});
  const auto trait = [&](std::string_view name, std::string value) {
    batch.rows().traits.push_back(
        {batch.next(), workspace, {id}, name, batch.keep(std::move(value)), at});
  };
  trait("country", fmt::format("\"{}\"", kCountries[chance() % std::size(kCountries)]));
  trait("city", fmt::format("\"{}\"", kCities[chance() % std::size(kCities)]));
  trait("plan", fmt::format("\"{}\"", kPlans[chance() % std::size(kPlans)]));
  trait("age", fmt::format("{}", 18 + chance() % 60));
  trait("birthday", fmt::format("\"{}-{:02}-{:02}\"", 1950 + chance() % 55, 1 + chance() % 12,
                                1 + chance() % 28));
}

}  // namespace

void fill_shop(Warehouse& warehouse, uint64_t customers, uint64_t events, Timestamp now) {
  std::mt19937_64 chance(7);
  Batch batch(warehouse);
  for (uint64_t id = 1; id <= customers; ++id) {
    add_customer(batch, id, chance, now);
    batch.flush(false);
  }
  const Timestamp begin = now - std::chrono::days(365);
  const double step = double((now - begin).count()) / double(events);
  for (uint64_t n = 0; n < events; ++n) {
    const uint64_t draw = chance() % 100;
    size_t kind = 0;
    while (draw >= kShares[kind]) ++kind;
    // Some customers do much, most do little.
    const uint64_t id = 1 + chance() % (1 + chance() % customers);
    const Timestamp at = begin + Micros(int64_t(double(n) * step));
    batch.rows().events.push_back(
        {batch.next(),
         WorkspaceId{1},
         {id},
         1,
         kNames[kind],
         at,
         at,
         "m",
         batch.keep(fmt::format(
             R"({{"total":{}.{:02},"currency":"EUR","sku":"sku-{}","campaign_id":"cmp_{}"}})",
             chance() % 300, chance() % 100, chance() % 500, chance() % 9))});
    batch.flush(false);
  }
  batch.flush(true);
}

}  // namespace rapport::bench
