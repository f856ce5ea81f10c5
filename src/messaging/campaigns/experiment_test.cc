#include "messaging/campaigns/experiment.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "messaging/campaigns/ledger_block.h"
#include "messaging/campaigns/statistics.h"
#include "runtime/random.h"

namespace rapport {
namespace {

Campaign experiment_of(std::vector<int64_t> shares, int64_t test_percent, int64_t control) {
  Campaign campaign;
  campaign.id = CampaignId{3};
  campaign.plan.control_percent = control;
  campaign.plan.experiment.test_percent = test_percent;
  for (const int64_t share : shares) {
    Variant variant;
    variant.share = share;
    campaign.plan.experiment.variants.push_back(std::move(variant));
  }
  return campaign;
}

TEST(Experiment, SharesAreKept) {
  const Campaign campaign = experiment_of({20, 30, 50}, 40, 10);
  std::map<int, int> counts;
  for (uint64_t i = 1; i <= 20'000; ++i) {
    const uint8_t variant = assign_variant(campaign, CustomerId{i});
    EXPECT_EQ(variant, assign_variant(campaign, CustomerId{i}));
    ++counts[variant];
  }
  EXPECT_NEAR(counts[kControlVariant], 2'000, 200);
  EXPECT_NEAR(counts[kUndecidedVariant], 10'800, 400);
  EXPECT_NEAR(counts[0], 1'440, 150);
  EXPECT_NEAR(counts[1], 2'160, 200);
  EXPECT_NEAR(counts[2], 3'600, 250);
}

TEST(Experiment, AHoldoutGrowsWithoutLosingAnybody) {
  int in_five = 0;
  for (uint64_t i = 1; i <= 10'000; ++i) {
    const bool five = in_holdout(WorkspaceId{1}, CustomerId{i}, 5);
    in_five += five ? 1 : 0;
    if (five) {
      EXPECT_TRUE(in_holdout(WorkspaceId{1}, CustomerId{i}, 8));
    }
    EXPECT_FALSE(in_holdout(WorkspaceId{1}, CustomerId{i}, 0));
  }
  EXPECT_NEAR(in_five, 500, 100);
}

// The promise of the test: looked at after every recipient, equal variants are told apart in at
// most alpha of the experiments; different ones nearly always.
TEST(Experiment, LookingAllTheTimeKeepsTheErrorBelowAlpha) {
  Experiment e = experiment_of({50, 50}, 100, 0).plan.experiment;
  e.sequential = true;
  e.metric = WinnerMetric::kOpen;
  SeededRandom random(11);
  const auto decided = [&](uint64_t a_percent, uint64_t b_percent) {
    std::vector<VariantFigures> v(2);
    for (int n = 0; n < 3'000; ++n) {
      ++v[0].trials;
      ++v[1].trials;
      v[0].successes += random.below(100) < a_percent ? 1 : 0;
      v[1].successes += random.below(100) < b_percent ? 1 : 0;
      if (decide_experiment(e, v, false)) return true;
    }
    return false;
  };
  int wrong = 0;
  int found = 0;
  for (int i = 0; i < 300; ++i) wrong += decided(20, 20) ? 1 : 0;
  for (int i = 0; i < 50; ++i) found += decided(20, 27) ? 1 : 0;
  EXPECT_LE(wrong, 24);  // 5 % of 300 is 15
  EXPECT_GE(found, 48);
}

TEST(Experiment, TimeDecidesForTheHigherRate) {
  Experiment e = experiment_of({50, 50}, 100, 0).plan.experiment;
  EXPECT_FALSE(decide_experiment(e, {{100, 50}, {100, 10}}, false));
  EXPECT_EQ(decide_experiment(e, {{100, 10}, {100, 11}}, true)->winner, 1u);
  EXPECT_EQ(decide_experiment(e, {{0, 0}, {0, 0}}, true)->winner, 0u);
  e.sequential = true;
  EXPECT_FALSE(decide_experiment(e, {{99, 99}, {99, 0}}, false));
  const auto sure = decide_experiment(e, {{5'000, 500}, {5'000, 900}}, false);
  ASSERT_TRUE(sure);
  EXPECT_EQ(sure->winner, 1u);
  EXPECT_EQ(sure->reason, "significant");
}

// Newcombe 1998, table II, row (a): 56/70 and 48/80, method 10: 0.0524 to 0.3339.
TEST(Statistics, AgreesWithThePublishedExample) {
  const Interval interval = difference_interval({56, 70}, {48, 80});
  EXPECT_NEAR(interval.low, 0.0524, 5e-5);
  EXPECT_NEAR(interval.high, 0.3339, 5e-5);
  const Interval none = difference_interval({10, 10}, {0, 10});
  EXPECT_GT(none.low, 0.5);
  EXPECT_LE(none.high, 1.0);
  EXPECT_FALSE(relative_interval({5, 10}, {0, 10}));
  const auto relative = relative_interval({60, 100}, {30, 100});
  EXPECT_GT(relative->low, 0.4);
  EXPECT_LT(relative->high, 2.0);
  EXPECT_EQ(wilson_interval({0, 0}).high, 1);
}

TEST(LedgerBlocks, ComeBackAsTheyWent) {
  SeededRandom random(5);
  std::vector<LedgerEntry> entries;
  uint64_t customer = 0;
  for (int i = 0; i < 1'000; ++i) {
    customer += 1 + random.below(1 + (uint64_t{1} << random.below(40)));
    entries.push_back({CustomerId{customer}, static_cast<uint8_t>(random.below(256))});
  }
  const std::string bytes = encode_recipients(entries);
  EXPECT_EQ(decode_recipients(bytes), entries);
  EXPECT_THROW(decode_recipients(std::string_view(bytes).substr(0, bytes.size() - 1)), Error);
  EXPECT_GE(ledger_weight(kBlockEvent, bytes.size() / 3 * 4), entries.size() / 2);
  EXPECT_TRUE(is_block_message(block_message_id(1, 0)));
  EXPECT_TRUE(is_block_message(block_message_id(uint64_t{1} << 40, 4'095)));
  EXPECT_FALSE(is_block_message(MessageId{1'234}));
}

}  // namespace
}  // namespace rapport
