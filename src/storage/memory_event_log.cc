#include <algorithm>
#include <mutex>
#include <vector>

#include "base/error.h"
#include "base/limits.h"
#include "storage/event_log.h"

namespace rapport {
namespace {

class MemoryEventLog final : public EventLog {
 public:
  Offset append(std::span<const std::string> records) override {
    if (records.empty() || records.size() > limits::kMaxLogBlockEvents) {
      throw Error(ErrorCode::kPayloadTooLarge, "Too much for one block of the event log.");
    }
    const std::lock_guard lock(mutex_);
    const Offset first = end_ + 1;
    blocks_.push_back(std::make_shared<const Block>(
        Block{first, std::vector<std::string>(records.begin(), records.end())}));
    end_ += records.size();
    return first;
  }

  Offset end() const override {
    const std::lock_guard lock(mutex_);
    return end_;
  }

  Offset read(Offset from, size_t min_records,
              const std::function<void(Offset, std::string_view)>& visit) const override {
    Offset next = std::max<Offset>(from, 1);
    size_t visited = 0;
    while (visited < min_records) {
      const auto block = block_of(next);
      if (!block) break;
      for (size_t i = next - block->first; i < block->records.size(); ++i, ++next, ++visited) {
        visit(next, block->records[i]);
      }
    }
    return visited == 0 ? from : next;
  }

  std::optional<std::string> find(Offset offset) const override {
    const auto block = block_of(offset);
    if (!block) return std::nullopt;
    return block->records[offset - block->first];
  }

 private:
  struct Block {
    Offset first;
    std::vector<std::string> records;
  };

  std::shared_ptr<const Block> block_of(Offset offset) const {
    const std::lock_guard lock(mutex_);
    if (offset == 0 || offset > end_) return nullptr;
    const auto after = std::upper_bound(
        blocks_.begin(), blocks_.end(), offset,
        [](Offset value, const std::shared_ptr<const Block>& b) { return value < b->first; });
    return *std::prev(after);
  }

  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<const Block>> blocks_;
  Offset end_ = 0;
};

}  // namespace

std::unique_ptr<EventLog> make_memory_event_log() {
  return std::make_unique<MemoryEventLog>();
}

}  // namespace rapport
