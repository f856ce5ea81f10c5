// A row of the message ledger as SQL and as a Message; for those who read it. Functions of an open
// connection.
#pragma once

#include "messaging/message_reader.h"

#define RAPPORT_MESSAGE_COLUMNS                                                                    \
  "id, workspace, campaign, customer, channel, address, subject, status, run, variant, attempts, " \
  "reason, queued_at, planned_at, lane IS NOT NULL"

namespace rapport {

/// Of the columns above, without its history.
Message read_message(Statement& row);
void add_history(Connection& c, Message& message);

}  // namespace rapport
