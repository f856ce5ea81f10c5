// Filters that look into the elements of a list: sort, where, map, ….
//
// Looking up a property of an element follows the reference: objects answer with the member or nil,
// a text answers with the property itself when it contains it, an integer is an error, and anything
// else (nil, a boolean) makes the whole filter answer nil.

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>
#include <set>

#include "liquid/expression.h"
#include "liquid/filters.h"
#include "liquid/letter_case.h"
#include "liquid/number.h"

namespace rapport::liquid {
namespace {

using Arguments = FilterArguments;

/// Null when elements of this kind have no properties.
std::optional<Value> property_of(Context& context, const Value& item, const Value& property) {
  context.step();
  if (const auto* object = item.if_object()) {
    const auto* name = property.if_string();
    const Value* found = name ? object->find(*name) : nullptr;
    return found ? *found : Value();
  }
  if (const auto* drop = item.if_drop()) {
    return property.if_string() ? drop->member(*property.if_string()) : Value();
  }
  const auto* name = property.if_string();
  if (const auto* text = item.if_string(); text && name) {
    context.step(text->size() / 64);
    const bool found = memmem(text->data(), text->size(), name->data(), name->size()) != nullptr;
    return found ? property : Value();
  }
  if (item.if_string() || item.if_int()) {
    context.fail("cannot select the property '" + to_text(property) + "' of '" +
                 to_text(item).substr(0, 40) + "'");
  }
  return std::nullopt;
}

/// Indexes of the elements that match; null when an element has no properties.
std::optional<std::vector<size_t>> matches(Context& context, const Array& list,
                                           const Arguments& arguments, bool only_first) {
  std::vector<size_t> found;
  for (size_t i = 0; i < list.size(); ++i) {
    const auto value = property_of(context, list[i], arguments[0]);
    if (!value) return std::nullopt;
    const bool match =
        arguments[1].is_nil() ? value->truthy() : values_equal(context, *value, arguments[1]);
    if (!match) continue;
    found.push_back(i);
    if (only_first) break;
  }
  return found;
}

Value where(Context& context, const Value& input, const Arguments& arguments) {
  const Array list = to_list(context, input);
  const auto found = matches(context, list, arguments, false);
  if (!found) return {};
  Array kept;
  for (const size_t index : *found) kept.push_back(list[index]);
  return made_list(context, std::move(kept));
}

Value reject(Context& context, const Value& input, const Arguments& arguments) {
  const Array list = to_list(context, input);
  const auto found = matches(context, list, arguments, false);
  if (!found) return {};
  Array kept;
  auto next = found->begin();
  for (size_t i = 0; i < list.size(); ++i) {
    if (next != found->end() && *next == i) {
      ++next;
    } else {
      kept.push_back(list[i]);
    }
  }
  return made_list(context, std::move(kept));
}

Value has(Context& context, const Value& input, const Arguments& arguments) {
  const auto found = matches(context, to_list(context, input), arguments, true);
  return found ? Value(!found->empty()) : Value();
}

Value find(Context& context, const Value& input, const Arguments& arguments) {
  const Array list = to_list(context, input);
  const auto found = matches(context, list, arguments, true);
  return found && !found->empty() ? list[found->front()] : Value();
}

Value find_index(Context& context, const Value& input, const Arguments& arguments) {
  const auto found = matches(context, to_list(context, input), arguments, true);
  return found && !found->empty() ? Value(static_cast<uint64_t>(found->front())) : Value();
}

Value map(Context& context, const Value& input, const Arguments& arguments) {
  Array list = to_list(context, input);
  for (Value& item : list) {
    item = property_of(context, item, arguments[0]).value_or(Value());
  }
  return made_list(context, std::move(list));
}

Value compact(Context& context, const Value& input, const Arguments& arguments) {
  Array kept;
  for (const Value& item : to_list(context, input)) {
    if (arguments.size() == 0) {
      if (!item.is_nil()) kept.push_back(item);
      continue;
    }
    const auto value = property_of(context, item, arguments[0]);
    if (!value) return {};
    if (!value->is_nil()) kept.push_back(item);
  }
  return made_list(context, std::move(kept));
}

Value uniq(Context& context, const Value& input, const Arguments& arguments) {
  std::set<std::string> seen;
  Array kept;
  for (const Value& item : to_list(context, input)) {
    const auto key = arguments[0].is_nil() ? item : property_of(context, item, arguments[0]);
    if (!key) return {};
    std::string text = to_json(*key);
    context.step(text.size() / 16);
    if (seen.insert(std::move(text)).second) kept.push_back(item);
  }
  return made_list(context, std::move(kept));
}

Value sum(Context& context, const Value& input, const Arguments& arguments) {
  Value total = 0;
  for (const Value& item : to_list(context, input)) {
    Value value = item;
    if (!arguments[0].is_nil()) value = property_of(context, item, arguments[0]).value_or(0);
    for (const Value& part : to_list(context, value)) total = add(total, to_number(part));
  }
  return total;
}

struct Keyed {
  Value key;
  Value item;
};

/// Elements with what they are sorted by; null when an element has no properties.
std::optional<std::vector<Keyed>> keyed(Context& context, const Value& input,
                                        const Value& property) {
  std::vector<Keyed> out;
  for (Value& item : to_list(context, input)) {
    if (property.is_nil()) {
      out.push_back({item, item});
    } else {
      auto key = property_of(context, item, property);
      if (!key) return std::nullopt;
      out.push_back({std::move(*key), std::move(item)});
    }
  }
  context.step(out.size() * std::bit_width(out.size()));
  return out;
}

template <class Less>
Value sorted(Context& context, std::optional<std::vector<Keyed>> items, Less less) {
  if (!items) return {};
  std::stable_sort(items->begin(), items->end(),
                   [&](const Keyed& a, const Keyed& b) { return less(a.key, b.key); });
  Array list;
  for (auto& item : *items) list.push_back(std::move(item.item));
  return made_list(context, std::move(list));
}

Value sort(Context& context, const Value& input, const Arguments& arguments) {
  return sorted(context, keyed(context, input, arguments[0]), [&](const Value& a, const Value& b) {
    if (a.is_nil() || b.is_nil()) return !a.is_nil() && b.is_nil();  // nil comes last
    if (a.is_number() && b.is_number()) {
      if (const auto order = compare_numbers(a, b)) return *order < 0;
    }
    if (a.if_string() && b.if_string()) {
      context.step(std::min(a.if_string()->size(), b.if_string()->size()) / 64);
      return *a.if_string() < *b.if_string();
    }
    if (!a.equals(b)) context.fail("values of different types cannot be sorted");
    return false;
  });
}

Value sort_natural(Context& context, const Value& input, const Arguments& arguments) {
  auto items = keyed(context, input, arguments[0]);
  if (items) {
    for (auto& item : *items) {
      if (!item.key.is_nil()) item.key = made_text(context, to_lower(to_text(item.key)));
    }
  }
  return sorted(context, std::move(items), [&](const Value& a, const Value& b) {
    if (a.is_nil() || b.is_nil()) return !a.is_nil() && b.is_nil();
    context.step(std::min(a.if_string()->size(), b.if_string()->size()) / 64);
    return *a.if_string() < *b.if_string();
  });
}

constexpr FilterSpec kFilters[] = {
    {"compact", 0, 1, compact},
    {"find", 1, 2, find},
    {"find_index", 1, 2, find_index},
    {"has", 1, 2, has},
    {"map", 1, 1, map},
    {"reject", 1, 2, reject},
    {"sort", 0, 1, sort},
    {"sort_natural", 0, 1, sort_natural},
    {"sum", 0, 1, sum},
    {"uniq", 0, 1, uniq},
    {"where", 1, 2, where},
};

}  // namespace

std::span<const FilterSpec> selection_filters() {
  return kFilters;
}

}  // namespace rapport::liquid
