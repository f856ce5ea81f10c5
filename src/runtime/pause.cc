#include "runtime/pause.h"

#include <thread>

namespace rapport {

void pause_for(std::chrono::milliseconds time) {
  std::this_thread::sleep_for(time);
}

}  // namespace rapport
