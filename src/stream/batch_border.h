// BatchBorder: a stage derives from it beside Stage when some of its events must find everything
// before them in the stores, and not only in the batch. The projector ends a batch before such an
// event. Rare events only: each costs a commit.
#pragma once

#include "stream/event.h"

namespace rapport {

class BatchBorder {
 public:
  virtual ~BatchBorder() = default;
  /// Of the event alone, so that the same log is cut alike.
  virtual bool begins_batch(const Event& event) const = 0;
};

}  // namespace rapport
