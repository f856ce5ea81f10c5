// The topics' rows in control.db. Functions of an open connection; transactions are the caller's.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/limits/permission.h"
#include "messaging/permission/topic.h"
#include "storage/state_store.h"

namespace rapport::topic_store {

std::span<const Migration> migrations();

TopicId add(Connection& c, const Topic& topic);
std::optional<Topic> find(Connection& c, WorkspaceId workspace, TopicId id);
/// All of a workspace, by id; at most limits::kMaxTopics.
std::vector<Topic> list(Connection& c, WorkspaceId workspace);
void update(Connection& c, const Topic& topic);

}  // namespace rapport::topic_store
