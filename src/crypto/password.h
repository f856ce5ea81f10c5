// Passwords at rest: Argon2id (RFC 9106) through libsodium, with its parameters in the stored text.
//
// A hash takes tens of milliseconds and 64 MiB on purpose: call from a blocking pool, few at a
// time. Thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace rapport {

/// "$argon2id$v=19$m=65536,t=2,p=1$…". kUnavailable when there is no memory for it.
std::string hash_password(std::string_view password);
/// False for a wrong password and for a text that is not a hash.
bool verify_password(const std::string& hash, std::string_view password);
/// True when the hash was made with other parameters than today's; hash again after a sign-in.
bool password_needs_rehash(const std::string& hash);

}  // namespace rapport
