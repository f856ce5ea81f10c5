#include "storage/rocksdb/key_buffer.h"

#include <algorithm>

namespace rapport {

std::vector<MessageKey> KeyBuffer::sorted() const {
  std::vector<MessageKey> keys;
  keys.reserve(size());
  if (has_empty_) keys.push_back(kEmpty);
  std::copy_if(slots_.begin(), slots_.end(), std::back_inserter(keys),
               [](const MessageKey& key) { return key != kEmpty; });
  std::sort(keys.begin(), keys.end(), [](const MessageKey& a, const MessageKey& b) {
    return std::memcmp(a.data(), b.data(), a.size()) < 0;
  });
  return keys;
}

void KeyBuffer::grow() {
  std::vector<MessageKey> old = std::move(slots_);
  slots_.assign(old.empty() ? 1'024 : old.size() * 2, kEmpty);
  size_ = 0;
  for (const MessageKey& key : old) {
    if (key != kEmpty) place(key);
  }
}

}  // namespace rapport
