#include "messaging/delivery/return_path.h"

#include "base/text.h"
#include "crypto/hash.h"

namespace rapport {
namespace {

constexpr std::string_view kPrefix = "bounce+";
constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz234567";
constexpr size_t kWorkspaceBytes = 4;
constexpr size_t kMessageBytes = 8;
constexpr size_t kSignatureBytes = 10;
constexpr size_t kNameBytes = kWorkspaceBytes + kMessageBytes;
constexpr size_t kTokenBytes = kNameBytes + kSignatureBytes;

std::string base32(std::string_view bytes) {
  std::string out;
  uint32_t bits = 0;
  int count = 0;
  for (const char c : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (count += 8; count >= 5; count -= 5) out += kAlphabet[bits >> (count - 5) & 31];
  }
  if (count > 0) out += kAlphabet[bits << (5 - count) & 31];
  return out;
}

std::optional<std::string> from_base32(std::string_view text) {
  std::string out;
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    bits = bits << 5 | static_cast<uint32_t>(value);
    count += 5;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>(bits >> count & 255);
  }
  // What is left over must be zero, so that one token has one spelling.
  if ((bits & ((1u << count) - 1)) != 0) return std::nullopt;
  return out;
}

std::string big_endian(uint64_t value, size_t bytes) {
  std::string out(bytes, '\0');
  for (size_t i = bytes; i-- > 0; value >>= 8) out[i] = static_cast<char>(value & 255);
  return out;
}

uint64_t number_of(std::string_view bytes) {
  uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

std::string signature_of(const SecretKey& key, std::string_view name) {
  return std::string(as_view(keyed_hash_128(key, {name})).substr(0, kSignatureBytes));
}

}  // namespace

std::string ReturnPathSigner::token(WorkspaceId workspace, MessageId message) const {
  const std::string name =
      big_endian(workspace.value, kWorkspaceBytes) + big_endian(message.value, kMessageBytes);
  return base32(name + signature_of(key_, name));
}

std::string ReturnPathSigner::address(WorkspaceId workspace, MessageId message,
                                      std::string_view domain) const {
  return std::string(kPrefix) + token(workspace, message) + "@" + std::string(domain);
}

std::optional<ReturnedMessage> ReturnPathSigner::open(std::string_view address) const {
  const std::string local = to_lower_ascii(address.substr(0, address.find('@')));
  if (!local.starts_with(kPrefix)) return std::nullopt;
  return open_token(std::string_view(local).substr(kPrefix.size()));
}

std::optional<ReturnedMessage> ReturnPathSigner::open_token(std::string_view text) const {
  const auto token = from_base32(text);
  if (!token || token->size() != kTokenBytes) return std::nullopt;
  const std::string_view name = std::string_view(*token).substr(0, kNameBytes);
  if (!constant_time_equal(std::string_view(*token).substr(kNameBytes), signature_of(key_, name))) {
    return std::nullopt;
  }
  return ReturnedMessage{WorkspaceId{number_of(name.substr(0, kWorkspaceBytes))},
                         MessageId{number_of(name.substr(kWorkspaceBytes))}};
}

}  // namespace rapport
