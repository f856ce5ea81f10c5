#include "mail/address.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace rapport {
namespace {

constexpr size_t kMaxLocalBytes = 64;
constexpr size_t kMaxDomainBytes = 253;
constexpr size_t kMaxLabelBytes = 63;
constexpr size_t kMaxAddressBytes = 254;
constexpr size_t kMaxNameBytes = 250;

bool is_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// RFC 5322 atext.
bool is_atext(char c) {
  return is_alnum(c) || std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

std::optional<std::string> local_problem(std::string_view local) {
  if (local.empty()) return "there is nothing before the @";
  if (local.size() > kMaxLocalBytes) return "the part before the @ is longer than 64 characters";
  if (local.front() == '.' || local.back() == '.' || local.find("..") != std::string_view::npos) {
    return "a dot is misplaced before the @";
  }
  for (const char c : local) {
    if (static_cast<unsigned char>(c) >= 0x80) {
      return "the part before the @ must be ASCII; international addresses are not supported";
    }
    if (c != '.' && !is_atext(c)) return "a character before the @ is not allowed";
  }
  return std::nullopt;
}

std::optional<std::string> domain_problem(std::string_view domain) {
  if (domain.empty()) return "there is no domain after the @";
  if (domain.size() > kMaxDomainBytes) return "the domain is too long";
  for (const char c : domain) {
    if (static_cast<unsigned char>(c) >= 0x80) {
      return "the domain must be ASCII; write an international domain in its xn-- form";
    }
  }
  if (domain.front() == '[') return "an IP address in place of a domain is not supported";
  size_t labels = 0;
  for (const std::string_view label : split(domain, '.')) {
    ++labels;
    if (label.empty() || label.size() > kMaxLabelBytes) return "the domain is malformed";
    if (label.front() == '-' || label.back() == '-') return "the domain is malformed";
    if (!std::all_of(label.begin(), label.end(), [](char c) { return is_alnum(c) || c == '-'; })) {
      return "a character of the domain is not allowed";
    }
  }
  if (labels < 2 && !equals_ignore_case(domain, "localhost")) return "the domain has no dot";
  return std::nullopt;
}

[[noreturn]] void refuse(std::string_view field, const std::string& problem) {
  throw Error::invalid(std::string(field), problem);
}

std::string normalized(std::string_view address) {
  const size_t at = address.rfind('@');
  return std::string(address.substr(0, at + 1)) + to_lower_ascii(address.substr(at + 1));
}

/// The display name: a quoted string, or words as they are.
std::string read_name(std::string_view text, std::string_view field) {
  text = trim(text);
  if (text.empty() || text.front() != '"') return std::string(text);
  std::string name;
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      if (i + 1 != text.size()) refuse(field, "the quotes of the name are misplaced");
      return name;
    }
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    name += text[i];
  }
  refuse(field, "the name's closing quote is missing");
}

}  // namespace

std::optional<std::string> address_problem(std::string_view address) {
  if (address.size() > kMaxAddressBytes) return "the address is longer than 254 characters";
  if (std::any_of(address.begin(), address.end(), is_control)) {
    return "control characters are not allowed";
  }
  const size_t at = address.rfind('@');
  if (at == std::string_view::npos) return "there is no @";
  if (auto problem = local_problem(address.substr(0, at))) return problem;
  return domain_problem(address.substr(at + 1));
}

Mailbox parse_mailbox(std::string_view text, std::string_view field) {
  if (std::any_of(text.begin(), text.end(), is_control)) {
    refuse(field, "control characters are not allowed");
  }
  if (!is_valid_utf8(text)) refuse(field, "the text is not UTF-8");
  text = trim(text);
  Mailbox mailbox;
  std::string_view address = text;
  if (!text.empty() && text.back() == '>') {
    const size_t open = text.rfind('<');
    if (open == std::string_view::npos) refuse(field, "'<' is missing");
    mailbox.name = read_name(text.substr(0, open), field);
    address = trim(text.substr(open + 1, text.size() - open - 2));
  }
  if (mailbox.name.size() > kMaxNameBytes) refuse(field, "the name is longer than 250 bytes");
  if (const auto problem = address_problem(address)) refuse(field, *problem);
  mailbox.address = normalized(address);
  return mailbox;
}

std::string format_mailbox(const Mailbox& mailbox) {
  if (mailbox.name.empty()) return mailbox.address;
  const bool plain = std::all_of(mailbox.name.begin(), mailbox.name.end(), [](char c) {
    return is_atext(c) || c == ' ' || static_cast<unsigned char>(c) >= 0x80;
  });
  std::string out;
  if (plain && trim(mailbox.name).size() == mailbox.name.size()) {
    out = mailbox.name;
  } else {
    out = '"';
    for (const char c : mailbox.name) {
      if (is_control(c)) continue;
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    out += '"';
  }
  return out + " <" + mailbox.address + ">";
}

}  // namespace rapport
