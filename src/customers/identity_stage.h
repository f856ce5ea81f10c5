// IdentityStage: gives every event its customer; creates, extends and merges profiles.
//
// Operation: identifiers are looked up through a bounded cache in front of state.db; the decision
// of identity.h is written at once inside the batch's transaction. A new profile's id is the offset
// of the event that made it; of several profiles the oldest survives. Every link keeps the event
// and the reason; every refusal by a blocked value or a limit is a row of `identity_decisions`.
// A workspace's own rules are a system event too, so that a replay decides as it was decided then.
// First of all stages. Concurrency: the projector's thread.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "customers/identifier_cache.h"
#include "customers/identity.h"
#include "stream/stage.h"

namespace rapport {

class IdentityStage final : public Stage {
 public:
  std::string_view name() const override { return "identity"; }
  std::span<const Migration> migrations() const override;
  void apply(StagedEvent& event, StageBatch& batch) override;
  void settled(bool committed) override;

 private:
  CustomerId find_owner(Connection& state, WorkspaceId workspace, const Identifier& identifier);
  const std::vector<Identifier>& load_identifiers(Connection& state, CustomerId customer);
  void create(StagedEvent& event, StageBatch& batch);
  void link(const StagedEvent& event, StageBatch& batch, const Identifier& identifier,
            const std::vector<Identifier>& linked, bool created);
  void merge(const StagedEvent& event, StageBatch& batch, CustomerId loser,
             const std::vector<Identifier>& linked);
  void record_refusals(const StagedEvent& event, StageBatch& batch,
                       const std::vector<Identifier>& refused, std::string_view reason);
  const IdentityRules& rules_of(Connection& state, WorkspaceId workspace);
  void change_rules(const StagedEvent& event, StageBatch& batch);

  std::unordered_map<WorkspaceId, IdentityRules> rules_;
  IdentifierCache owners_;
  std::unordered_map<CustomerId, std::vector<Identifier>> loaded_;  // of this event only
};

/// Name of the system event that carries a workspace's rules as its properties.
inline constexpr std::string_view kIdentityRulesEvent = "Identity Rules Changed";
/// The rules in force, as they stand in state.db.
IdentityRules read_identity_rules(Connection& state, WorkspaceId workspace);

}  // namespace rapport
