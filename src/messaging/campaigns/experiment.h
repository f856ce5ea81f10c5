// Experiment rules: who gets which variant, who is held back, and when a winner is known. Pure.
//
// Assignment is a hash of the campaign and the customer, so it is the same at every look. The
// sequential decision is the mixture sequential probability ratio test for two proportions: H.
// Robbins, "Statistical Methods Related to the Law of the Iterated Logarithm", Ann. Math. Stat. 41
// (1970); R. Johari, P. Koomen, L. Pekelis, D. Walsh, "Peeking at A/B Tests", KDD 2017, equation
// (4) for normal mixing. Looking at every moment keeps its error below alpha. With several
// variants the leader must win against each of the others; alpha is shared among all pairs
// (Bonferroni).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "messaging/campaign.h"

namespace rapport {

/// What is known of one variant: of `trials` recipients `successes` did it.
struct VariantFigures {
  int64_t trials = 0;
  int64_t successes = 0;
};

/// A number from 0 to 9,999 that depends on nothing but its arguments.
uint32_t bucket_of(std::string_view purpose, uint64_t scope, CustomerId customer);

/// True for the workspace's control group of `percent`: the same people for every campaign.
bool in_holdout(WorkspaceId workspace, CustomerId customer, int64_t percent);

/// The variant of a recipient, or kControlVariant, kUndecidedVariant. 0 without an experiment.
uint8_t assign_variant(const Campaign& campaign, CustomerId customer);

/// Mixture likelihood ratio against "both rates are equal"; above 1/alpha it is refuted.
double sequential_ratio(const VariantFigures& a, const VariantFigures& b);

struct Decision {
  size_t winner = 0;
  std::string reason;  // "significant" or "time"
};

/// Null while the test goes on. `time_is_up` decides by the higher rate, the first when equal.
std::optional<Decision> decide_experiment(const Experiment& experiment,
                                          const std::vector<VariantFigures>& variants,
                                          bool time_is_up);

}  // namespace rapport
