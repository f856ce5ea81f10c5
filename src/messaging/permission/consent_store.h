// The consent rows in state.db: where each customer stands, and every step of how they came there.
// Functions of an open connection. Only the projector writes.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "messaging/permission/consent.h"
#include "storage/state_store.h"

namespace rapport {

/// One entry of a customer's consent history.
struct ConsentRecord {
  ConsentFact fact;
  Offset offset = 0;
};

/// A confirmation that was asked for.
struct ConsentRequest {
  Offset offset = 0;  // of the request's event
  WorkspaceId workspace;
  CustomerId customer;
  TopicId topic;
  std::string channel;
  std::string address;
  std::string language;
  Timestamp at;
};

namespace consent_store {

std::span<const Migration> migrations();

/// Adds to the history; the state follows when the fact is later than what it rests on.
void record(Connection& state, const ConsentFact& fact, Offset offset);
/// Gives what `loser` said to `winner`; of two answers the later one counts.
void merge(Connection& state, WorkspaceId workspace, CustomerId loser, CustomerId winner);

std::vector<ConsentState> list(Connection& state, WorkspaceId workspace, CustomerId customer);
std::optional<ConsentState> find(Connection& state, WorkspaceId workspace, CustomerId customer,
                                 TopicId topic, std::string_view channel);
/// Newest first by the log, those below `before`.
std::vector<ConsentRecord> list_history(Connection& state, WorkspaceId workspace,
                                        CustomerId customer, Offset before, size_t limit);

void add_request(Connection& state, const ConsentRequest& request);
std::optional<ConsentRequest> find_request(Connection& state, WorkspaceId workspace, Offset offset);
/// Requests of a customer on a channel after `since`.
int64_t count_requests(Connection& state, WorkspaceId workspace, CustomerId customer,
                       std::string_view channel, Timestamp since);

}  // namespace consent_store
}  // namespace rapport
