#include "messaging/delivery/inbound_service.h"

#include "base/text.h"
#include "crypto/hash.h"

namespace rapport {
namespace {

/// Of the recipients a report names, the one that matters: a message of ours has one.
const RecipientReport* deciding(const InboundMail& mail) {
  const RecipientReport* found = nullptr;
  for (const RecipientReport& report : mail.recipients) {
    if (!found || report.action < found->action) found = &report;
  }
  return found;
}

std::string reason_of(const RecipientReport& report) {
  std::string reason = report.status;
  if (!report.diagnostic.empty()) reason += (reason.empty() ? "" : " ") + report.diagnostic;
  if (report.failure != MailFailure::kNone) {
    reason += " (" + std::string(mail_failure_name(report.failure)) + ")";
  }
  return reason;
}

}  // namespace

InboundService::InboundService(FeedbackService& feedback, const ReturnPathSigner& return_paths,
                               const LinkSigner& links, MetricsRegistry& metrics)
    : feedback_(feedback),
      return_paths_(return_paths),
      links_(links),
      used_(metrics.counter("rapport_inbound_used_total", "Inbound mails about our messages")),
      dropped_(metrics.counter("rapport_inbound_dropped_total", "Inbound mails without use")) {}

std::optional<ReturnedMessage> InboundService::by_link(const InboundMail& mail) const {
  constexpr std::string_view kPath = "/t/u/";
  const std::string& text = mail.original_headers;
  const size_t at = text.find(kPath);
  if (at == std::string::npos) return std::nullopt;
  std::string token;
  for (size_t i = at + kPath.size(); i < text.size() && text[i] != '>'; ++i) {
    if (static_cast<unsigned char>(text[i]) > ' ') token += text[i];  // headers fold
  }
  const auto link = links_.open(LinkKind::kUnsubscribe, token);
  if (!link) return std::nullopt;
  return ReturnedMessage{link->workspace, link->message};
}

bool InboundService::record(const ReturnedMessage& message, const InboundMail& mail) {
  Feedback feedback;
  feedback.message = message;
  switch (mail.kind) {
    case InboundKind::kAutomatic:
      return false;
    case InboundKind::kComplaint:
      if (mail.feedback_type == "not-spam") return false;
      feedback.step = MessageStep::kComplained;
      feedback.reason = mail.feedback_type;
      return feedback_.record(feedback);
    case InboundKind::kReply:
      feedback.step = MessageStep::kReplied;
      feedback.reason = mail.text;
      feedback.occurrence = hex_encode(as_view(hash_128({mail.from, mail.message_id, mail.text})));
      return feedback_.record(feedback);
    case InboundKind::kReport:
      break;
  }
  const RecipientReport* report = deciding(mail);
  if (!report || report->action == ReportAction::kDelayed) return false;
  feedback.reason = reason_of(*report);
  if (report->action != ReportAction::kFailed) {
    feedback.step = MessageStep::kDelivered;
    return feedback_.record(feedback);
  }
  feedback.step = MessageStep::kBounced;
  if (is_hard_failure(report->failure)) feedback.bounce = "hard";
  if (is_soft_failure(report->failure)) feedback.bounce = "soft";
  return feedback_.record(feedback);
}

void InboundService::receive(std::string_view, const std::vector<std::string>& recipients,
                             std::string_view raw) {
  const InboundMail mail = read_inbound_mail(raw);
  bool used = false;
  for (const std::string& recipient : recipients) {
    const auto message = return_paths_.open(recipient);
    used = (message && record(*message, mail)) || used;
  }
  (used ? used_ : dropped_).add();
}

bool InboundService::receive_from_mailbox(WorkspaceId workspace, std::string_view raw) {
  const InboundMail mail = read_inbound_mail(raw);
  std::optional<ReturnedMessage> message = by_link(mail);
  if (message && message->workspace != workspace) message.reset();
  if (!message && mail.kind == InboundKind::kReply) {
    for (const std::string& reference : mail.references) {
      if (!message) message = feedback_.find(workspace, reference, mail.from);
    }
  }
  if (!message && !mail.original_message_id.empty()) {
    for (const RecipientReport& report : mail.recipients) {
      if (!message) message = feedback_.find(workspace, mail.original_message_id, report.recipient);
    }
  }
  const bool used = message && record(*message, mail);
  (used ? used_ : dropped_).add();
  return used;
}

}  // namespace rapport
