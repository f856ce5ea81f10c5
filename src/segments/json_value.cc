#include "segments/json_value.h"

#include <charconv>
#include <cstdlib>

#include "base/text.h"
#include "customers/json_repair.h"

namespace rapport {
namespace {

namespace dom = simdjson::dom;

bool is_json_number(std::string_view text) {
  size_t i = 0;
  const auto digits = [&] {
    const size_t begin = i;
    while (i < text.size() && text[i] >= '0' && text[i] <= '9') ++i;
    return i - begin;
  };
  if (i < text.size() && text[i] == '-') ++i;
  const bool zero = i < text.size() && text[i] == '0';
  const size_t whole = digits();
  if (whole == 0 || (zero && whole > 1)) return false;
  if (i < text.size() && text[i] == '.') {
    ++i;
    if (digits() == 0) return false;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    if (digits() == 0) return false;
  }
  return i == text.size();
}

JsonValue child(const dom::element& parent, const std::string& name) {
  dom::object object;
  if (parent.get(object) == simdjson::SUCCESS) {
    for (const auto& entry : object) {
      if (entry.key == name) return entry.value;
    }
    return std::nullopt;
  }
  dom::array array;
  if (parent.get(array) != simdjson::SUCCESS) return std::nullopt;
  if (name.empty() || name.size() > 9 || (name[0] == '0' && name.size() > 1)) return std::nullopt;
  size_t index = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
  if (error != std::errc() || end != name.data() + name.size()) return std::nullopt;
  for (const dom::element element : array) {
    if (index-- == 0) return element;
  }
  return std::nullopt;
}

}  // namespace

JsonValue JsonDocument::parse(std::string_view json) {
  text_ = simdjson::padded_string(json);
  auto parsed = parser_.parse(text_);
  if (parsed.error() == simdjson::NUMBER_ERROR) {
    text_ = simdjson::padded_string(repair_json(json));
    parsed = parser_.parse(text_);
  }
  if (parsed.error() != simdjson::SUCCESS || parsed.value_unsafe().is_null()) return std::nullopt;
  return parsed.value_unsafe();
}

JsonValue follow(JsonValue value, const ValuePath& path, size_t first) {
  for (size_t i = first; value && i < path.segments.size(); ++i) {
    value = child(*value, path.segments[i]);
  }
  if (value && value->is_null()) return std::nullopt;
  return value;
}

std::optional<std::string_view> text_of(const dom::element& element) {
  std::string_view text;
  if (element.get(text) != simdjson::SUCCESS) return std::nullopt;
  return text;
}

std::optional<double> number_of(const dom::element& element) {
  double number = 0;
  if (element.is_number() && element.get(number) == simdjson::SUCCESS) return number;
  const auto text = text_of(element);
  if (!text || !is_json_number(*text)) return std::nullopt;
  return std::strtod(std::string(*text).c_str(), nullptr);
}

std::optional<bool> flag_of(const dom::element& element) {
  bool flag = false;
  if (element.get(flag) == simdjson::SUCCESS) return flag;
  const auto text = text_of(element);
  if (text == "true") return true;
  if (text == "false") return false;
  return std::nullopt;
}

std::optional<Timestamp> instant_of(const dom::element& element) {
  const auto text = text_of(element);
  return text ? parse_timestamp(*text) : std::nullopt;
}

double as_double(const Literal& literal) {
  if (const auto* whole = std::get_if<int64_t>(&literal)) return static_cast<double>(*whole);
  return std::get<double>(literal);
}

}  // namespace rapport
