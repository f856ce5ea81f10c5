// The instant a condition is asked about, and which facts may be seen from there. Plain data.
#pragma once

#include "base/limits.h"
#include "base/time.h"

namespace rapport {

struct Moment {
  Timestamp at;           // windows end here
  Timestamp horizon;      // facts dated later are not seen; >= at
  bool historic = false;  // asked about the past: customers unknown at that time are left out

  /// Now. Facts dated up to limits::kMaxFutureSkew ahead count, as a client's clock may run ahead
  /// and the profile already shows them.
  static Moment live(Timestamp now) { return {now, now + limits::kMaxFutureSkew, false}; }
  /// Exactly as at `t`, with customers as they are merged today.
  static Moment as_of(Timestamp t) { return {t, t, true}; }
};

}  // namespace rapport
