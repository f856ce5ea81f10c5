// What commands need of a terminal: passwords, and waiting for the signal that ends the program.
#pragma once

#include <string>

namespace rapport {

/// First line of standard input, without its end.
std::string read_line_from_stdin();
/// Asks on the terminal without echo, twice; empty when there is no terminal.
std::string ask_new_password();

/// Blocks SIGTERM and SIGINT in this thread and all that it starts later. Call first in `main` of a
/// command that serves.
void block_stop_signals();
/// Waits for one of them. `timeout_ms` < 0: for ever. False when the time passed.
bool wait_for_stop_signal(int timeout_ms = -1);

}  // namespace rapport
