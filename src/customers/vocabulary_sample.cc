#include "customers/vocabulary_sample.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/limits.h"
#include "base/text.h"

namespace rapport {
namespace {

namespace json = boost::json;

bool looks_like_time(std::string_view text) {
  return text.size() >= 10 && text[4] == '-' && text[7] == '-' &&
         (text.size() == 10 || parse_timestamp(text).has_value());
}

std::string_view type_of(const json::value& value) {
  switch (value.kind()) {
    case json::kind::string:
      return looks_like_time({value.get_string().data(), value.get_string().size()}) ? "time"
                                                                                     : "text";
    case json::kind::bool_:
      return "boolean";
    case json::kind::array:
      return "list";
    case json::kind::object:
      return "object";
    case json::kind::null:
      return "";
    default:
      return "number";
  }
}

VocabularyValue value_of(const std::string& text, int64_t count) {
  VocabularyValue value{text, text, count};
  if (!text.starts_with('"')) return value;
  const json::value parsed = json::parse(text);
  value.text = std::string(parsed.as_string().data(), parsed.as_string().size());
  return value;
}

template <class Map>
std::vector<std::pair<std::string, int64_t>> by_count(const Map& map) {
  std::vector<std::pair<std::string, int64_t>> sorted(map.begin(), map.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return sorted;
}

}  // namespace

std::string escape_path_step(std::string_view name) {
  std::string step;
  for (const char c : name) {
    if (c == '.' || c == '\\') step += '\\';
    step += c;
  }
  return step;
}

void VocabularySample::add(std::string_view path, std::string_view text) {
  struct Pending {
    std::string path;
    const json::value* value;
    size_t depth;
  };
  boost::system::error_code ec;
  const json::value root = json::parse(json::string_view(text.data(), text.size()), ec);
  if (ec) return;
  std::vector<Pending> pending{{std::string(path), &root, 0}};
  while (!pending.empty()) {
    const Pending at = std::move(pending.back());
    pending.pop_back();
    const json::value& value = *at.value;
    const std::string_view type = type_of(value);
    if (type.empty()) continue;
    if (!at.path.empty()) {
      auto found = tallies_.find(at.path);
      if (found == tallies_.end()) {
        if (tallies_.size() >= limits::kMaxVocabularyNames) continue;
        found = tallies_.emplace(at.path, Tally{}).first;
      }
      Tally& tally = found->second;
      ++tally.count;
      ++tally.types[std::string(type)];
      const auto keep = [&tally](const json::value& scalar) {
        if (scalar.is_object() || scalar.is_array() || scalar.is_null()) return;
        std::string literal = json::serialize(scalar);
        if (literal.size() > limits::kMaxVocabularyValueBytes) return;
        if (tally.values.size() < limits::kMaxVocabularyValues || tally.values.contains(literal)) {
          ++tally.values[std::move(literal)];
        }
      };
      keep(value);
      if (const auto* list = value.if_array()) std::for_each(list->begin(), list->end(), keep);
    }
    const auto* object = value.if_object();
    if (object == nullptr || at.depth >= limits::kMaxVocabularyDepth) continue;
    for (const auto& member : *object) {
      const std::string step =
          escape_path_step(std::string_view(member.key().data(), member.key().size()));
      pending.push_back(
          {at.path.empty() ? step : at.path + "." + step, &member.value(), at.depth + 1});
    }
  }
}

std::vector<VocabularyName> VocabularySample::take() const {
  std::vector<VocabularyName> names;
  for (const auto& [path, tally] : tallies_) {
    VocabularyName name;
    name.name = path;
    name.count = tally.count;
    name.type = tally.types.size() == 1 ? tally.types.begin()->first : "mixed";
    for (const auto& [literal, count] : by_count(tally.values)) {
      name.values.push_back(value_of(literal, count));
    }
    names.push_back(std::move(name));
  }
  std::stable_sort(
      names.begin(), names.end(),
      [](const VocabularyName& a, const VocabularyName& b) { return a.count > b.count; });
  return names;
}

}  // namespace rapport
