#include "messaging/delivery/mail_transport.h"

#include "messaging/delivery/hook_events.h"

namespace rapport {
namespace {

std::string_view domain_of(std::string_view address) {
  return address.substr(address.find('@') + 1);
}

DeliveryOutcome from_smtp(const SmtpOutcome& smtp) {
  DeliveryOutcome outcome;
  outcome.status = DeliveryStatus::kRetry;
  if (smtp.accepted()) outcome.status = DeliveryStatus::kSent;
  // A refusal before the message was named is the provider's trouble, and may pass.
  if (smtp.status == SmtpStatus::kPermanent && !smtp.is_provider_trouble()) {
    outcome.status = DeliveryStatus::kFailed;
  }
  if (smtp.reply_code != 0) outcome.reason = std::to_string(smtp.reply_code) + " ";
  outcome.reason += smtp.text;
  if (smtp.accepted()) return outcome;
  outcome.failure = mail_failure_name(smtp.failure);
  if (smtp.is_provider_trouble()) return outcome;
  if (is_hard_failure(smtp.failure)) outcome.bounce = "hard";
  if (is_soft_failure(smtp.failure)) outcome.bounce = "soft";
  return outcome;
}

}  // namespace

MailTransport::MailTransport(ProviderService& providers, SandboxMailbox& sandbox,
                             const SendingDomainService& domains,
                             const ReturnPathSigner& return_paths, const Clock& clock)
    : pool_(providers, clock),
      sandbox_(sandbox),
      domains_(domains),
      return_paths_(return_paths),
      clock_(clock) {}

ProviderPool::Admission MailTransport::admit(WorkspaceId workspace, std::string_view recipient) {
  return pool_.admit(workspace, domain_of(recipient));
}

DeliveryOutcome MailTransport::send(ProviderPool::Lease lease, const OutgoingMail& mail) {
  const auto identity = domains_.identity(mail.workspace, domain_of(mail.from));
  std::string wire;
  for (const DkimSigner& signer : identity->signers) wire += signer.sign(mail.mime, clock_.now());
  wire += mail.mime;
  if (lease.provider().sandbox) {
    sandbox_.put(mail.workspace,
                 {0, mail.message_id, mail.from_shown, mail.to, wire, clock_.now()});
    pool_.settle_sandbox(std::move(lease));
    DeliveryOutcome outcome;
    outcome.status = DeliveryStatus::kSent;
    return outcome;
  }
  const std::string sender =
      identity->return_domain.empty()
          ? mail.from
          : return_paths_.address(mail.workspace, mail.message, identity->return_domain);
  const std::string headers = provider_headers(lease.provider().smtp.host,
                                               return_paths_.token(mail.workspace, mail.message));
  std::string provider;
  return from_smtp(pool_.send(std::move(lease), sender, mail.to, headers + wire, provider));
}

}  // namespace rapport
