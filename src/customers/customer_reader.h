// CustomerReader: what is known of customers, read back from the projections and the log.
//
// Every question has the workspace first. A merged customer's id answers as its survivor.
// Thread-safe; calls block.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "storage/event_log.h"
#include "storage/state_store.h"
#include "storage/warehouse.h"

namespace rapport {

struct LinkedIdentifier {
  std::string kind;
  std::string value;
  Timestamp linked_at;
  std::string reason;
  std::string message_id;
};

struct Customer {
  CustomerId id;
  std::vector<LinkedIdentifier> identifiers;
  std::vector<std::pair<std::string, std::string>> traits;  // name, JSON
  Timestamp first_seen;
  Timestamp last_seen;
  int64_t event_count = 0;
  std::vector<CustomerId> merged_from;

  /// Value of the first identifier of a kind, empty when there is none.
  std::string_view identifier(std::string_view kind) const;
  /// The traits as one JSON object.
  std::string traits_json() const;
  /// The trait `email` (what the customer said last), else the first e-mail identifier, else empty.
  std::string email() const;
  /// What people call them: the name, else the e-mail, else the user_id, else empty.
  std::string label() const;
  /// Text of a trait that is a JSON string without escapes, else empty.
  std::string_view text_trait(std::string_view name) const;
};

struct RejectedEvent {
  Offset offset = 0;
  Timestamp received_at;
  std::string reason;
  std::string field;
  std::string message_id;
  std::string raw;
};

/// One step of an identity decision that left an identifier out.
struct IdentityRefusal {
  Offset offset = 0;
  std::string kind;
  std::string value;
  std::string reason;
};

struct CustomerFilter {
  std::string query;  // empty: everybody
  /// When set: only these, ascending by id.
  std::optional<std::vector<CustomerId>> among;
};

struct EventListFilter {
  std::optional<CustomerId> customer;
  std::optional<uint8_t> type;
  std::string name;  // empty: any
  /// A customer's id, or what CustomerFilter::query takes: of the first limits::kMaxEventPeople
  /// customers it finds. Empty: of anybody.
  std::string who;
};

template <class T>
struct Slice {
  std::vector<T> items;
  std::string next_cursor;  // empty: the end
};

class CustomerReader {
 public:
  CustomerReader(const StateStore& state, const Warehouse& warehouse, const EventLog& log)
      : state_(state), warehouse_(warehouse), log_(log) {}

  /// Newest first. A query finds who has an identifier or an e-mail that begins with it, or names
  /// that have a word beginning with each of its words; case and accents do not matter.
  Slice<Customer> list(WorkspaceId workspace, const CustomerFilter& filter, size_t limit,
                       std::string_view cursor) const;
  std::optional<Customer> find(WorkspaceId workspace, CustomerId id) const;
  std::optional<Customer> find_by(WorkspaceId workspace, std::string_view kind,
                                  std::string_view value) const;
  std::vector<Customer> list_by_id(WorkspaceId workspace, std::span<const CustomerId> ids) const;
  /// Event JSON, newest first by event time.
  Slice<std::string> events(WorkspaceId workspace, const EventListFilter& filter, size_t limit,
                            std::string_view cursor) const;
  /// Event JSON in the order of the log, the newest `limit` of those above `after`.
  std::vector<std::string> events_after(WorkspaceId workspace, Offset after, size_t limit) const;
  Slice<RejectedEvent> rejected(WorkspaceId workspace, size_t limit, std::string_view cursor) const;
  std::vector<IdentityRefusal> refusals(WorkspaceId workspace, CustomerId customer,
                                        size_t limit) const;
  int64_t count(WorkspaceId workspace) const;
  int64_t count_events(WorkspaceId workspace) const;

 private:
  struct EventPlace;
  std::vector<CustomerId> people(WorkspaceId workspace, const EventListFilter& filter) const;
  std::vector<CustomerId> find_ids(Connection& c, WorkspaceId workspace,
                                   const CustomerFilter& filter, size_t limit,
                                   CustomerId before) const;
  std::map<CustomerId, std::string> read_labels(WorkspaceId workspace,
                                                std::span<const EventPlace> places) const;

  const StateStore& state_;
  const Warehouse& warehouse_;
  const EventLog& log_;
};

/// One customer read on an open connection: for modules that look at one while doing something
/// else.
std::optional<Customer> read_customer(Connection& state, WorkspaceId workspace, CustomerId id);

}  // namespace rapport
