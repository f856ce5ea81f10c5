#include "customers/vocabulary.h"

#include <algorithm>

#include "base/limits.h"
#include "base/text.h"
#include "base/text_fold.h"
#include "customers/vocabulary_sample.h"
#include "stream/event.h"

namespace rapport {
namespace {

constexpr const char* kTraitNames =
    "SELECT name, count(*) FROM traits WHERE workspace = $1 AND name IS NOT NULL AND value IS NOT "
    "NULL GROUP BY name ORDER BY count(*) DESC, name LIMIT $2";
constexpr const char* kEventNames =
    "SELECT name, count(*) FROM events WHERE workspace = $1 AND type = $3 AND name <> '' "
    "GROUP BY name ORDER BY count(*) DESC, name LIMIT $2";
constexpr const char* kTraitsSample =
    "SELECT name, value FROM traits WHERE workspace = $1 AND name IS NOT NULL AND value IS NOT "
    "NULL ORDER BY log_offset DESC LIMIT $2";
constexpr const char* kTraitSample =
    "SELECT value FROM traits WHERE workspace = $1 AND name = $3 AND value IS NOT NULL "
    "ORDER BY log_offset DESC LIMIT $2";
constexpr const char* kPropertySample =
    "SELECT properties FROM events WHERE workspace = $1 AND type = $4 AND name = $3 "
    "ORDER BY log_offset DESC LIMIT $2";

/// 0: begins with what was typed; 1: a later word does; 2: contains it; null: does not.
std::optional<int> match(std::string_view text, const std::string& typed) {
  const std::string folded = fold_text(text);
  const size_t at = folded.find(typed);
  if (at == std::string::npos) return std::nullopt;
  if (at == 0) return 0;
  const std::string_view before = " ._-/\\";
  return before.find(folded[at - 1]) != std::string_view::npos ? 1 : 2;
}

/// The best matches first, otherwise in the given order.
template <class T, class Text>
std::vector<T> choose(const std::vector<T>& all, std::string_view typed, size_t limit, Text text) {
  const std::string folded = fold_text(trim(typed));
  std::vector<std::pair<int, const T*>> found;
  for (const T& item : all) {
    if (const auto rank = match(text(item), folded)) found.emplace_back(*rank, &item);
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<T> chosen;
  for (size_t i = 0; i < found.size() && i < limit; ++i) chosen.push_back(*found[i].second);
  return chosen;
}

const std::string& name_text(const VocabularyName& name) {
  return name.name;
}

std::vector<VocabularyValue> values_of(const std::vector<VocabularyName>& names,
                                       std::string_view path, std::string_view typed,
                                       size_t limit) {
  for (const VocabularyName& name : names) {
    if (name.name != path) continue;
    return choose(name.values, typed, limit,
                  [](const VocabularyValue& v) -> const std::string& { return v.text; });
  }
  return {};
}

/// The first step of a path, unescaped.
std::string first_step(std::string_view path) {
  std::string step;
  for (size_t i = 0; i < path.size() && path[i] != '.'; ++i) {
    if (path[i] == '\\' && i + 1 < path.size()) ++i;
    step += path[i];
  }
  return step;
}

std::string key_of(WorkspaceId workspace, std::string_view kind, std::string_view name = {}) {
  return std::to_string(workspace.value) + " " + std::string(kind) + " " + std::string(name);
}

}  // namespace

Vocabulary::Names Vocabulary::remembered(
    const std::string& key, const std::function<std::vector<VocabularyName>()>& ask) const {
  const Timestamp now = clock_.now();
  {
    const std::lock_guard lock(mutex_);
    const auto found = cache_.find(key);
    if (found != cache_.end() && found->second.until > now) {
      used_.splice(used_.begin(), used_, found->second.use);
      return found->second.names;
    }
  }
  auto names = std::make_shared<const std::vector<VocabularyName>>(ask());
  const std::lock_guard lock(mutex_);
  if (const auto old = cache_.find(key); old != cache_.end()) {
    used_.erase(old->second.use);
    cache_.erase(old);
  }
  used_.push_front(key);
  cache_[key] = {names, now + limits::kVocabularyFresh, used_.begin()};
  if (cache_.size() > limits::kVocabularyCache) {
    cache_.erase(used_.back());
    used_.pop_back();
  }
  return names;
}

Vocabulary::Names Vocabulary::trait_tree(WorkspaceId workspace, std::string_view trait) const {
  return remembered(key_of(workspace, "trait", trait), [&] {
    VocabularySample sample;
    const std::vector<WarehouseValue> parameters{
        workspace.value, static_cast<int64_t>(limits::kVocabularySample), std::string(trait)};
    const std::string step = escape_path_step(trait);
    warehouse_.query(kTraitSample, parameters,
                     [&](const WarehouseRow& row) { sample.add(step, row.text(0)); });
    return sample.take();
  });
}

Vocabulary::Names Vocabulary::all_traits(WorkspaceId workspace) const {
  return remembered(key_of(workspace, "traits"), [&] {
    VocabularySample sample;
    const std::vector<WarehouseValue> newest{workspace.value,
                                             static_cast<int64_t>(limits::kVocabularyTraitSample)};
    warehouse_.query(kTraitsSample, newest, [&](const WarehouseRow& row) {
      sample.add(escape_path_step(row.text(0)), row.text(1));
    });
    std::map<std::string, VocabularyName> by_path;
    for (VocabularyName& name : sample.take()) {
      name.values.clear();
      by_path[name.name] = std::move(name);
    }
    std::vector<VocabularyName> names;
    const std::vector<WarehouseValue> parameters{workspace.value,
                                                 static_cast<int64_t>(limits::kMaxVocabularyNames)};
    warehouse_.query(kTraitNames, parameters, [&](const WarehouseRow& row) {
      const std::string path = escape_path_step(row.text(0));
      auto found = by_path.extract(path);
      if (found) {
        names.push_back(std::move(found.mapped()));
      } else {
        names.push_back({path, "mixed", 0, {}});
      }
      names.back().count = row.integer(1);
    });
    // What is left is inside objects.
    for (auto& [path, name] : by_path) names.push_back(std::move(name));
    return names;
  });
}

Vocabulary::Names Vocabulary::all_properties(WorkspaceId workspace, std::string_view event) const {
  return remembered(key_of(workspace, "properties", event), [&] {
    VocabularySample sample;
    const std::vector<WarehouseValue> parameters{
        workspace.value, static_cast<int64_t>(limits::kVocabularySample), std::string(event),
        static_cast<int64_t>(EventType::kTrack)};
    warehouse_.query(kPropertySample, parameters,
                     [&](const WarehouseRow& row) { sample.add({}, row.text(0)); });
    return sample.take();
  });
}

std::vector<VocabularyName> Vocabulary::traits(WorkspaceId workspace, std::string_view typed,
                                               size_t limit) const {
  return choose(*all_traits(workspace), typed, limit, name_text);
}

std::vector<VocabularyName> Vocabulary::events(WorkspaceId workspace, std::string_view typed,
                                               size_t limit) const {
  const Names names = remembered(key_of(workspace, "events"), [&] {
    std::vector<VocabularyName> found;
    const std::vector<WarehouseValue> parameters{workspace.value,
                                                 static_cast<int64_t>(limits::kMaxVocabularyNames),
                                                 static_cast<int64_t>(EventType::kTrack)};
    warehouse_.query(kEventNames, parameters, [&](const WarehouseRow& row) {
      found.push_back({row.text(0), "", row.integer(1), {}});
    });
    return found;
  });
  return choose(*names, typed, limit, name_text);
}

std::vector<VocabularyName> Vocabulary::properties(WorkspaceId workspace, std::string_view event,
                                                   std::string_view typed, size_t limit) const {
  std::vector<VocabularyName> chosen =
      choose(*all_properties(workspace, event), typed, limit, name_text);
  for (VocabularyName& name : chosen) name.values.clear();
  return chosen;
}

std::vector<VocabularyValue> Vocabulary::trait_values(WorkspaceId workspace, std::string_view path,
                                                      std::string_view typed, size_t limit) const {
  return values_of(*trait_tree(workspace, first_step(path)), path, typed, limit);
}

std::vector<VocabularyValue> Vocabulary::property_values(WorkspaceId workspace,
                                                         std::string_view event,
                                                         std::string_view path,
                                                         std::string_view typed,
                                                         size_t limit) const {
  return values_of(*all_properties(workspace, event), path, typed, limit);
}

}  // namespace rapport
