#include "mail/smtp_reply.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace rapport {
namespace {

constexpr size_t kMaxReplyText = 300;

struct FailureRow {
  MailFailure failure;
  std::string_view name;
};
constexpr std::array kNames{FailureRow{MailFailure::kNone, "none"},
                            FailureRow{MailFailure::kBadMailbox, "bad_mailbox"},
                            FailureRow{MailFailure::kMailboxFull, "mailbox_full"},
                            FailureRow{MailFailure::kBadDomain, "bad_domain"},
                            FailureRow{MailFailure::kPolicy, "policy"},
                            FailureRow{MailFailure::kContent, "content"},
                            FailureRow{MailFailure::kSize, "size"},
                            FailureRow{MailFailure::kRate, "rate"},
                            FailureRow{MailFailure::kSignIn, "sign_in"},
                            FailureRow{MailFailure::kUnreachable, "unreachable"},
                            FailureRow{MailFailure::kOther, "other"}};

struct EnhancedRow {
  std::string_view detail;  // "subject.detail" of RFC 3463 and the IANA registry
  MailFailure failure;
};
constexpr std::array kEnhanced{
    EnhancedRow{"1.1", MailFailure::kBadMailbox},  EnhancedRow{"1.2", MailFailure::kBadDomain},
    EnhancedRow{"1.3", MailFailure::kBadMailbox},  EnhancedRow{"1.4", MailFailure::kBadMailbox},
    EnhancedRow{"1.6", MailFailure::kBadMailbox},  EnhancedRow{"1.10", MailFailure::kBadDomain},
    EnhancedRow{"1.7", MailFailure::kPolicy},      EnhancedRow{"1.8", MailFailure::kPolicy},
    EnhancedRow{"2.1", MailFailure::kBadMailbox},  EnhancedRow{"2.2", MailFailure::kMailboxFull},
    EnhancedRow{"2.3", MailFailure::kSize},        EnhancedRow{"3.1", MailFailure::kMailboxFull},
    EnhancedRow{"3.2", MailFailure::kUnreachable}, EnhancedRow{"3.4", MailFailure::kSize},
    EnhancedRow{"4.1", MailFailure::kUnreachable}, EnhancedRow{"4.2", MailFailure::kUnreachable},
    EnhancedRow{"4.3", MailFailure::kUnreachable}, EnhancedRow{"4.4", MailFailure::kBadDomain},
    EnhancedRow{"4.5", MailFailure::kRate},        EnhancedRow{"4.6", MailFailure::kOther},
    EnhancedRow{"4.7", MailFailure::kUnreachable}, EnhancedRow{"5.3", MailFailure::kRate},
    EnhancedRow{"6.0", MailFailure::kContent},     EnhancedRow{"6.7", MailFailure::kOther},
    EnhancedRow{"7.0", MailFailure::kPolicy},      EnhancedRow{"7.1", MailFailure::kPolicy},
    EnhancedRow{"7.8", MailFailure::kSignIn},      EnhancedRow{"7.9", MailFailure::kSignIn},
    EnhancedRow{"7.28", MailFailure::kRate},
};

struct WordRow {
  std::string_view words;  // lower case
  MailFailure failure;
};
// What large receivers write where their codes are vague; the first that occurs counts.
constexpr std::array kWords{
    WordRow{"mailbox full", MailFailure::kMailboxFull},
    WordRow{"over quota", MailFailure::kMailboxFull},
    WordRow{"overquota", MailFailure::kMailboxFull},
    WordRow{"quota exceeded", MailFailure::kMailboxFull},
    WordRow{"out of storage", MailFailure::kMailboxFull},
    WordRow{"too large", MailFailure::kSize},
    WordRow{"exceeds size", MailFailure::kSize},
    WordRow{"size limit", MailFailure::kSize},
    WordRow{"rate limit", MailFailure::kRate},
    WordRow{"too many", MailFailure::kRate},
    WordRow{"throttl", MailFailure::kRate},
    WordRow{"greylist", MailFailure::kRate},
    WordRow{"graylist", MailFailure::kRate},
    WordRow{"spam", MailFailure::kContent},
    WordRow{"virus", MailFailure::kContent},
    WordRow{"content rejected", MailFailure::kContent},
    WordRow{"blacklist", MailFailure::kPolicy},
    WordRow{"blocklist", MailFailure::kPolicy},
    WordRow{"block list", MailFailure::kPolicy},
    WordRow{"blocked", MailFailure::kPolicy},
    WordRow{"spf", MailFailure::kPolicy},
    WordRow{"dkim", MailFailure::kPolicy},
    WordRow{"dmarc", MailFailure::kPolicy},
    WordRow{"policy", MailFailure::kPolicy},
    WordRow{"relay", MailFailure::kPolicy},
    WordRow{"user unknown", MailFailure::kBadMailbox},
    WordRow{"unknown user", MailFailure::kBadMailbox},
    WordRow{"no such user", MailFailure::kBadMailbox},
    WordRow{"no such recipient", MailFailure::kBadMailbox},
    WordRow{"no mailbox", MailFailure::kBadMailbox},
    WordRow{"does not exist", MailFailure::kBadMailbox},
    WordRow{"mailbox unavailable", MailFailure::kBadMailbox},
    WordRow{"recipient rejected", MailFailure::kBadMailbox},
    WordRow{"account disabled", MailFailure::kBadMailbox},
    WordRow{"account has been disabled", MailFailure::kBadMailbox},
    WordRow{"inactive", MailFailure::kBadMailbox},
    WordRow{"host not found", MailFailure::kBadDomain},
    WordRow{"domain not found", MailFailure::kBadDomain},
    WordRow{"nxdomain", MailFailure::kBadDomain},
    WordRow{"connection refused", MailFailure::kUnreachable},
    WordRow{"timed out", MailFailure::kUnreachable},
};

std::optional<MailFailure> by_words(std::string_view text) {
  const std::string lower = to_lower_ascii(text);
  for (const WordRow& row : kWords) {
    if (lower.find(row.words) != std::string::npos) return row.failure;
  }
  return std::nullopt;
}

std::optional<MailFailure> by_enhanced(std::string_view enhanced) {
  const size_t dot = enhanced.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const std::string_view detail = enhanced.substr(dot + 1);
  for (const EnhancedRow& row : kEnhanced) {
    if (row.detail == detail) return row.failure;
  }
  if (detail.starts_with("7.")) return MailFailure::kPolicy;
  if (detail.starts_with("6.")) return MailFailure::kContent;
  return std::nullopt;
}

MailFailure by_code(int code) {
  switch (code) {
    case 421:
    case 450:
    case 451:
      return MailFailure::kUnreachable;
    case 452:
      return MailFailure::kMailboxFull;
    case 530:
    case 534:
    case 535:
    case 538:
      return MailFailure::kSignIn;
    case 550:
    case 551:
    case 553:
      return MailFailure::kBadMailbox;
    case 552:
      return MailFailure::kMailboxFull;
    case 554:
      return MailFailure::kPolicy;
    default:
      return MailFailure::kOther;
  }
}

}  // namespace

