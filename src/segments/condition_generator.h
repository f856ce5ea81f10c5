// Random histories and conditions for tests: few names and values, so that they meet often, and
// the awkward ones of each kind. The same seed gives the same world on every machine. Test support.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "runtime/random.h"
#include "segments/segment_references.h"
#include "segments/segments_test_util.h"

namespace rapport::segments_test {

class Generator {
 public:
  /// Times gather around `now`.
  Generator(uint64_t seed, Timestamp now) : random_(seed), now_(now) {}

  template <class T, size_t N>
  const T& pick(const T (&choices)[N]) {
    return choices[random_.below(N)];
  }
  bool chance(uint64_t percent) { return random_.below(100) < percent; }
  Timestamp time();
  std::string_view zone();
  History history(WorkspaceId workspace);
  std::string condition(int depth);
  /// What the topic is that conditions ask for.
  std::optional<TopicFacts> topic();

 private:
  std::string value();
  std::string date();
  std::string location();
  std::string properties(std::string_view name);
  std::string trait_value(std::string_view name);
  std::string path(std::initializer_list<std::string_view> names);
  std::string literal(bool with_booleans);
  std::string duration();
  std::string test();
  std::string date_test();
  std::string text_test();
  std::string where();
  std::string names();
  std::string window();
  std::string count();
  std::string numbers();
  std::string event();
  std::string sequence();
  std::string leaf();
  std::string relation();
  std::string_view one_of(std::initializer_list<std::string_view> choices) {
    return choices.begin()[random_.below(choices.size())];
  }

  SeededRandom random_;
  Timestamp now_;
};

}  // namespace rapport::segments_test
