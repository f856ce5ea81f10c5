// OwnPageService: what a customer sees and changes on their own pages, reached by signed links.
//
// Reading changes nothing. Every change is a system event, durable before a call returns, and
// applied before it within a few seconds. What a customer does here carries its proof: the text as
// shown, when, and from where. Thread-safe; calls block.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "customers/customer_reader.h"
#include "messaging/message_reader.h"
#include "messaging/permission/consent_service.h"
#include "messaging/permission/own_page.h"
#include "messaging/permission/permission_links.h"

namespace rapport {

/// What a browser tells besides its form; part of the proof.
struct PageVisit {
  std::string ip;
  std::string user_agent;
  std::string accept_language;
  std::string language;  // asked for by ?lang=; empty: not
};

using FormFields = std::vector<std::pair<std::string, std::string>>;

class OwnPageService {
 public:
  OwnPageService(const StateStore& state, const CustomerReader& customers,
                 const TopicService& topics, ConsentService& consents,
                 const MessageReader& messages, const PermissionLinks& links, LogWriter& writer,
                 Projector& projector, const Clock& clock, Random& random,
                 std::function<std::string(WorkspaceId)> workspace_name);

  /// Null when the link is none of ours, is over, or its customer is gone; the id is the
  /// survivor's.
  std::optional<OwnPageLink> open(OwnPageKind kind, std::string_view token) const;
  std::string language(const OwnPageLink& link, const PageVisit& visit) const;

  PreferencesView preferences(const OwnPageLink& link, const PageVisit& visit) const;
  OwnDataView own_data(const OwnPageLink& link, const PageVisit& visit) const;
  void save(const OwnPageLink& link, const PageVisit& visit, const FormFields& form);
  void unsubscribe_all(const OwnPageLink& link, const PageVisit& visit);
  /// What to tell the customer: sent, no address, or too many.
  PageText request_address(const OwnPageLink& link, const PageVisit& visit,
                           const std::string& address);

  /// The topic's title of a consent that waits; null when the topic is gone.
  std::optional<std::string> consent_title(const OwnPageLink& link, const PageVisit& visit) const;
  void confirm_consent(const OwnPageLink& link, const PageVisit& visit);
  void confirm_address(const OwnPageLink& link, const PageVisit& visit);

  /// What the pages of a workspace look like: its brand, with its own name where that has none.
  PageBrand brand(WorkspaceId workspace) const;
  /// Before the first page is shown.
  void set_brand(std::function<PageBrand(WorkspaceId)> brand) { brand_ = std::move(brand); }
  std::string preferences_path(const OwnPageLink& link) const;

 private:
  Customer customer(const OwnPageLink& link) const;
  std::vector<OfferedTopic> offered(const std::vector<Topic>& topics,
                                    const std::vector<ConsentState>& states) const;
  CustomerPreferences wishes(const OwnPageLink& link) const;
  NewEvent identify(const Customer& customer, WorkspaceId workspace, std::string_view email,
                    std::string_view language);
  void append_and_wait(std::vector<NewEvent> events);

  const StateStore& state_;
  const CustomerReader& customers_;
  const TopicService& topics_;
  ConsentService& consents_;
  const MessageReader& messages_;
  const PermissionLinks& links_;
  LogWriter& writer_;
  Projector& projector_;
  const Clock& clock_;
  Random& random_;
  std::function<std::string(WorkspaceId)> workspace_name_;
  std::function<PageBrand(WorkspaceId)> brand_;
};

}  // namespace rapport
