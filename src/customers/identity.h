// Deterministic identity: which identifiers an event carries and which of them may link profiles.
//
// Pure rules, no storage: extraction of typed identifiers, blocked values, per-kind limits and
// priorities (defaults as Segment publishes them), and the decision what an event does to the
// profiles it touches. identity_stage applies the decision.
#pragma once

#include <compare>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "stream/event.h"
#include "stream/payload.h"

namespace rapport {

struct Identifier {
  std::string kind;  // "user_id", "email", "anonymous_id", "phone", "device_token", "ios.idfa", …
  std::string value;  // normalised: trimmed; e-mail in lower case
  auto operator<=>(const Identifier&) const = default;
};

/// How many values of a kind one profile may hold, and who yields first when a limit bites.
struct IdentityRules {
  /// user_id 1; every other kind 5.
  size_t limit(std::string_view kind) const { return kind == "user_id" ? 1 : 5; }
  /// Lower is stronger: user_id 1, email 2, all others 3 and then by name.
  int priority(std::string_view kind) const {
    return kind == "user_id" ? 1 : kind == "email" ? 2 : 3;
  }
  /// Placeholder values that must never link people: "null", "anonymous", "0", zeros and dashes, ….
  bool is_blocked(const Identifier& identifier) const;
};

struct ExtractedIdentifiers {
  std::vector<Identifier> usable;   // strongest first, each once
  std::vector<Identifier> blocked;  // refused by value
};

/// Reads userId, anonymousId, traits.email, context.traits.email, traits.phone,
/// context.externalIds, context.device (token, id, advertisingId by platform), and previousId of a
/// server-side alias. An alias of the browser library carries a wrong previousId and is not used.
ExtractedIdentifiers extract_identifiers(const Event& event, const Payload& payload,
                                         const IdentityRules& rules);

/// What is known of a profile that one of the event's identifiers points to.
struct CandidateProfile {
  CustomerId customer;
  std::vector<Identifier> identifiers;
};

struct IdentityDecision {
  std::vector<Identifier> linked;    // identifiers of the event that the profile holds afterwards
  std::vector<Identifier> demoted;   // left out, weakest first, because a limit would break
  std::vector<CustomerId> profiles;  // oldest first: the survivor, then those merged into it
};

/// `lookup(identifier)` tells which profile holds an identifier, 0 for none; `load(customer)` its
/// identifiers. While the linked set would break a limit the weakest identifier of the event is
/// demoted and the rest is looked at again; one identifier alone is always accepted.
IdentityDecision decide_identity(
    std::vector<Identifier> identifiers, const IdentityRules& rules,
    const std::function<CustomerId(const Identifier&)>& lookup,
    const std::function<const std::vector<Identifier>&(CustomerId)>& load);

}  // namespace rapport
