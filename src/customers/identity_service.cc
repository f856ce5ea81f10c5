#include "customers/identity_service.h"

#include <set>

#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "customers/identity_stage.h"

namespace rapport {
namespace {

constexpr std::chrono::milliseconds kApplyWait{5'000};

std::string place(std::string_view list, size_t index, std::string_view field) {
  return std::string(list) + "[" + std::to_string(index) + "]." + std::string(field);
}

void check(const IdentityRules& rules) {
  if (rules.kinds().size() > limits::kMaxIdentityKinds) {
    throw Error::invalid("kinds", "has more than " + std::to_string(limits::kMaxIdentityKinds));
  }
  if (rules.blocked().size() > limits::kMaxBlockedValues) {
    throw Error::invalid("blocked", "has more than " + std::to_string(limits::kMaxBlockedValues));
  }
  const auto in_range = [](size_t limit) {
    return limit >= 1 && limit <= limits::kMaxIdentifierLimit;
  };
  const std::string range = "must be from 1 to " + std::to_string(limits::kMaxIdentifierLimit);
  if (!in_range(rules.default_limit())) throw Error::invalid("default_limit", range);
  std::set<std::string_view> seen;
  for (size_t i = 0; i < rules.kinds().size(); ++i) {
    const auto& kind = rules.kinds()[i];
    if (kind.kind.empty() || kind.kind.size() > limits::kMaxIdentifierKindBytes) {
      throw Error::invalid(place("kinds", i, "kind"), "must be a name of up to 64 bytes");
    }
    if (!seen.insert(kind.kind).second) {
      throw Error::invalid(place("kinds", i, "kind"), "is there twice");
    }
    if (!in_range(kind.limit)) throw Error::invalid(place("kinds", i, "limit"), range);
  }
  for (size_t i = 0; i < rules.blocked().size(); ++i) {
    const auto& blocked = rules.blocked()[i];
    if (blocked.value.empty() || blocked.value.size() > limits::kMaxIdentifierBytes) {
      throw Error::invalid(place("blocked", i, "value"), "must be a text of up to 500 bytes");
    }
  }
}

std::string to_body(const IdentityRules& rules) {
  std::string kinds;
  for (const auto& kind : rules.kinds()) {
    kinds += (kinds.empty() ? "" : ",") + ("{\"kind\":" + json_quote(kind.kind)) +
             ",\"limit\":" + std::to_string(kind.limit) + "}";
  }
  std::string blocked;
  for (const auto& value : rules.blocked()) {
    blocked += (blocked.empty() ? "" : ",") + ("{\"value\":" + json_quote(value.value));
    if (!value.kind.empty()) blocked += ",\"kind\":" + json_quote(value.kind);
    blocked += "}";
  }
  return "{\"properties\":{\"default_limit\":" + std::to_string(rules.default_limit()) +
         ",\"kinds\":[" + kinds + "],\"blocked\":[" + blocked + "]}}";
}

}  // namespace

IdentityService::IdentityService(const StateStore& state, LogWriter& writer, Projector& projector,
                                 AuditService& audit, const Clock& clock, Random& random)
    : state_(state),
      writer_(writer),
      projector_(projector),
      audit_(audit),
      clock_(clock),
      random_(random) {}

IdentityRules IdentityService::get(WorkspaceId workspace) const {
  return state_.read_value([&](Connection& c) { return read_identity_rules(c, workspace); });
}

void IdentityService::put(WorkspaceId workspace, const IdentityRules& rules, const Actor& actor) {
  check(rules);
  const std::string body = to_body(rules);
  const std::string id = make_uuid(random_);
  Event event;
  event.workspace = workspace;
  event.origin = EventOrigin::kSystem;
  event.timestamp = event.received_at = clock_.now();
  event.message_id = id;
  event.name = kIdentityRulesEvent;
  event.body = body;
  std::vector<NewEvent> events;
  events.push_back(make_new_event(event));
  const Offset offset = writer_.append(std::move(events)).last;
  audit_.record(workspace, actor, "identity.rules", to_public(workspace));
  if (!projector_.wait_applied(offset, kApplyWait)) {
    throw Error(ErrorCode::kUnavailable, "The rules are stored and will apply soon")
        .with_retry_after(std::chrono::seconds(5));
  }
}

}  // namespace rapport
