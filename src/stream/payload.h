// Payload: the JSON object of one event, parsed once and read by every stage.
//
// A thin view over simdjson that keeps its header out of the stages. Paths are dotted
// ("context.traits"), the empty path is the object itself. Texts are views into the parser's buffer
// and live until the next event is parsed, so a stage that keeps one copies it. Not thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace rapport {

class Payload {
 public:
  Payload();
  ~Payload();
  Payload(const Payload&) = delete;
  Payload& operator=(const Payload&) = delete;

  /// False when it is not one JSON object.
  bool parse(std::string_view json);

  /// Text of a string member; numbers and booleans as their JSON text; null when absent or other.
  std::optional<std::string> text(std::string_view path) const;
  std::optional<double> number(std::string_view path) const;
  std::optional<bool> boolean(std::string_view path) const;
  /// Minified JSON text of any member; null when absent.
  std::optional<std::string> json(std::string_view path) const;
  /// Visits the members of an object: key and minified JSON of the value. Absent: no calls.
  void each(std::string_view path,
            const std::function<void(std::string_view key, std::string_view json)>& visit) const;
  /// Visits the elements of an array of objects, each as (member name → text) lookups.
  void each_object(
      std::string_view path,
      const std::function<void(
          const std::function<std::optional<std::string>(std::string_view member)>&)>& visit) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The JSON object `under` beneath `over`: members of `over` win, objects on both sides are merged.
/// What is not a JSON object counts as an empty one.
std::string merge_json_under(std::string_view over, std::string_view under);

}  // namespace rapport
