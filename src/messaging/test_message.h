// TestMessages: a campaign's message to one address of the author's choice, before it is sent.
//
// Rendered and delivered as a recipient's would be, with the data of a chosen customer, but outside
// the ledger: no row, no event, no figure of the campaign. Its links lead where they say; what is
// opened or clicked is not counted. Suppressed addresses are refused here too. The audit trail
// keeps who sent what where. Thread-safe; calls block for as long as the provider takes.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "access/actor.h"
#include "access/audit_service.h"
#include "access/workspace_service.h"
#include "customers/customer_reader.h"
#include "http/route.h"
#include "messaging/campaign_service.h"
#include "messaging/channel.h"
#include "messaging/message_reader.h"
#include "runtime/random.h"

namespace rapport {

class TestMessages {
 public:
  TestMessages(const CampaignService& campaigns, const CustomerReader& customers,
               const MessageReader& messages, const WorkspaceService& workspaces, Channel& email,
               AuditService& audit, Random& random)
      : campaigns_(campaigns),
        customers_(customers),
        messages_(messages),
        workspaces_(workspaces),
        email_(email),
        audit_(audit),
        random_(random) {}

  /// kNotFound when there is no such campaign here.
  void require(WorkspaceId workspace, CampaignId campaign) const;

  struct Sent {
    std::string to;
    std::string subject;
  };
  /// kInvalidArgument naming `to` or `customer_id`; kUnavailable with the provider's own words when
  /// it did not take the message.
  Sent send(WorkspaceId workspace, CampaignId campaign, std::string_view to,
            std::optional<CustomerId> as, const Actor& actor);

 private:
  Campaign campaign_copy(WorkspaceId workspace, CampaignId id);

  const CampaignService& campaigns_;
  const CustomerReader& customers_;
  const MessageReader& messages_;
  const WorkspaceService& workspaces_;
  Channel& email_;
  AuditService& audit_;
  std::mutex mutex_;  // one test at a time: it has one connection to the provider
  Random& random_;
};

/// POST /api/v1/campaigns/{id}/test. `messages` must outlive the routes.
RouteGroup make_test_message_routes(TestMessages& messages,
                                    std::function<Actor(const Request&)> actor);

}  // namespace rapport
