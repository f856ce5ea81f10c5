// IdentifierCache: which customer holds an identifier, for those met lately.
//
// A bounded cache in front of state.db. Identifiers are kept as 128-bit keyed hashes, so an entry
// takes 24 bytes whatever its text, and two identifiers do not meet in one entry by chance or by
// intent. Two generations: when the young one is full it becomes the old one, and the old one goes;
// what is found in the old one moves to the young one.
// Concurrency: one thread. Limits: kGeneration entries a generation, some 25 MB together.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "base/ids.h"

namespace rapport {

class IdentifierCache {
 public:
  static constexpr size_t kGeneration = 390'000;  // three quarters of 2^19

  /// 0 when the cache does not know; then state.db does.
  CustomerId find(WorkspaceId workspace, std::string_view kind, std::string_view value);
  void remember(WorkspaceId workspace, std::string_view kind, std::string_view value,
                CustomerId customer);
  void clear();

 private:
  using Key = std::array<char, 16>;
  struct Slot {
    Key key{};
    CustomerId customer;  // 0: free
  };
  /// Open addressing; a power of two of slots, or none.
  class Table {
   public:
    const Slot* find(const Key& key) const;
    void set(const Key& key, CustomerId customer);
    size_t size() const { return size_; }

   private:
    size_t slot_of(const Key& key) const;
    void grow();

    std::vector<Slot> slots_;
    size_t size_ = 0;
  };

  void set(const Key& key, CustomerId customer);

  Table young_;
  Table old_;
};

}  // namespace rapport
