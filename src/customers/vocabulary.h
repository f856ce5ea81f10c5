// Vocabulary: names and values that really occur in a workspace, to be offered while somebody
// writes a condition.
//
// Asked of the Warehouse: names of traits and events are complete; properties and values are those
// of the newest limits::kVocabularySample rows of the name asked about, the most frequent first.
// Names inside objects are paths with dots; a dot or backslash that belongs to a name is escaped by
// a backslash. Answers are kept for limits::kVocabularyFresh, so typing costs one question a name
// and no more. Every answer is of one workspace. Thread-safe; calls block.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "runtime/clock.h"
#include "storage/warehouse.h"

namespace rapport {

struct VocabularyValue {
  std::string json;  // a text, number or boolean as JSON
  std::string text;  // the same as it is typed
  int64_t count = 0;
};

struct VocabularyName {
  std::string name;  // a path
  std::string
      type;  // "text", "number", "boolean", "time", "list", "object", "mixed"; "" for events
  int64_t count = 0;
  std::vector<VocabularyValue> values;
};

class Vocabulary {
 public:
  Vocabulary(const Warehouse& warehouse, const Clock& clock)
      : warehouse_(warehouse), clock_(clock) {}

  /// Those that have a word beginning with `typed`, or contain it; case and accents do not matter.
  std::vector<VocabularyName> traits(WorkspaceId workspace, std::string_view typed,
                                     size_t limit) const;
  std::vector<VocabularyName> events(WorkspaceId workspace, std::string_view typed,
                                     size_t limit) const;
  std::vector<VocabularyName> properties(WorkspaceId workspace, std::string_view event,
                                         std::string_view typed, size_t limit) const;
  std::vector<VocabularyValue> trait_values(WorkspaceId workspace, std::string_view path,
                                            std::string_view typed, size_t limit) const;
  std::vector<VocabularyValue> property_values(WorkspaceId workspace, std::string_view event,
                                               std::string_view path, std::string_view typed,
                                               size_t limit) const;

 private:
  using Names = std::shared_ptr<const std::vector<VocabularyName>>;
  struct Entry {
    Names names;
    Timestamp until;
    std::list<std::string>::iterator use;
  };

  Names remembered(const std::string& key,
                   const std::function<std::vector<VocabularyName>()>& ask) const;
  Names all_traits(WorkspaceId workspace) const;
  Names trait_tree(WorkspaceId workspace, std::string_view trait) const;
  Names all_properties(WorkspaceId workspace, std::string_view event) const;

  const Warehouse& warehouse_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, Entry> cache_;
  mutable std::list<std::string> used_;  // keys, the latest first
};

}  // namespace rapport
