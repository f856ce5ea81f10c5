#include "segments/segment_references.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/limits.h"
#include "base/limits/segments.h"

namespace rapport {
namespace {

class Resolver {
 public:
  Resolver(const SegmentLookup& find, SegmentId self, const TopicLookup& topics)
      : find_(find), topics_(topics) {
    if (self.value == 0) return;
    const auto own = find(self);
    chain_.emplace_back(self, own ? own->name : to_public(self));
  }

  Condition resolve(const Condition& condition, const std::string& path) {
    if (++nodes_ > limits::kMaxResolvedNodes) {
      throw Error::invalid(path, fmt::format("comes to more than {} parts with the segments it "
                                             "names",
                                             limits::kMaxResolvedNodes));
    }
    return std::visit([&](const auto& node) { return Condition{of(node, path)}; }, condition.node);
  }

 private:
  template <class Leaf>
  Leaf of(const Leaf& leaf, const std::string&) {
    return leaf;
  }
  AllOf of(const AllOf& node, const std::string& path) {
    return {children(node.children, "all", path)};
  }
  AnyOf of(const AnyOf& node, const std::string& path) {
    return {children(node.children, "any", path)};
  }
  Negation of(const Negation& node, const std::string& path) {
    return {std::make_shared<const Condition>(resolve(*node.child, below(path, ".not")))};
  }
  TopicCondition of(const TopicCondition& node, const std::string&) {
    TopicCondition out = node;
    if (!topics_) return out;
    TopicFacts facts = topics_(node.topic).value_or(TopicFacts{});
    out.kind = facts.kind;
    out.channels = std::move(facts.channels);
    return out;
  }
  SegmentCondition of(const SegmentCondition& node, const std::string& path) {
    const std::string field = below(path, ".segment");
    const auto found = find_(node.segment);
    if (!found) throw Error::invalid(field, "is not a segment of this workspace");
    const auto seen = std::find_if(chain_.begin(), chain_.end(),
                                   [&](const auto& link) { return link.first == node.segment; });
    if (seen != chain_.end()) {
      std::string circle;
      for (auto link = seen; link != chain_.end(); ++link) circle += link->second + " → ";
      throw Error::invalid(field, "closes a circle of segments: " + circle + found->name);
    }
    chain_.emplace_back(node.segment, found->name);
    ++inside_;
    SegmentCondition out{node.segment,
                         std::make_shared<const Condition>(resolve(found->condition, field))};
    --inside_;
    chain_.pop_back();
    return out;
  }

  /// Inside another segment the field stays that of the reference one sees.
  std::string below(const std::string& path, std::string_view more) const {
    return inside_ > 0 ? path : path + std::string(more);
  }

  std::vector<Condition> children(const std::vector<Condition>& from, std::string_view key,
                                  const std::string& path) {
    std::vector<Condition> out;
    out.reserve(from.size());
    for (const Condition& child : from) {
      out.push_back(resolve(child, below(path, fmt::format(".{}[{}]", key, out.size()))));
    }
    return out;
  }

  const SegmentLookup& find_;
  const TopicLookup& topics_;
  std::vector<std::pair<SegmentId, std::string>> chain_;
  size_t nodes_ = 0;
  size_t inside_ = 0;
};

/// Calls `visit` with every leaf.
template <class Visit>
void each_leaf(const Condition& condition, const Visit& visit) {
  const auto each = [&](const std::vector<Condition>& children) {
    for (const Condition& child : children) each_leaf(child, visit);
  };
  if (const auto* all = std::get_if<AllOf>(&condition.node)) {
    each(all->children);
  } else if (const auto* any = std::get_if<AnyOf>(&condition.node)) {
    each(any->children);
  } else if (const auto* negation = std::get_if<Negation>(&condition.node)) {
    each_leaf(*negation->child, visit);
  } else {
    visit(condition);
  }
}

template <class T>
void add_once(std::vector<T>& list, const T& item) {
  if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(item);
}

}  // namespace

Condition resolve_segments(const Condition& condition, const SegmentLookup& find, SegmentId self,
                           std::string_view field, const TopicLookup& topics) {
  return Resolver(find, self, topics).resolve(condition, std::string(field));
}

std::vector<SegmentId> named_segments(const Condition& condition) {
  std::vector<SegmentId> out;
  each_leaf(condition, [&](const Condition& leaf) {
    const auto* segment = std::get_if<SegmentCondition>(&leaf.node);
    if (segment != nullptr) add_once(out, segment->segment);
  });
  return out;
}

std::vector<ListId> named_lists(const Condition& condition) {
  std::vector<ListId> out;
  each_leaf(condition, [&](const Condition& leaf) {
    const auto* list = std::get_if<ListCondition>(&leaf.node);
    if (list != nullptr) add_once(out, list->list);
  });
  return out;
}

std::vector<std::string> named_topics(const Condition& condition) {
  std::vector<std::string> out;
  each_leaf(condition, [&](const Condition& leaf) {
    const auto* topic = std::get_if<TopicCondition>(&leaf.node);
    if (topic != nullptr) add_once(out, topic->topic);
  });
  return out;
}

}  // namespace rapport
