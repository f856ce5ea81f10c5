// Small parts of the program that application.cc wires: what stopping may take, who may do what on
// the live connection, which events tell of messages, and customers as segments show them.
#pragma once

#include <condition_variable>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "base/permission.h"
#include "customers/activity_reader.h"
#include "customers/customer_reader.h"
#include "http/message.h"
#include "segments/segment_service.h"

namespace rapport {

/// Resident memory of this process, in bytes.
double resident_bytes();

/// Ends the program when stopping takes too long: a provider that hangs may hold a worker longer
/// than a stop may take. Everything acknowledged is on disk, so that is safe; what was in flight is
/// sent again.
class StopWatchdog {
 public:
  StopWatchdog() : thread_([this] { run(); }) {}
  ~StopWatchdog() {
    {
      const std::lock_guard lock(mutex_);
      done_ = true;
    }
    wake_.notify_all();
    thread_.join();
  }

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable wake_;
  bool done_ = false;
  std::thread thread_;
};

/// Whether the caller's role or key grants it.
bool caller_may(const Caller& caller, Permission permission);

/// The events that tell of messages.
ActivityNames activity_names();

class Summaries final : public CustomerSummaries {
 public:
  explicit Summaries(const CustomerReader& reader) : reader_(reader) {}
  std::vector<std::string> summaries(WorkspaceId workspace,
                                     std::span<const CustomerId> customers) const override;

 private:
  const CustomerReader& reader_;
};

}  // namespace rapport
