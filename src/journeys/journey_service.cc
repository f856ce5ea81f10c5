#include "journeys/journey_service.h"

#include <fmt/format.h>

#include "access/access_schema.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/limits/journeys.h"

namespace rapport {
namespace {

void put_document(Journey& journey, JourneyDocument document) {
  journey.name = document.name;
  journey.entry = kind_of(document.entry);
  journey.steps = static_cast<uint32_t>(document.steps.size());
  journey.document = std::move(document);
}

Journey found(Connection& c, WorkspaceId workspace, JourneyId id) {
  auto journey = journey_store::find(c, workspace, id);
  if (!journey) throw Error::not_found("journey");
  return std::move(*journey);
}

Error refusal(const std::vector<JourneyFault>& faults) {
  Error error(ErrorCode::kUnprocessable, "The journey could not run as it is drawn.");
  size_t told = 0;
  for (const JourneyFault& fault : faults) {
    if (!is_error(fault.code) || told == limits::kMaxFieldErrors) continue;
    std::string field = "document";
    if (!fault.step.empty()) field += ".steps." + fault.step;
    if (!fault.member.empty()) field += "." + fault.member;
    error.with_field(std::move(field), fmt::format("{}: {}", name_of(fault.code), fault.message));
    ++told;
  }
  return error;
}

}  // namespace

JourneyService::JourneyService(StateStore& control, AuditService& audit, const Clock& clock,
                               JourneyReferences references)
    : control_(control), audit_(audit), clock_(clock), references_(std::move(references)) {
  migrate_journeys(control_);
}

Journey JourneyService::create(WorkspaceId workspace, JourneyDocument document,
                               const Actor& actor) {
  Journey journey;
  journey.workspace = workspace;
  put_document(journey, std::move(document));
  control_.write([&](Connection& c) {
    if (journey_store::count(c, workspace) >= limits::kMaxJourneys) {
      throw Error(ErrorCode::kUnprocessable,
                  fmt::format("A workspace has at most {} journeys.", limits::kMaxJourneys));
    }
    journey.id = JourneyId{next_access_id(c, "journeys")};
    journey.created_at = journey.updated_at = clock_.now();
    journey_store::insert(c, journey);
    audit_.record(c, workspace, actor, "journey.create", to_public(journey.id), journey.name);
  });
  return journey;
}

Journey JourneyService::update(WorkspaceId workspace, JourneyId id, JourneyDocument document,
                               std::optional<uint64_t> revision, const Actor& actor) {
  return control_.write_value([&](Connection& c) {
    Journey journey = found(c, workspace, id);
    if (revision && *revision != journey.revision) {
      throw Error(ErrorCode::kConflict, "The journey was saved by somebody else since.")
          .with_field("revision", fmt::format("is {} by now", journey.revision));
    }
    put_document(journey, std::move(document));
    ++journey.revision;
    journey.updated_at = clock_.now();
    journey_store::update(c, journey);
    audit_.record(c, workspace, actor, "journey.update", to_public(id), journey.name);
    return journey;
  });
}

void JourneyService::remove(WorkspaceId workspace, JourneyId id, const Actor& actor) {
  control_.write([&](Connection& c) {
    const Journey journey = found(c, workspace, id);
    journey_store::remove(c, workspace, id);
    audit_.record(c, workspace, actor, "journey.remove", to_public(id), journey.name);
  });
}

Journey JourneyService::get(WorkspaceId workspace, JourneyId id) const {
  return control_.read_value([&](Connection& c) { return found(c, workspace, id); });
}

std::vector<JourneySummary> JourneyService::list(WorkspaceId workspace, JourneyId before,
                                                 size_t limit) const {
  return control_.read_value(
      [&](Connection& c) { return journey_store::list(c, workspace, before, limit); });
}

std::vector<JourneyFault> JourneyService::check(const Journey& journey) const {
  return check_journey(journey.document, journey.workspace, clock_.now(), references_);
}

JourneyVersion JourneyService::keep_version(WorkspaceId workspace, JourneyId id,
                                            const Actor& actor) {
  // The check asks other services, which have transactions of their own: it comes first, and what
  // it saw must still be the draft when the version is written.
  const Journey checked = get(workspace, id);
  const auto faults = check(checked);
  if (has_error(faults)) throw refusal(faults);
  return control_.write_value([&](Connection& c) {
    Journey journey = found(c, workspace, id);
    if (journey.revision != checked.revision) {
      throw Error(ErrorCode::kConflict, "The journey was saved by somebody else meanwhile.");
    }
    std::string document = to_json(journey.document);
    if (auto last = journey_store::find_version(c, workspace, id, journey.version)) {
      if (last->document == document) return std::move(*last);
    }
    if (journey.version >= limits::kMaxJourneyVersions) {
      throw Error(ErrorCode::kUnprocessable,
                  fmt::format("A journey has at most {} versions.", limits::kMaxJourneyVersions));
    }
    JourneyVersion version{++journey.version, std::move(document), clock_.now(), actor.label};
    journey_store::insert_version(c, workspace, id, version);
    journey_store::update(c, journey);
    audit_.record(c, workspace, actor, "journey.keep_version", to_public(id),
                  fmt::format("{} ({})", journey.name, version.number));
    return version;
  });
}

JourneyVersion JourneyService::get_version(WorkspaceId workspace, JourneyId id,
                                           uint32_t number) const {
  return control_.read_value([&](Connection& c) {
    auto version = journey_store::find_version(c, workspace, id, number);
    if (!version) throw Error::not_found("journey version");
    return std::move(*version);
  });
}

std::vector<JourneyVersion> JourneyService::list_versions(WorkspaceId workspace, JourneyId id,
                                                          uint32_t before, size_t limit) const {
  return control_.read_value([&](Connection& c) {
    found(c, workspace, id);
    return journey_store::list_versions(c, workspace, id, before, limit);
  });
}

std::vector<JourneySummary> JourneyService::users_of(WorkspaceId workspace,
                                                     std::string_view public_id) const {
  return control_.read_value(
      [&](Connection& c) { return journey_store::list_naming(c, workspace, public_id); });
}

}  // namespace rapport
