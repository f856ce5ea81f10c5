// The tables of component "access" in control.db: workspaces, users, sessions, API keys, sign-in
// throttling, settings, audit trail.
//
// Every row but the counters and the throttle carries its workspace first.
#pragma once

#include <string_view>

#include "storage/state_store.h"

namespace rapport {

/// Brings the tables up to date; throws kConflict when they are newer than the program.
void migrate_access(StateStore& control);

/// The next number of a series ("workspace", "user", …), from 1, never given twice; inside a write.
uint64_t next_access_id(Connection& connection, std::string_view series);

}  // namespace rapport
