// InFlightJournal: which intents were being carried out when the process ended.
//
// A file of slots mapped into memory: an intent's id stands in one from before its effect until the
// log has the outcome. The kernel keeps the pages when the process is killed, so the next process
// knows which effects may happen a second time, and can say so. It costs no write that is waited
// for; after a power failure the file may be older, and repeats go unnoticed. Losing the file loses
// only that knowledge. Thread-safe. Limit: kSlots at a time, others are not noted.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace rapport {

class InFlightJournal {
 public:
  static constexpr size_t kSlots = 4'096;

  /// Opens or creates the file. Throws kUnavailable when it cannot be mapped.
  explicit InFlightJournal(const std::string& path);
  ~InFlightJournal();
  InFlightJournal(const InFlightJournal&) = delete;
  InFlightJournal& operator=(const InFlightJournal&) = delete;

  /// True when an earlier process may have carried it out already.
  bool begin(uint64_t id);
  /// The outcome is in the log.
  void end(uint64_t id);
  /// Whether it is being carried out, or was when an earlier process ended.
  bool contains(uint64_t id) const;

 private:
  volatile uint64_t* slots_ = nullptr;
  mutable std::mutex mutex_;
  std::vector<size_t> free_;
  std::map<uint64_t, size_t> taken_;
  std::set<uint64_t> interrupted_;
};

}  // namespace rapport
