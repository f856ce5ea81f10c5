#include "stream/in_flight.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"

namespace rapport {
namespace {

constexpr size_t kBytes = InFlightJournal::kSlots * sizeof(uint64_t);

}  // namespace

InFlightJournal::InFlightJournal(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  void* map = MAP_FAILED;
  if (file >= 0) {
    if (::ftruncate(file, kBytes) == 0) {
      map = ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    }
    ::close(file);
  }
  if (map == MAP_FAILED) {
    throw Error(ErrorCode::kUnavailable, "The journal of messages in flight cannot be opened",
                path);
  }
  slots_ = static_cast<volatile uint64_t*>(map);
  for (size_t slot = kSlots; slot-- > 0;) {
    const uint64_t id = slots_[slot];
    if (id == 0 || !taken_.emplace(id, slot).second) {
      slots_[slot] = 0;
      free_.push_back(slot);
    } else {
      interrupted_.insert(id);
    }
  }
}

InFlightJournal::~InFlightJournal() {
  ::munmap(const_cast<uint64_t*>(slots_), kBytes);
}

bool InFlightJournal::begin(uint64_t id) {
  const std::lock_guard lock(mutex_);
  if (!taken_.contains(id) && !free_.empty()) {
    const size_t slot = free_.back();
    free_.pop_back();
    taken_.emplace(id, slot);
    slots_[slot] = id;
  }
  return interrupted_.contains(id);
}

void InFlightJournal::end(uint64_t id) {
  const std::lock_guard lock(mutex_);
  interrupted_.erase(id);
  const auto it = taken_.find(id);
  if (it == taken_.end()) return;
  slots_[it->second] = 0;
  free_.push_back(it->second);
  taken_.erase(it);
}

bool InFlightJournal::contains(uint64_t id) const {
  const std::lock_guard lock(mutex_);
  return taken_.contains(id);
}

}  // namespace rapport
