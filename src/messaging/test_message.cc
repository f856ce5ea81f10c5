#include "messaging/test_message.h"

#include "base/error.h"
#include "base/text.h"
#include "http/json_schema.h"
#include "mail/address.h"

namespace rapport {
namespace {

// No worker of the dispatcher has this number, so a test has a connection of its own.
constexpr size_t kTestWorker = 1'000'000;
// Ids of messages and campaigns in the ledger stay below; nothing is found under those of tests.
constexpr uint64_t kBeyondLedger = uint64_t{1} << 61;

struct TestInput {
  std::string to;
  std::optional<std::string> customer_id;
};
BOOST_DESCRIBE_STRUCT(TestInput, (), (to, customer_id))

struct TestBody {
  std::string to;
  std::string subject;
};
BOOST_DESCRIBE_STRUCT(TestBody, (), (to, subject))

Response send_test(TestMessages& messages, const Actor& actor, const Request& request) {
  const auto campaign = parse_id<CampaignTag>(request.parameter("id"));
  if (!campaign) throw Error::not_found("Campaign");
  messages.require(WorkspaceId{request.caller.workspace}, *campaign);
  const auto input = parse_json<TestInput>(request.body);
  std::optional<CustomerId> as;
  if (input.customer_id && !input.customer_id->empty()) {
    as = parse_id<CustomerTag>(*input.customer_id);
    if (!as) throw Error::invalid("customer_id", "is not a customer's id");
  }
  const auto sent =
      messages.send(WorkspaceId{request.caller.workspace}, *campaign, input.to, as, actor);
  return Response::json(to_json(TestBody{sent.to, sent.subject}));
}

}  // namespace

/// The channel keeps parsed templates by campaign, and a draft changes between two tests.
Campaign TestMessages::campaign_copy(WorkspaceId workspace, CampaignId id) {
  Campaign campaign = campaigns_.get(workspace, id).campaign;
  campaign.id = CampaignId{kBeyondLedger | (random_.next() >> 4)};
  return campaign;
}

void TestMessages::require(WorkspaceId workspace, CampaignId id) const {
  campaigns_.get(workspace, id);
}

TestMessages::Sent TestMessages::send(WorkspaceId workspace, CampaignId id, std::string_view to,
                                      std::optional<CustomerId> as, const Actor& actor) {
  const Campaign campaign = campaign_copy(workspace, id);
  const auto owner = workspaces_.find(workspace);
  if (!owner) throw Error::not_found("Workspace");
  std::optional<Customer> customer = Customer{};
  if (as) customer = customers_.find(workspace, *as);
  if (!customer) throw Error::invalid("customer_id", "is not a customer of this workspace");
  Message message;
  message.id = MessageId{kBeyondLedger | (random_.next() >> 4)};
  message.workspace = workspace;
  message.campaign = campaign.id;
  message.customer = CustomerId{};
  message.channel = campaign.channel;
  message.address = to_lower_ascii(trim(to));
  if (!is_valid_address(message.address)) throw Error::invalid("to", "is not an e-mail address");
  if (messages_.suppressed(message)) {
    throw Error::invalid("to", "is suppressed: this address must not be written to");
  }
  audit_.record(workspace, actor, "campaign.test", to_public(id), message.address);
  const std::lock_guard lock(mutex_);
  const ChosenContent chosen = content_of(campaign, 0);
  const DeliveryOutcome outcome = email_.send({message,
                                               campaign,
                                               *customer,
                                               owner->name,
                                               chosen.content,
                                               to_public(campaign.id),
                                               {},
                                               chosen.template_id,
                                               owner->time_zone},
                                              kTestWorker);
  if (outcome.status == DeliveryStatus::kSent) return {message.address, outcome.subject};
  if (outcome.reason.starts_with("template")) throw Error::invalid("template", outcome.reason);
  throw Error(ErrorCode::kUnavailable, "The e-mail provider answered: " + outcome.reason);
}

RouteGroup make_test_message_routes(TestMessages& messages,
                                    std::function<Actor(const Request&)> actor) {
  Route route;
  route.method = "POST";
  route.pattern = "/api/v1/campaigns/{id}/test";
  route.permission = Permission::kCampaignsWrite;
  route.operation_id = "testCampaign";
  route.summary = "Send the campaign's message to one address, outside its figures";
  route.tag = "messaging";
  route.request_schema = "CampaignTestInput";
  route.response_schema = "CampaignTest";
  route.handler = [&messages, actor = std::move(actor)](const Request& request) {
    return send_test(messages, actor(request), request);
  };
  return {{std::move(route)},
          {named_schema<TestInput>("CampaignTestInput"), named_schema<TestBody>("CampaignTest")}};
}

}  // namespace rapport
