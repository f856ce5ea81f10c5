// VocabularySample: counts the paths, kinds and values of JSON documents of one kind.
//
// Feed it documents, then take the names with their values, both the most frequent first. Bounded
// by limits::kMaxVocabulary…: what comes after a full table is not counted. Not thread-safe.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "customers/vocabulary.h"

namespace rapport {

class VocabularySample {
 public:
  /// A value below `path`; objects are walked, elements of lists are values of the list.
  void add(std::string_view path, std::string_view json);
  std::vector<VocabularyName> take() const;

 private:
  struct Tally {
    int64_t count = 0;
    std::map<std::string, int64_t> types;
    std::map<std::string, int64_t> values;  // by JSON
  };
  std::map<std::string, Tally, std::less<>> tallies_;
};

/// The name as one step of a path.
std::string escape_path_step(std::string_view name);

}  // namespace rapport
