// Building e-mail: a MailMessage becomes RFC 5322 and MIME text, ready for SMTP.
//
// Promises: CRLF everywhere, header lines within 78 characters where the content can be folded and
// never over 998, only ASCII on the wire, no UTF-8 character split between encoded-words, and no
// header injection (control characters are refused with an error that names the field). The same
// message gives the same bytes: the multipart boundary comes from the content. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "mail/address.h"

namespace rapport {

struct Attachment {
  std::string filename;      // shown to the reader; no path
  std::string content_type;  // "application/pdf"
  std::string content;       // bytes
};

struct MailMessage {
  Mailbox from;
  Mailbox to;
  std::optional<Mailbox> reply_to;
  std::string subject;
  std::string html;        // may be empty: then a text-only message
  std::string text;        // derived from html when empty
  std::string message_id;  // "local@domain", without angle brackets
  Timestamp date{};
  /// In this order after the standard ones: List-Unsubscribe, List-Unsubscribe-Post, Feedback-ID,
  /// ….
  std::vector<std::pair<std::string, std::string>> headers;
  /// At most limits::kMaxAttachments, of kMaxAttachmentBytes each and kMaxAttachmentsBytes
  /// together.
  std::vector<Attachment> attachments;
  /// iCalendar text (see mail/calendar.h), shown as an invitation; empty: none.
  std::string calendar;
  std::string calendar_method = "REQUEST";
};

/// Whether it is the media type of a file, without parameters; no multipart, no message.
bool is_attachment_type(std::string_view type);

/// The whole message. Throws kInvalidArgument naming the field.
std::string build_mime(const MailMessage& message);

/// Readable text of an HTML body: tags dropped, blocks on lines, `text (https://…)` for links.
std::string html_to_text(std::string_view html);

/// RFC 2047: the text itself when plain ASCII, else encoded-words joined by CRLF and a space.
/// `first_column` is where the text starts on its line.
std::string encode_header_text(std::string_view text, size_t first_column);

/// RFC 2045 quoted-printable with CRLF line ends (soft breaks at 76) of text with any line ends.
std::string quoted_printable_encode(std::string_view text);

}  // namespace rapport
