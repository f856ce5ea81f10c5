// The tables of the message ledger in state.db, step by step. Pure.
#pragma once

#include <span>

#include "storage/state_store.h"

namespace rapport {

std::span<const Migration> message_migrations();

}  // namespace rapport
