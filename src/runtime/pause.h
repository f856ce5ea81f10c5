// Waits real time, for command line tools that ask a program again and again. Servers and stages
// never do: they have timers and conditions.
#pragma once

#include <chrono>

namespace rapport {

/// Blocks the calling thread.
void pause_for(std::chrono::milliseconds time);

}  // namespace rapport
