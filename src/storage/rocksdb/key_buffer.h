// KeyBuffer: a set of message keys in memory, on its way to disk.
//
// Open addressing over the keys themselves, which are hashes already. Not thread-safe for changes;
// many threads may read one that no longer changes.
// Limits: kMaxKeys; memory grows to 8 MiB and is freed by `clear`.
#pragma once

#include <cstring>
#include <vector>

#include "base/time.h"
#include "storage/message_index.h"

namespace rapport {

class KeyBuffer {
 public:
  /// What a crash can lose is what the owner must mark again from the log: kept small for that.
  static constexpr size_t kMaxKeys = 400'000;

  bool contains(const MessageKey& key) const {
    if (key == kEmpty) return has_empty_;
    if (slots_.empty()) return false;
    for (size_t i = slot_of(key);; i = (i + 1) & (slots_.size() - 1)) {
      if (slots_[i] == key) return true;
      if (slots_[i] == kEmpty) return false;
    }
  }

  void insert(const MessageKey& key) {
    if (key == kEmpty) {
      has_empty_ = true;
      return;
    }
    // At most 7/8 full, so that a search stays short and ends.
    if (size_ + size_ / 7 >= slots_.size()) grow();
    place(key);
  }

  size_t size() const { return size_ + (has_empty_ ? 1 : 0); }

  /// All keys in byte order.
  std::vector<MessageKey> sorted() const;

  void clear() { *this = KeyBuffer(); }

 private:
  static constexpr MessageKey kEmpty{};

  size_t slot_of(const MessageKey& key) const {
    uint64_t word;
    std::memcpy(&word, key.data(), sizeof word);
    return word & (slots_.size() - 1);
  }

  void place(const MessageKey& key) {
    size_t i = slot_of(key);
    while (slots_[i] != kEmpty) {
      if (slots_[i] == key) return;
      i = (i + 1) & (slots_.size() - 1);
    }
    slots_[i] = key;
    ++size_;
  }

  void grow();

  std::vector<MessageKey> slots_;  // a power of two, or none
  size_t size_ = 0;
  bool has_empty_ = false;
};

}  // namespace rapport