std::string printable_line(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, 4 * kMaxReplyText)) {
    out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
  }
  out = std::string(trim(out));
  if (!is_valid_utf8(out)) {
    for (char& c : out) c = static_cast<unsigned char>(c) >= 0x80 ? '?' : c;
  }
  return std::string(utf8_prefix(out, kMaxReplyText));
}

std::optional<SmtpReply> parse_smtp_reply_line(std::string_view line) {
  if (line.size() < 3) return std::nullopt;
  for (size_t i = 0; i < 3; ++i) {
    if (line[i] < '0' || line[i] > '9') return std::nullopt;
  }
  if (line[0] < '2' || line[0] > '5') return std::nullopt;
  if (line.size() > 3 && line[3] != ' ' && line[3] != '-') return std::nullopt;
  SmtpReply reply;
  reply.code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
  reply.last = line.size() == 3 || line[3] == ' ';
  reply.text = printable_line(line.size() > 4 ? line.substr(4) : std::string_view());
  return reply;
}

std::string enhanced_code_of(std::string_view text) {
  const std::string_view word = text.substr(0, text.find(' '));
  const auto parts = split(word, '.');
  if (parts.size() != 3 || parts[0].size() != 1 ||
      std::string_view("245").find(parts[0][0]) == std::string_view::npos) {
    return {};
  }
  for (const std::string_view part : parts) {
    const auto number = parse_int(part);
    if (!number || *number < 0 || part.size() > 3 || part[0] == '+') return {};
  }
  return std::string(word);
}

std::string_view mail_failure_name(MailFailure failure) {
  return kNames.at(static_cast<size_t>(failure)).name;
}

// The enhanced code is the more exact of the two, except that many servers answer a blunt 5.7.1,
// 5.1.0 or 5.0.0 and say in words what they mean; words decide where the code is not specific.
MailFailure classify_failure(int code, std::string_view enhanced, std::string_view text) {
  if (code != 0 && code < 400) return MailFailure::kNone;
  const auto exact = by_enhanced(enhanced);
  const bool blunt = !exact || *exact == MailFailure::kPolicy || *exact == MailFailure::kOther;
  if (!blunt) return *exact;
  if (const auto words = by_words(text)) return *words;
  if (exact) return *exact;
  if (code == 0) return MailFailure::kOther;
  return by_code(code);
}

bool is_hard_failure(MailFailure failure) {
  return failure == MailFailure::kBadMailbox || failure == MailFailure::kBadDomain;
}

bool is_soft_failure(MailFailure failure) {
  return failure == MailFailure::kMailboxFull || failure == MailFailure::kUnreachable ||
         failure == MailFailure::kOther;
}

}  // namespace rapport
