#include "stream/payload.h"

#include <simdjson.h>

#include <unordered_map>
#include <utility>
#include <vector>

#include "base/text.h"

namespace rapport {

using simdjson::dom::element;

struct Payload::State {
  simdjson::dom::parser parser;
  element root;
  bool valid = false;

  std::optional<element> find(std::string_view path) const {
    if (!valid) return std::nullopt;
    if (path.empty()) return root;
    element at = root;
    while (true) {
      const size_t dot = path.find('.');
      simdjson::dom::object object;
      if (at.get(object) != simdjson::SUCCESS) return std::nullopt;
      if (object.at_key(path.substr(0, dot)).get(at) != simdjson::SUCCESS) return std::nullopt;
      if (dot == std::string_view::npos) return at;
      path.remove_prefix(dot + 1);
    }
  }
};

namespace {

std::optional<std::string> scalar_text(const element& value) {
  switch (value.type()) {
    case simdjson::dom::element_type::STRING:
      return std::string(std::string_view(value.get_string().value_unsafe()));
    case simdjson::dom::element_type::INT64:
    case simdjson::dom::element_type::UINT64:
    case simdjson::dom::element_type::DOUBLE:
    case simdjson::dom::element_type::BOOL:
      return simdjson::minify(value);
    default:
      return std::nullopt;
  }
}

}  // namespace

Payload::Payload() : state_(std::make_unique<State>()) {}
Payload::~Payload() = default;

bool Payload::parse(std::string_view json) {
  state_->valid =
      state_->parser.parse(json.data(), json.size()).get(state_->root) == simdjson::SUCCESS &&
      state_->root.is_object();
  return state_->valid;
}

std::optional<std::string> Payload::text(std::string_view path) const {
  const auto value = state_->find(path);
  return value ? scalar_text(*value) : std::nullopt;
}

std::optional<double> Payload::number(std::string_view path) const {
  const auto value = state_->find(path);
  double number = 0;
  if (!value || value->get(number) != simdjson::SUCCESS) return std::nullopt;
  return number;
}

std::optional<bool> Payload::boolean(std::string_view path) const {
  const auto value = state_->find(path);
  bool flag = false;
  if (!value || value->get(flag) != simdjson::SUCCESS) return std::nullopt;
  return flag;
}

std::optional<std::string> Payload::json(std::string_view path) const {
  const auto value = state_->find(path);
  if (!value) return std::nullopt;
  return simdjson::minify(*value);
}

void Payload::each(
    std::string_view path,
    const std::function<void(std::string_view key, std::string_view json)>& visit) const {
  const auto value = state_->find(path);
  simdjson::dom::object object;
  if (!value || value->get(object) != simdjson::SUCCESS) return;
  for (const auto field : object) visit(field.key, simdjson::minify(field.value));
}

void Payload::each_object(
    std::string_view path,
    const std::function<void(const std::function<std::optional<std::string>(std::string_view)>&)>&
        visit) const {
  const auto value = state_->find(path);
  simdjson::dom::array array;
  if (!value || value->get(array) != simdjson::SUCCESS) return;
  for (const element item : array) {
    simdjson::dom::object object;
    if (item.get(object) != simdjson::SUCCESS) continue;
    visit([&](std::string_view member) -> std::optional<std::string> {
      element found;
      if (object.at_key(member).get(found) != simdjson::SUCCESS) return std::nullopt;
      return scalar_text(found);
    });
  }
}

namespace {

using Members = std::vector<std::pair<std::string, std::string>>;

Members members_of(std::string_view json) {
  Payload payload;
  Members members;
  if (!payload.parse(json)) return members;
  payload.each(
      "", [&](std::string_view key, std::string_view value) { members.emplace_back(key, value); });
  return members;
}

}  // namespace

std::string merge_json_under(std::string_view over, std::string_view under) {
  Members merged = members_of(over);
  Members additions;
  std::unordered_map<std::string_view, size_t> places;
  for (size_t i = 0; i < merged.size(); ++i) places.try_emplace(merged[i].first, i);
  for (auto& [key, value] : members_of(under)) {
    const auto own = places.find(key);
    if (own == places.end()) {
      additions.emplace_back(std::move(key), std::move(value));
    } else if (merged[own->second].second.starts_with('{') && value.starts_with('{')) {
      merged[own->second].second = merge_json_under(merged[own->second].second, value);
    }
  }
  std::string out = "{";
  for (const Members* members : {&merged, &additions}) {
    for (const auto& [key, value] : *members) {
      if (out.size() > 1) out += ',';
      out += json_quote(key) + ":" + value;
    }
  }
  return out + "}";
}

}  // namespace rapport
