// Starts libsodium once; for the .cc files of this module.
//
// Every wrapper calls it before the library's first use. Thread-safe; free after the first call.
#pragma once

namespace rapport::detail {

/// Aborts when the library cannot start (no entropy source): nothing can be kept secret then.
void ensure_sodium();

}  // namespace rapport::detail
