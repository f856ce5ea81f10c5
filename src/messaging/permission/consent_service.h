// ConsentService: records what customers agreed to, with its proof, and reads it back.
//
// Everything is a system event in the log, committed before a call returns, and waited for a moment
// until it is applied. A person or an admin key may record any answer with proof. A form with a
// write key, which is public, can never lift a refusal or skip a double opt-in: then its consent
// becomes a request that the customer confirms by a message. Thread-safe; calls block.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "access/audit_service.h"
#include "customers/customer_reader.h"
#include "messaging/permission/consent_store.h"
#include "messaging/permission/topic_service.h"
#include "runtime/clock.h"
#include "runtime/random.h"
#include "storage/state_store.h"
#include "stream/event.h"
#include "stream/log_writer.h"
#include "stream/projector.h"

namespace rapport {

/// Who a consent is about, as an outside system knows them; at least one is set.
struct PersonIdentifiers {
  std::string user_id;
  std::string anonymous_id;
  std::string email;
  std::string phone;
};

/// Throws kInvalidArgument when there is none, or one is too long or no address.
void check_person(const PersonIdentifiers& person);

/// An identify event about a person. `email` and `language` become traits, empty ones are left out;
/// `known_email` only says who it is.
NewEvent make_identify_event(WorkspaceId workspace, const PersonIdentifiers& person,
                             std::string_view email, std::string_view language,
                             std::string_view known_email, EventOrigin origin, Timestamp at,
                             std::string_view message_id);

/// What a browser tells of a consent, kept as its proof.
struct BrowserProof {
  std::string_view ip;
  std::string_view user_agent;
  std::string_view origin;                // empty: not known
  std::string_view form;                  // JSON of the form's own proof; empty: none
  std::optional<Timestamp> requested_at;  // of what is confirmed now
};
/// As one JSON object; long texts are cut.
std::string proof_json(const BrowserProof& proof);

struct ConsentInput {
  TopicId topic;  // 0: all topics, to withdraw only
  std::string channel = "email";
  ConsentStatus status = ConsentStatus::kGiven;
  std::string source;
  std::string text;  // empty: the topic's description in `language`
  std::string language;
  std::optional<Timestamp> at;  // absent: now
  std::string proof;            // JSON object
  std::string actor;
  std::string address;
};

struct ConsentImport {
  struct Refusal {
    uint64_t line = 0;
    std::string field;
    std::string reason;
  };
  size_t accepted = 0;
  size_t duplicates = 0;
  std::vector<Refusal> refused;
};

class ConsentService {
 public:
  ConsentService(const StateStore& state, const CustomerReader& customers,
                 const TopicService& topics, LogWriter& writer, Projector& projector,
                 AuditService& audit, const Clock& clock, Random& random);

  /// kNotFound when the customer is not there; kInvalidArgument naming the field.
  void record(WorkspaceId workspace, CustomerId customer, ConsentInput input, const Actor& actor);
  /// Of a person who may not be a customer yet. `trusted`: not from the outside world. Gives what
  /// was recorded: a consent may have become a request.
  ConsentStatus record_from_form(WorkspaceId workspace, const PersonIdentifiers& person,
                                 ConsentInput input, bool trusted);
  /// Several answers of the customer themselves at once, as one block of the log.
  void record_own(WorkspaceId workspace, CustomerId customer,
                  const std::vector<ConsentInput>& inputs);
  /// CSV with a header row; see docs/permission.md. Rows that are wrong are listed, the others
  /// count.
  ConsentImport import_csv(WorkspaceId workspace, std::string csv, const Actor& actor);

  /// Whether they refuse a topic (0: every one) on a channel now. Merged ids answer too.
  bool refused(WorkspaceId workspace, CustomerId customer, TopicId topic,
               std::string_view channel) const;
  std::vector<ConsentState> states(WorkspaceId workspace, CustomerId customer) const;
  std::vector<ConsentRecord> history(WorkspaceId workspace, CustomerId customer, Offset before,
                                     size_t limit) const;

 private:
  struct ImportRow;

  ConsentFact fact_from(WorkspaceId workspace, CustomerId customer,
                        const ConsentInput& input) const;
  void append_and_wait(std::vector<NewEvent> events);
  CustomerId resolve(WorkspaceId workspace, const PersonIdentifiers& person);
  std::optional<CustomerId> find_person(WorkspaceId workspace,
                                        const PersonIdentifiers& person) const;
  NewEvent identify(WorkspaceId workspace, const PersonIdentifiers& person, EventOrigin origin);
  void read_rows(WorkspaceId workspace, std::string csv, std::vector<ImportRow>& rows,
                 ConsentImport& outcome) const;
  ImportRow read_row(WorkspaceId workspace, const std::vector<std::string>& columns,
                     const std::vector<std::string_view>& cells) const;

  const StateStore& state_;
  const CustomerReader& customers_;
  const TopicService& topics_;
  LogWriter& writer_;
  Projector& projector_;
  AuditService& audit_;
  const Clock& clock_;
  Random& random_;
};

}  // namespace rapport
