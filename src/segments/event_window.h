// Which events a window holds at a moment, and for which moments a window holds an event. The two
// views agree: an event counts at a moment exactly when that moment is one of those it counts at.
// Pure, thread-safe.
#pragma once

#include "segments/asked_at.h"
#include "segments/calendar.h"
#include "segments/condition.h"

namespace rapport {

/// Times of events that count at `asked.at`, none beyond `horizon`.
TimeRange window_range(const Window& window, const AskedAt& asked, Timestamp horizon);

/// Moments at which an event of that time counts, apart from the horizon. Of `asked` only the zones
/// are used.
TimeRange counted_during(const Window& window, Timestamp occurred_at, const AskedAt& asked);

}  // namespace rapport
