// TopicService: the topics of a workspace. Every change is in the audit trail. Thread-safe; calls
// block, except `find` and `list` of a workspace whose topics are in memory, which change with it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "access/audit_service.h"
#include "base/limits/permission.h"
#include "messaging/permission/topic.h"
#include "runtime/clock.h"
#include "storage/state_store.h"

namespace rapport {

class TopicService {
 public:
  TopicService(StateStore& control, AuditService& audit, const Clock& clock);

  /// Who is told after each change; before requests are served.
  void on_change(std::function<void()> told) { told_ = std::move(told); }

  /// kUnprocessable beyond limits::kMaxTopics.
  Topic create(Topic topic, const Actor& actor);
  /// The text's version grows. kNotFound when it is not there.
  Topic update(Topic topic, const Actor& actor);
  /// Archives: what people agreed to stays on record.
  void archive(WorkspaceId workspace, TopicId id, const Actor& actor);
  /// kNotFound when it is not there.
  Topic get(WorkspaceId workspace, TopicId id) const;
  std::optional<Topic> find(WorkspaceId workspace, TopicId id) const;
  /// By id; shared and never changed.
  std::shared_ptr<const std::vector<Topic>> list(WorkspaceId workspace) const;

 private:
  void changed(WorkspaceId workspace);

  StateStore& control_;
  AuditService& audit_;
  const Clock& clock_;
  std::function<void()> told_;
  mutable std::mutex mutex_;
  mutable uint64_t changes_ = 0;  // under mutex_
  mutable std::map<WorkspaceId, std::shared_ptr<const std::vector<Topic>>> cache_;
};

}  // namespace rapport
