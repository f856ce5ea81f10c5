#include "messaging/campaigns/experiment.h"

#include <cmath>
#include <cstring>

#include "crypto/hash.h"
#include "messaging/campaigns/ledger_block.h"

namespace rapport {
namespace {

constexpr uint32_t kBuckets = 10'000;
// Mixing variance: the differences a marketer hopes for are some percentage points.
constexpr double kMixingDeviation = 0.03;
constexpr int64_t kLeastTrials = 100;  // of each variant, before the normal approximation holds

std::string_view as_bytes(const uint64_t& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

double rate(const VariantFigures& v) {
  return v.trials == 0 ? 0 : static_cast<double>(v.successes) / static_cast<double>(v.trials);
}

}  // namespace

uint32_t bucket_of(std::string_view purpose, uint64_t scope, CustomerId customer) {
  const auto hash = hash_128({purpose, as_bytes(scope), as_bytes(customer.value)});
  uint64_t number = 0;
  std::memcpy(&number, hash.data(), sizeof number);
  return static_cast<uint32_t>(number % kBuckets);
}

bool in_holdout(WorkspaceId workspace, CustomerId customer, int64_t percent) {
  return percent > 0 && bucket_of("holdout", workspace.value, customer) < percent * 100;
}

uint8_t assign_variant(const Campaign& campaign, CustomerId customer) {
  const CampaignPlan& plan = campaign.plan;
  if (plan.control_percent > 0 &&
      bucket_of("control", campaign.id.value, customer) < plan.control_percent * 100) {
    return kControlVariant;
  }
  const Experiment& e = plan.experiment;
  if (e.variants.empty()) return 0;
  if (e.test_percent < 100 &&
      bucket_of("test", campaign.id.value, customer) >= e.test_percent * 100) {
    return kUndecidedVariant;
  }
  const uint32_t bucket = bucket_of("variant", campaign.id.value, customer);
  int64_t upper = 0;
  for (size_t i = 0; i < e.variants.size(); ++i) {
    upper += e.variants[i].share * 100;
    if (bucket < upper) return static_cast<uint8_t>(i);
  }
  return static_cast<uint8_t>(e.variants.size() - 1);
}

double sequential_ratio(const VariantFigures& a, const VariantFigures& b) {
  if (a.trials == 0 || b.trials == 0) return 0;
  const double pa = rate(a);
  const double pb = rate(b);
  const double variance =
      pa * (1 - pa) / static_cast<double>(a.trials) + pb * (1 - pb) / static_cast<double>(b.trials);
  if (variance <= 0) return 0;
  const double mixing = kMixingDeviation * kMixingDeviation;
  const double difference = pa - pb;
  return std::sqrt(variance / (variance + mixing)) *
         std::exp(mixing * difference * difference / (2 * variance * (variance + mixing)));
}

std::optional<Decision> decide_experiment(const Experiment& experiment,
                                          const std::vector<VariantFigures>& variants,
                                          bool time_is_up) {
  if (variants.empty()) return std::nullopt;
  size_t leader = 0;
  for (size_t i = 1; i < variants.size(); ++i) {
    if (rate(variants[i]) > rate(variants[leader])) leader = i;
  }
  if (time_is_up) return Decision{leader, "time"};
  if (!experiment.sequential) return std::nullopt;
  const double pairs = static_cast<double>(variants.size() * (variants.size() - 1)) / 2;
  for (size_t i = 0; i < variants.size(); ++i) {
    if (variants[i].trials < kLeastTrials) return std::nullopt;
    if (i == leader) continue;
    if (sequential_ratio(variants[leader], variants[i]) < pairs / experiment.alpha) {
      return std::nullopt;
    }
  }
  return Decision{leader, "significant"};
}

}  // namespace rapport
