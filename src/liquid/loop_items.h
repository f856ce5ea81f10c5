// What loops run over, and `forloop`, what they know of themselves; for `for` and `render … for`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "liquid/value.h"

namespace rapport::liquid {

/// The elements of a value, read one by one so that a long range costs nothing before it runs.
class Items {
 public:
  explicit Items(Value value);
  int64_t size() const { return static_cast<int64_t>(size_); }
  bool is_text() const { return value_.if_string(); }
  Value operator[](int64_t index) const;

 private:
  Value value_;
  uint64_t size_ = 0;
};

class LoopDrop final : public Drop {
 public:
  LoopDrop(std::string name, int64_t length, Value parent)
      : name_(std::move(name)), length_(length), parent_(std::move(parent)) {}
  void move_to(int64_t index) { index_ = index; }
  Value member(std::string_view name) const override;

 private:
  std::string name_;
  int64_t length_;
  int64_t index_ = 0;
  Value parent_;
};

}  // namespace rapport::liquid
