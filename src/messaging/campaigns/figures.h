// Figures: counters of campaigns by run, variant and hour, gathered during a batch of the projector
// and added to state.db at its end. Projector's thread.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <tuple>

#include "base/ids.h"
#include "base/time.h"
#include "storage/state_store.h"

namespace rapport {

/// What is counted. The first are the steps of a message, by their numbers; each counts recipients.
enum class Figure : int {
  // 0 … 31: MessageStep; opened and clicked are those of people
  kMachineOpened = 32,  // a machine's first, whether a person opened too or not
  kMachineClicked = 33,
  kConverted = 34,        // recipients who reached the goal
  kConversions = 35,      // times they did
  kPossibleRepeats = 36,  // sent again after a kill that may have interrupted the first time
};

class Figures {
 public:
  struct Key {
    WorkspaceId workspace;
    CampaignId campaign;
    uint32_t run = 0;
    uint8_t variant = 0;
    auto operator<=>(const Key&) const = default;
  };

  static std::string_view schema();

  void add(const Key& key, Figure figure, Timestamp at, int64_t count = 1, double amount = 0);
  void flush(Connection& state);
  void clear() {
    totals_.clear();
    hours_.clear();
  }

 private:
  struct Sum {
    int64_t count = 0;
    double amount = 0;
  };
  std::map<std::pair<Key, Figure>, Sum> totals_;
  std::map<std::tuple<WorkspaceId, CampaignId, Figure, int64_t>, Sum> hours_;
};

}  // namespace rapport
