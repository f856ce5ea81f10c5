#include "access/user.h"

#include <algorithm>

#include "base/error.h"
#include "base/limits/access.h"
#include "base/text.h"
#include "crypto/token.h"

namespace rapport {
namespace {

constexpr size_t kGeneratedPasswordDigits = 20;

bool is_space_or_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte <= 0x20 || byte == 0x7F;
}

}  // namespace

std::string check_email(std::string_view text, std::string_view field) {
  const std::string_view trimmed = trim(text);
  const std::string name(field);
  if (trimmed.size() > limits::kMaxEmailBytes) throw Error::invalid(name, "is too long");
  const size_t at = trimmed.find('@');
  const bool plain = is_valid_utf8(trimmed) &&
                     std::none_of(trimmed.begin(), trimmed.end(), is_space_or_control) &&
                     trimmed.find_first_of("<>,;\"\\") == std::string_view::npos;
  const bool shaped = at != std::string_view::npos && at > 0 && at <= 64 &&
                      at + 1 < trimmed.size() &&
                      trimmed.find('@', at + 1) == std::string_view::npos &&
                      trimmed[at + 1] != '.' && trimmed.back() != '.';
  if (!plain || !shaped) throw Error::invalid(name, "is not an e-mail address");
  return to_lower_ascii(trimmed);
}

void check_password(std::string_view password, std::string_view email, std::string_view field) {
  const std::string name(field);
  if (password.size() < limits::kMinPasswordBytes) {
    throw Error::invalid(
        name, "must have at least " + std::to_string(limits::kMinPasswordBytes) + " characters");
  }
  if (password.size() > limits::kMaxPasswordBytes) {
    throw Error::invalid(
        name, "must have at most " + std::to_string(limits::kMaxPasswordBytes) + " bytes");
  }
  if (!is_valid_utf8(password) || password.find('\0') != std::string_view::npos) {
    throw Error::invalid(name, "must be UTF-8 text");
  }
  if (equals_ignore_case(password, email) ||
      equals_ignore_case(password, email.substr(0, email.find('@')))) {
    throw Error::invalid(name, "must not be the e-mail address");
  }
}

std::string generate_password() {
  return make_token("").substr(0, kGeneratedPasswordDigits);
}

}  // namespace rapport
