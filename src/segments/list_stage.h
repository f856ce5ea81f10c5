// ListStage: who is on each list, from the program's own list events; and reading it back.
//
// Of a customer's events of one list the latest decides, by time, then place in the log, whatever
// the order in which they come; a merged customer's stand with those of the survivor. Runs after
// IdentityStage. Concurrency: the projector's thread; the read functions from any.
#pragma once

#include <optional>
#include <vector>

#include "base/ids.h"
#include "stream/stage.h"

namespace rapport {

class ListStage final : public Stage {
 public:
  std::string_view name() const override { return "lists"; }
  std::span<const Migration> migrations() const override;
  void apply(StagedEvent& event, StageBatch& batch) override;
};

/// Members with an id above `after`, by id.
std::vector<CustomerId> list_members(Connection& state, WorkspaceId workspace, ListId list,
                                     CustomerId after, size_t limit);
uint64_t count_list_members(Connection& state, WorkspaceId workspace, ListId list);

}  // namespace rapport
