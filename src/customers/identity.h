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

/// How many values of a kind one profile may hold, who yields first when a limit bites, and which
/// values never link people. Made of data, so that a workspace may have its own; the default is
/// what Segment publishes.
class IdentityRules {
 public:
  struct Kind {
    std::string kind;
    size_t limit = 5;
  };
  struct Blocked {
    std::string value;  // compared without case
    std::string kind;   // empty: of any kind
  };

  /// user_id 1, email 5, every other kind 5; no values blocked beyond the built-in ones.
  IdentityRules();
  /// `kinds` strongest first.
  IdentityRules(std::vector<Kind> kinds, size_t default_limit, std::vector<Blocked> blocked);

  size_t limit(std::string_view kind) const;
  /// Lower is stronger: the place in `kinds`; all others after them, and then by name.
  size_t priority(std::string_view kind) const;
  /// Placeholder values that must never link people ("null", "anonymous", "0", zeros and dashes, …)
  /// and those the workspace added.
  bool is_blocked(const Identifier& identifier) const;

  const std::vector<Kind>& kinds() const { return kinds_; }
  size_t default_limit() const { return default_limit_; }
  const std::vector<Blocked>& blocked() const { return blocked_; }

 private:
  std::vector<Kind> kinds_;
  size_t default_limit_;
  std::vector<Blocked> blocked_;
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
