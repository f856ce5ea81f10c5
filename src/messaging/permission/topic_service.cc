#include "messaging/permission/topic_service.h"

#include <algorithm>

#include "base/error.h"
#include "base/limits/permission.h"
#include "messaging/permission/topic_store.h"

namespace rapport {

TopicService::TopicService(StateStore& control, AuditService& audit, const Clock& clock)
    : control_(control), audit_(audit), clock_(clock) {
  control_.migrate("topics", topic_store::migrations());
}

void TopicService::changed(WorkspaceId workspace) {
  const std::lock_guard lock(mutex_);
  ++changes_;
  cache_.erase(workspace);
}

Topic TopicService::create(Topic topic, const Actor& actor) {
  check_topic(topic);
  topic.created_at = topic.updated_at = clock_.now();
  control_.write([&](Connection& c) {
    if (topic_store::list(c, topic.workspace).size() >= limits::kMaxTopics) {
      throw Error(ErrorCode::kUnprocessable,
                  "A workspace has at most " + std::to_string(limits::kMaxTopics) + " topics");
    }
    topic.id = topic_store::add(c, topic);
    audit_.record(c, topic.workspace, actor, "topic.create", to_public(topic.id), topic.name);
  });
  changed(topic.workspace);
  return topic;
}

Topic TopicService::update(Topic topic, const Actor& actor) {
  control_.write([&](Connection& c) {
    const auto stored = topic_store::find(c, topic.workspace, topic.id);
    if (!stored) throw Error::not_found("Topic");
    check_topic(topic);
    topic.version = stored->version + 1;
    topic.created_at = stored->created_at;
    topic.updated_at = clock_.now();
    topic_store::update(c, topic);
    audit_.record(c, topic.workspace, actor, "topic.update", to_public(topic.id), topic.name);
  });
  changed(topic.workspace);
  return topic;
}

void TopicService::archive(WorkspaceId workspace, TopicId id, const Actor& actor) {
  control_.write([&](Connection& c) {
    auto topic = topic_store::find(c, workspace, id);
    if (!topic) throw Error::not_found("Topic");
    if (topic->archived) return;
    topic->archived = true;
    topic->updated_at = clock_.now();
    topic_store::update(c, *topic);
    audit_.record(c, workspace, actor, "topic.archive", to_public(id), topic->name);
  });
  changed(workspace);
}

Topic TopicService::get(WorkspaceId workspace, TopicId id) const {
  auto topic = find(workspace, id);
  if (!topic) throw Error::not_found("Topic");
  return std::move(*topic);
}

std::optional<Topic> TopicService::find(WorkspaceId workspace, TopicId id) const {
  const auto topics = list(workspace);
  const auto found =
      std::find_if(topics->begin(), topics->end(), [&](const Topic& t) { return t.id == id; });
  return found == topics->end() ? std::nullopt : std::optional(*found);
}

std::shared_ptr<const std::vector<Topic>> TopicService::list(WorkspaceId workspace) const {
  uint64_t seen = 0;
  {
    const std::lock_guard lock(mutex_);
    if (const auto it = cache_.find(workspace); it != cache_.end()) return it->second;
    seen = changes_;
  }
  auto topics = std::make_shared<const std::vector<Topic>>(
      control_.read_value([&](Connection& c) { return topic_store::list(c, workspace); }));
  const std::lock_guard lock(mutex_);
  // What was read before a change must not be remembered after it.
  if (seen == changes_) cache_[workspace] = topics;
  return topics;
}

}  // namespace rapport
