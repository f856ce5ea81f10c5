// ProfileStage: traits, first and last seen, counters, and the warehouse row of every event.
//
// Operation: identify events (and context.traits of any event that carries a user id) set traits;
// the value with the latest event time wins, whatever order they arrive in, and equal times go to
// the later offset. Counters are summed up during a batch and written once a customer. Runs after
// IdentityStage. Concurrency: the projector's thread.
#pragma once

#include <string>
#include <unordered_map>
#include <unordered_set>

#include "stream/stage.h"

namespace rapport {

class ProfileStage final : public Stage {
 public:
  std::string_view name() const override { return "profiles"; }
  std::span<const Migration> migrations() const override;
  void apply(StagedEvent& event, StageBatch& batch) override;
  void flush(StageBatch& batch) override;
  void settled(bool committed) override;

 private:
  struct Activity {
    int64_t first_us = 0;
    int64_t last_us = 0;
    int64_t count = 0;
    void add(const Activity& other);
  };

  void take_over(const StagedEvent& event, StageBatch& batch);
  void set_traits(const StagedEvent& event, StageBatch& batch, std::string_view path);
  void add_warehouse_row(const StagedEvent& event, StageBatch& batch);

  std::unordered_map<CustomerId, Activity> activity_;
  std::unordered_set<std::string> names_;  // of traits that this event has set
};

/// The text by which a profile is found when it is one of the searchable traits (names, e-mail),
/// folded (base/text_fold.h); null for other traits. `json` is the trait's value.
std::optional<std::string> searchable_text(std::string_view trait, std::string_view json);

}  // namespace rapport
