// E-mail addresses: parsing and writing mailboxes such as `Ánh Lê <anh@example.vn>`.
//
// Pragmatic RFC 5321/5322: the local part is a dot-atom (quoted local parts are refused, nobody's
// customers have them), the domain is ASCII host labels with at least one dot, or `localhost`, or
// an address literal is refused. Nothing parsed or formatted here contains a control character, so
// it cannot inject a header line. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rapport {

/// `name` is decoded UTF-8 and may be empty; `address` is local@domain with the domain in lower
/// case.
struct Mailbox {
  std::string name;
  std::string address;
  bool operator==(const Mailbox&) const = default;
};

/// Why it is not an address we send to ("the domain must be ASCII; …"); null when it is one.
std::optional<std::string> address_problem(std::string_view address);
inline bool is_valid_address(std::string_view address) {
  return !address_problem(address);
}

/// `a@b.c`, `<a@b.c>`, `Name <a@b.c>`, `"Quoted, Name" <a@b.c>`. Throws kInvalidArgument on
/// `field`.
Mailbox parse_mailbox(std::string_view text, std::string_view field = "address");

/// For people and JSON: `Name <a@b.c>`, the name quoted where RFC 5322 asks; UTF-8 as it is.
std::string format_mailbox(const Mailbox& mailbox);

}  // namespace rapport
