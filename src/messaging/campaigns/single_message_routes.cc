#include "messaging/campaigns/single_message_routes.h"

#include <memory>

#include "base/error.h"
#include "base/limits/campaigns.h"
#include "base/limits/delivery.h"
#include "base/limits/templates.h"
#include "base/text.h"
#include "http/json_schema.h"
#include "messaging/campaigns/campaign_json.h"

namespace rapport {
namespace {

struct RecipientBody {
  std::optional<std::string> customer_id;
  std::optional<std::string> user_id;
  std::optional<std::string> email;
};
BOOST_DESCRIBE_STRUCT(RecipientBody, (), (customer_id, user_id, email))

/// A file kept by the workspace, or one that comes along; `name` is what the recipient sees.
struct AttachmentInput {
  std::optional<std::string> file_id;
  std::optional<std::string> name;
  std::optional<std::string> content_type;
  std::optional<std::string> data;  // base64
};
BOOST_DESCRIBE_STRUCT(AttachmentInput, (), (file_id, name, content_type, data))

struct SingleMessageInput {
  RecipientBody to;
  std::string from;
  std::optional<std::string> channel;
  std::optional<TemplateBody> template_;
  std::optional<std::string> template_id;
  std::optional<RawJson> data;
  std::optional<std::vector<AttachmentInput>> attachments;
  std::optional<InvitationBody> invitation;
};
BOOST_DESCRIBE_STRUCT(SingleMessageInput, (),
                      (to, from, channel, template_, template_id, data, attachments, invitation))

struct AcceptedBody {
  std::string id;
  std::string customer_id;
  std::string status = "accepted";
};
BOOST_DESCRIBE_STRUCT(AcceptedBody, (), (id, customer_id, status))

struct TriggerRecipient : RecipientBody {
  std::optional<RawJson> data;
};
BOOST_DESCRIBE_STRUCT(TriggerRecipient, (RecipientBody), (data))

struct TriggerInput {
  std::vector<TriggerRecipient> recipients;
  std::optional<RawJson> data;  // for recipients without their own
};
BOOST_DESCRIBE_STRUCT(TriggerInput, (), (recipients, data))

struct TriggeredBody {
  std::vector<AcceptedBody> messages;
};
BOOST_DESCRIBE_STRUCT(TriggeredBody, (), (messages))

std::string idempotency_key(const Request& request) {
  const std::string_view key = request.header("idempotency-key");
  if (key.size() > limits::kMaxIdempotencyKeyBytes) {
    throw Error::invalid(
        "Idempotency-Key",
        "is longer than " + std::to_string(limits::kMaxIdempotencyKeyBytes) + " bytes");
  }
  if (!is_valid_utf8(key)) throw Error::invalid("Idempotency-Key", "is not UTF-8");
  return std::string(key);
}

std::string checked_data(const std::optional<RawJson>& data, const std::string& field) {
  if (!data || data->text.empty() || data->text == "null") return {};
  if (data->text.front() != '{') throw Error::invalid(field, "expected an object");
  if (data->text.size() > limits::kMaxMessageDataBytes) {
    throw Error::invalid(
        field, "is longer than " + std::to_string(limits::kMaxMessageDataBytes) + " bytes");
  }
  return data->text;
}

RecipientName name_of(const RecipientBody& body) {
  return {body.customer_id, body.user_id, body.email};
}

/// The files of a message: those it names by id, and those it brings, which are then kept.
std::vector<FileUse> keep_attachments(const SingleMessageServices& s, WorkspaceId workspace,
                                      const std::vector<AttachmentInput>& attachments) {
  if (attachments.size() > limits::kMaxAttachments) {
    throw Error::invalid("attachments", "holds at most " + std::to_string(limits::kMaxAttachments));
  }
  std::vector<NewFile> brought;
  size_t bytes = 0;
  for (size_t i = 0; i < attachments.size(); ++i) {
    const AttachmentInput& a = attachments[i];
    const std::string field = "attachments[" + std::to_string(i) + "]";
    if (a.file_id.has_value() == a.data.has_value()) {
      throw Error::invalid(field, "names a file_id or brings data");
    }
    if (a.file_id) continue;
    auto data = base64_decode(*a.data);
    if (!data) throw Error::invalid(field + ".data", "is not base64");
    NewFile file{a.name.value_or(""), a.content_type.value_or(""), std::move(*data)};
    FileService::check_new(field + ".", file);
    bytes += file.bytes.size();
    brought.push_back(std::move(file));
  }
  if (bytes > limits::kMaxAttachmentsBytes) {
    throw Error::invalid(
        "attachments",
        "are together longer than " + std::to_string(limits::kMaxAttachmentsBytes) + " bytes");
  }
  const std::vector<FileUse> kept = s.files.hold(workspace, std::move(brought));
  auto next = kept.begin();
  std::vector<FileUse> uses;
  for (const AttachmentInput& a : attachments) {
    uses.push_back(a.file_id ? FileUse{*a.file_id, a.name.value_or("")} : *next++);
  }
  s.files.use(workspace, uses);
  return uses;
}

/// The content as the queued event keeps it. The rules are those of a campaign.
std::string checked_content(const SingleMessageServices& s, WorkspaceId workspace,
                            const SingleMessageInput& input) {
  Campaign campaign;
  campaign.name = "message";
  campaign.channel = input.channel.value_or("email");
  campaign.from = input.from;
  campaign.plan.kind = CampaignKind::kTriggered;
  if (input.template_.has_value() == input.template_id.has_value()) {
    throw Error::invalid("template", "template or template_id is required, and only one of them");
  }
  if (input.template_) {
    campaign.content = {input.template_->subject, input.template_->html.value_or(""),
                        input.template_->text.value_or("")};
  }
  campaign.plan.template_id = input.template_id.value_or("");
  Enclosures& enclosures = campaign.plan.enclosures;
  if (input.invitation) enclosures.invitation = invitation_from(*input.invitation);
  check_campaign(campaign);
  if (input.template_id &&
      !(s.template_exists && s.template_exists(workspace, *input.template_id))) {
    throw Error::invalid("template_id", "there is no such template");
  }
  if (input.attachments) {
    enclosures.files = keep_attachments(s, workspace, *input.attachments);
    check_enclosures(enclosures);
  }
  return to_json(SingleContent{campaign.from, campaign.content.subject, campaign.content.html,
                               campaign.content.text, campaign.plan.template_id,
                               present_files(enclosures.files),
                               present_invitation(enclosures.invitation)});
}

Response send_message(const SingleMessageServices& s, const Request& request) {
  const WorkspaceId workspace{request.caller.workspace};
  const auto input = parse_json<SingleMessageInput>(request.body);
  SingleRequest single;
  single.to = name_of(input.to);
  single.data = checked_data(input.data, "data");
  single.content = checked_content(s, workspace, input);
  const Accepted accepted = s.singles.send(workspace, single, idempotency_key(request));
  return Response::json(
      to_json(AcceptedBody{to_public(accepted.message), to_public(accepted.customer)}), 202);
}

Response trigger_campaign(const SingleMessageServices& s, const Request& request) {
  const WorkspaceId workspace{request.caller.workspace};
  const auto id = parse_id<CampaignTag>(request.parameter("id"));
  if (!id) throw Error::not_found("Campaign");
  s.campaigns.get(workspace, *id);  // 404 before the body
  const auto input = parse_json<TriggerInput>(request.body);
  if (input.recipients.empty() || input.recipients.size() > limits::kMaxTriggerRecipients) {
    throw Error::invalid("recipients",
                         "must be from 1 to " + std::to_string(limits::kMaxTriggerRecipients));
  }
  const std::string shared = checked_data(input.data, "data");
  std::vector<SingleRequest> singles;
  for (size_t i = 0; i < input.recipients.size(); ++i) {
    const TriggerRecipient& r = input.recipients[i];
    std::string own = checked_data(r.data, "recipients[" + std::to_string(i) + "].data");
    singles.push_back({name_of(r), own.empty() ? shared : std::move(own), {}});
  }
  const Campaign campaign = s.campaigns.triggerable(workspace, *id);
  const int64_t holdout = s.holdout_percent ? s.holdout_percent(workspace) : 0;
  TriggeredBody body;
  for (const Accepted& accepted :
       s.singles.trigger(campaign, singles, idempotency_key(request), holdout)) {
    body.messages.push_back({to_public(accepted.message), to_public(accepted.customer)});
  }
  return Response::json(to_json(body), 202);
}

}  // namespace

RouteGroup make_single_message_routes(SingleMessageServices services) {
  const auto shared = std::make_shared<const SingleMessageServices>(std::move(services));
  RouteGroup group;
  Route send;
  send.method = "POST";
  send.pattern = "/api/v1/messages";
  send.permission = Permission::kCampaignsWrite;
  send.operation_id = "sendMessage";
  send.summary = "Send one transactional message, once an Idempotency-Key";
  send.tag = "messaging";
  send.request_schema = "SingleMessageInput";
  send.response_schema = "AcceptedMessage";
  send.success_status = 202;
  send.max_body_bytes = 3 * limits::kMaxTemplateBytes + limits::kMaxAttachmentsBytes * 4 / 3;
  send.handler = [shared](const Request& request) { return send_message(*shared, request); };
  Route trigger;
  trigger.method = "POST";
  trigger.pattern = "/api/v1/campaigns/{id}/trigger";
  trigger.permission = Permission::kCampaignsWrite;
  trigger.operation_id = "triggerCampaign";
  trigger.summary = "Send a triggered campaign to these recipients, once an Idempotency-Key";
  trigger.tag = "campaigns";
  trigger.request_schema = "TriggerInput";
  trigger.response_schema = "TriggeredMessages";
  trigger.success_status = 202;
  trigger.handler = [shared](const Request& request) { return trigger_campaign(*shared, request); };
  group.routes = {std::move(send), std::move(trigger)};
  group.schemas = {named_schema<SingleMessageInput>("SingleMessageInput"),
                   named_schema<AcceptedBody>("AcceptedMessage"),
                   named_schema<TriggerInput>("TriggerInput"),
                   named_schema<TriggeredBody>("TriggeredMessages")};
  return group;
}

}  // namespace rapport
