#include "liquid/loop_items.h"

#include <algorithm>

namespace rapport::liquid {

Items::Items(Value value) : value_(std::move(value)) {
  if (const auto* drop = value_.if_drop()) value_ = Value(drop->whole());
  if (const auto* range = value_.if_range()) {
    size_ = std::min<uint64_t>(range->size(), INT64_MAX);
  } else if (const auto* array = value_.if_array()) {
    size_ = array->size();
  } else if (const auto* object = value_.if_object()) {
    size_ = object->size();
  } else if (const auto* text = value_.if_string()) {
    size_ = text->empty() ? 0 : 1;
  }
}

Value Items::operator[](int64_t index) const {
  if (const auto* range = value_.if_range()) return range->first + index;
  if (const auto* array = value_.if_array()) return (*array)[static_cast<size_t>(index)];
  if (const auto* object = value_.if_object()) {
    const auto& [key, member] = *(object->begin() + index);
    return Array{Value(key), member};
  }
  return value_;
}

Value LoopDrop::member(std::string_view name) const {
  if (name == "index") return index_ + 1;
  if (name == "index0") return index_;
  if (name == "rindex") return length_ - index_;
  if (name == "rindex0") return length_ - index_ - 1;
  if (name == "first") return index_ == 0;
  if (name == "last") return index_ + 1 == length_;
  if (name == "length") return length_;
  if (name == "name") return name_;
  if (name == "parentloop") return parent_;
  return {};
}

}  // namespace rapport::liquid
