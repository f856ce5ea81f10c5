// SegmentWorker: the threads that write the engine's own events to the log: what segments ask, how
// far they are computed, who entered and left, and the time when nothing else tells it.
//
// Definitions are compared with the engine's state, not counted, so a crash between saving a
// segment and telling of it loses nothing; computing goes on where the state says it stands. Starts
// when the projector has applied the whole log: what was told before a crash is known then.
// Concurrency: one thread for definitions and fills, one for changes, one for time; `notify` and
// `committed` from any. Failures are logged and tried again.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "runtime/clock.h"
#include "segments/segment_stage.h"
#include "stream/log_writer.h"
#include "stream/projector.h"

namespace rapport {

class SegmentWorker {
 public:
  struct Ports {
    StateStore& control;
    const StateStore& state;
    const Warehouse& warehouse;
    LogWriter& writer;
    Projector& projector;
    SegmentStage& stage;
    const Clock& clock;
    /// A workspace's zone, an IANA name; empty when there is no such workspace.
    std::function<std::string(WorkspaceId)> time_zone;
    /// Null when there is no such topic; without it there are none.
    std::function<std::optional<TopicFacts>(WorkspaceId, std::string_view topic)> topic;
  };

  explicit SegmentWorker(Ports ports);
  ~SegmentWorker();

  void start();
  void stop();
  /// A definition was saved or removed.
  void notify();
  /// The projector committed.
  void committed();

  // One round each, on the caller's thread; what the threads repeat. True when something was done.
  bool announce();
  bool fill();
  bool tell_changes();
  bool tell_time();

 private:
  template <class Round>
  void repeat(const Round& round, std::string_view what);
  bool follow_definitions();
  std::chrono::milliseconds idle_time() const;
  bool stopping();
  void append(std::vector<NewEvent> events);
  void add_topics(SegmentDefinition& definition) const;
  bool asks_anew(const SegmentDefinition& stored, const std::string& zone) const;
  std::map<SegmentId, std::string> read_names(WorkspaceId workspace) const;

  Ports ports_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  uint64_t rounds_ = 0;  // grows with everything that may give the threads work
  std::atomic<bool> definitions_changed_{true};
  std::chrono::steady_clock::time_point next_look_{};
  std::map<std::pair<WorkspaceId, SegmentId>, uint32_t> announced_;  // versions, by this process
  uint64_t told_ = 0;                                                // the last change in the log
  std::vector<std::thread> threads_;
};

}  // namespace rapport
