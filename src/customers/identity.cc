#include "customers/identity.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/limits.h"
#include "base/text.h"

namespace rapport {
namespace {

// Values that clients send when they know nobody (the list PostHog publishes, and Segment's).
constexpr std::array<std::string_view, 20> kBlockedIgnoringCase{"anonymous",
                                                                "guest",
                                                                "distinctid",
                                                                "distinct_id",
                                                                "id",
                                                                "not_authenticated",
                                                                "email",
                                                                "undefined",
                                                                "true",
                                                                "false",
                                                                "nan",
                                                                "none",
                                                                "null",
                                                                "nil",
                                                                "-1",
                                                                "n/a",
                                                                "na",
                                                                "unknown",
                                                                "[object object]",
                                                                "test@test.com"};

void add(std::vector<Identifier>& to, std::string kind, std::string_view value) {
  value = trim(value);
  if (value.empty() || value.size() > limits::kMaxIdentifierBytes) return;
  std::string text = kind == "email" ? to_lower_ascii(value) : std::string(value);
  if (kind == "email" && text.find('@') == std::string::npos) return;
  to.push_back({std::move(kind), std::move(text)});
}

/// What may name a kind of identifier: "ga_client_id", "ios.idfa".
bool is_kind_name(std::string_view name) {
  return !name.empty() && name.size() <= limits::kMaxIdentifierKindBytes &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '_' || c == '.' || c == '-';
         });
}

void add_optional(std::vector<Identifier>& to, std::string_view kind,
                  const std::optional<std::string>& value) {
  if (value) add(to, std::string(kind), *value);
}

bool is_browser_alias(const Event& event, const Payload& payload) {
  if (event.type != EventType::kAlias) return false;
  const auto library = payload.text("context.library.name");
  return library && (*library == "analytics.js" || *library == "analytics-next");
}

void add_device(std::vector<Identifier>& to, const Payload& payload) {
  const auto type = payload.text("context.device.type");
  if (!type) return;
  const std::string platform = to_lower_ascii(*type);
  if (platform != "ios" && platform != "android") return;
  add_optional(to, platform + ".id", payload.text("context.device.id"));
  add_optional(to, platform + ".idfa", payload.text("context.device.advertisingId"));
  add_optional(to, platform + ".push_token", payload.text("context.device.token"));
}

}  // namespace

IdentityRules::IdentityRules() : IdentityRules({{"user_id", 1}, {"email", 5}}, 5, {}) {}

IdentityRules::IdentityRules(std::vector<Kind> kinds, size_t default_limit,
                             std::vector<Blocked> blocked)
    : kinds_(std::move(kinds)), default_limit_(default_limit), blocked_(std::move(blocked)) {}

size_t IdentityRules::priority(std::string_view kind) const {
  const auto it = std::find_if(kinds_.begin(), kinds_.end(),
                               [&](const Kind& known) { return known.kind == kind; });
  return static_cast<size_t>(it - kinds_.begin());
}

size_t IdentityRules::limit(std::string_view kind) const {
  const size_t place = priority(kind);
  return place < kinds_.size() ? kinds_[place].limit : default_limit_;
}

bool IdentityRules::is_blocked(const Identifier& identifier) const {
  std::string_view value = identifier.value;
  if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') &&
      value.back() == value.front()) {
    value = value.substr(1, value.size() - 2);
  }
  // The pattern ^[0-]*$ that Segment suggests.
  if (value.find_first_not_of("0-") == std::string_view::npos) return true;
  const bool placeholder =
      std::any_of(kBlockedIgnoringCase.begin(), kBlockedIgnoringCase.end(),
                  [&](std::string_view blocked) { return equals_ignore_case(value, blocked); });
  return placeholder || std::any_of(blocked_.begin(), blocked_.end(), [&](const Blocked& blocked) {
           return (blocked.kind.empty() || blocked.kind == identifier.kind) &&
                  equals_ignore_case(value, blocked.value);
         });
}

ExtractedIdentifiers extract_identifiers(const Event& event, const Payload& payload,
                                         const IdentityRules& rules) {
  std::vector<Identifier> all;
  add(all, "user_id", event.user_id);
  add(all, "anonymous_id", event.anonymous_id);
  if (event.type == EventType::kIdentify) {
    add_optional(all, "email", payload.text("traits.email"));
    add_optional(all, "phone", payload.text("traits.phone"));
  }
  add_optional(all, "email", payload.text("context.traits.email"));
  add_optional(all, "phone", payload.text("context.traits.phone"));
  add_device(all, payload);
  payload.each_object("context.externalIds", [&](const auto& field) {
    const auto collection = field("collection");
    if (collection && *collection != "users") return;
    const auto type = field("type");
    const auto id = field("id");
    if (type && id && is_kind_name(*type)) add(all, to_lower_ascii(*type), *id);
  });
  if (event.type == EventType::kAlias && !is_browser_alias(event, payload) &&
      event.related_id != event.user_id) {
    add(all, "anonymous_id", event.related_id);
  }
  ExtractedIdentifiers result;
  for (Identifier& identifier : all) {
    auto& list = rules.is_blocked(identifier) ? result.blocked : result.usable;
    if (std::find(list.begin(), list.end(), identifier) == list.end()) {
      list.push_back(std::move(identifier));
    }
  }
  std::stable_sort(result.usable.begin(), result.usable.end(),
                   [&](const Identifier& a, const Identifier& b) {
                     const size_t pa = rules.priority(a.kind);
                     const size_t pb = rules.priority(b.kind);
                     return pa != pb ? pa < pb : a < b;
                   });
  return result;
}

IdentityDecision decide_identity(
    std::vector<Identifier> identifiers, const IdentityRules& rules,
    const std::function<CustomerId(const Identifier&)>& lookup,
    const std::function<const std::vector<Identifier>&(CustomerId)>& load) {
  IdentityDecision decision;
  std::vector<CustomerId> owners;
  for (const Identifier& identifier : identifiers) owners.push_back(lookup(identifier));
  while (true) {
    std::vector<CustomerId> profiles(owners.begin(), owners.end());
    std::sort(profiles.begin(), profiles.end());
    profiles.erase(std::unique(profiles.begin(), profiles.end()), profiles.end());
    if (!profiles.empty() && profiles.front().value == 0) profiles.erase(profiles.begin());

    const bool all_known =
        std::none_of(owners.begin(), owners.end(), [](CustomerId c) { return c.value == 0; });
    bool fits = true;
    // The common case, one profile that holds them all already, needs no counting.
    if (!(all_known && profiles.size() <= 1) && identifiers.size() > 1) {
      std::set<Identifier> held(identifiers.begin(), identifiers.end());
      for (const CustomerId profile : profiles) {
        const auto& known = load(profile);
        held.insert(known.begin(), known.end());
      }
      std::map<std::string_view, size_t> counts;
      for (const Identifier& identifier : held) {
        if (++counts[identifier.kind] > rules.limit(identifier.kind)) fits = false;
      }
    }
    if (fits || identifiers.size() <= 1) {
      decision.linked = std::move(identifiers);
      decision.profiles = std::move(profiles);
      return decision;
    }
    decision.demoted.push_back(std::move(identifiers.back()));
    identifiers.pop_back();
    owners.pop_back();
  }
}

}  // namespace rapport
