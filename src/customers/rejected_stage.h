// RejectedStage: keeps refused events with their reason, the newest limits::kMaxRejectedRows a
// workspace.
#pragma once

#include <set>

#include "stream/stage.h"

namespace rapport {

class RejectedStage final : public Stage {
 public:
  std::string_view name() const override { return "rejected"; }
  std::span<const Migration> migrations() const override;
  void apply(StagedEvent& event, StageBatch& batch) override;
  void flush(StageBatch& batch) override;
  void settled(bool committed) override;

 private:
  std::set<WorkspaceId> touched_;
};

}  // namespace rapport
