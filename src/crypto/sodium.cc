#include "crypto/sodium.h"

#include <sodium.h>

#include "base/error.h"

namespace rapport::detail {

void ensure_sodium() {
  static const bool ready = sodium_init() >= 0;
  ASSERT(ready);
}

}  // namespace rapport::detail
