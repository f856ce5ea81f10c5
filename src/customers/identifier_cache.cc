#include "customers/identifier_cache.h"

#include <cstring>
#include <utility>

#include "crypto/hash.h"

namespace rapport {
namespace {

constexpr size_t kFirstSlots = 1'024;

Key128 key_of(WorkspaceId workspace, std::string_view kind, std::string_view value) {
  return table_hash_128(
      {{reinterpret_cast<const char*>(&workspace.value), sizeof workspace.value}, kind, value});
}

}  // namespace

size_t IdentifierCache::Table::slot_of(const Key& key) const {
  uint64_t word;
  std::memcpy(&word, key.data(), sizeof word);
  size_t at = word & (slots_.size() - 1);
  while (slots_[at].customer.value != 0 && slots_[at].key != key) {
    at = (at + 1) & (slots_.size() - 1);
  }
  return at;
}

const IdentifierCache::Slot* IdentifierCache::Table::find(const Key& key) const {
  if (slots_.empty()) return nullptr;
  const Slot& slot = slots_[slot_of(key)];
  return slot.customer.value == 0 ? nullptr : &slot;
}

void IdentifierCache::Table::set(const Key& key, CustomerId customer) {
  if ((size_ + 1) * 4 > slots_.size() * 3) grow();
  Slot& slot = slots_[slot_of(key)];
  if (slot.customer.value == 0) ++size_;
  slot = {key, customer};
}

void IdentifierCache::Table::grow() {
  const std::vector<Slot> before = std::move(slots_);
  slots_.assign(before.empty() ? kFirstSlots : 2 * before.size(), Slot{});
  for (const Slot& slot : before) {
    if (slot.customer.value != 0) slots_[slot_of(slot.key)] = slot;
  }
}

CustomerId IdentifierCache::find(WorkspaceId workspace, std::string_view kind,
                                 std::string_view value) {
  const Key key = key_of(workspace, kind, value);
  if (const Slot* slot = young_.find(key)) return slot->customer;
  const Slot* const slot = old_.find(key);
  if (slot == nullptr) return {};
  const CustomerId customer = slot->customer;
  set(key, customer);
  return customer;
}

void IdentifierCache::remember(WorkspaceId workspace, std::string_view kind, std::string_view value,
                               CustomerId customer) {
  set(key_of(workspace, kind, value), customer);
}

void IdentifierCache::set(const Key& key, CustomerId customer) {
  if (young_.size() >= kGeneration) old_ = std::exchange(young_, {});
  young_.set(key, customer);
}

void IdentifierCache::clear() {
  young_ = {};
  old_ = {};
}

}  // namespace rapport
