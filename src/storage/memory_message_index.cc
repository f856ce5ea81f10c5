#include <algorithm>
#include <set>

#include "storage/message_index.h"

namespace rapport {
namespace {

class MemoryMessageIndex final : public MessageIndex {
 public:
  void find(std::span<const MessageKey> keys, std::vector<bool>& seen) override {
    seen.assign(keys.size(), false);
    for (size_t i = 0; i < keys.size(); ++i) seen[i] = keys_.contains(keys[i]);
  }
  void mark(std::span<const MessageKey> keys, Timestamp /*received_at*/, Offset through,
            std::span<const MessageKey> lasting) override {
    keys_.insert(keys.begin(), keys.end());
    keys_.insert(lasting.begin(), lasting.end());
    through_ = std::max(through_, through);
  }
  Offset through() const override { return through_; }
  void flush() override {}

 private:
  std::set<MessageKey> keys_;
  Offset through_ = 0;
};

}  // namespace

std::unique_ptr<MessageIndex> make_memory_message_index() {
  return std::make_unique<MemoryMessageIndex>();
}

}  // namespace rapport
