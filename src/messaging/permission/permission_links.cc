#include "messaging/permission/permission_links.h"

#include "base/limits/permission.h"
#include "base/text.h"
#include "crypto/hash.h"

namespace rapport {
namespace {

constexpr size_t kSignatureBytes = 16;
constexpr size_t kFixed = 1 + 4 * 8;
constexpr size_t kMaxTokenBytes = 2'000;

void put_u64(std::string& out, uint64_t v) {
  for (int i = 7; i >= 0; --i) out += static_cast<char>((v >> (8 * i)) & 0xFF);
}

uint64_t get_u64(std::string_view in) {
  uint64_t v = 0;
  for (size_t i = 0; i < 8; ++i) v = (v << 8) | static_cast<unsigned char>(in[i]);
  return v;
}

}  // namespace

std::string PermissionLinks::token(const OwnPageLink& link) const {
  std::string bytes(1, static_cast<char>(link.kind));
  put_u64(bytes, link.workspace.value);
  put_u64(bytes, link.customer.value);
  put_u64(bytes, link.subject);
  put_u64(bytes, static_cast<uint64_t>(to_micros(link.expires)));
  bytes += link.text;
  bytes += as_view(keyed_hash_128(key_, {bytes}));
  return base64url_encode(bytes);
}

std::string PermissionLinks::url(const OwnPageLink& link) const {
  return public_url_ + "/" + static_cast<char>(link.kind) + "/" + token(link);
}

std::string PermissionLinks::preferences_url(WorkspaceId workspace, CustomerId customer,
                                             Timestamp now) const {
  OwnPageLink link;
  link.workspace = workspace;
  link.customer = customer;
  link.expires = now + limits::kPreferencesLinkLifetime;
  return url(link);
}

std::optional<OwnPageLink> PermissionLinks::open(OwnPageKind kind, std::string_view token,
                                                 Timestamp now) const {
  if (token.size() > kMaxTokenBytes) return std::nullopt;
  const auto bytes = base64_decode(token);
  if (!bytes || bytes->size() < kFixed + kSignatureBytes) return std::nullopt;
  const std::string_view all = *bytes;
  const std::string_view body = all.substr(0, all.size() - kSignatureBytes);
  const auto expected = keyed_hash_128(key_, {body});
  if (!constant_time_equal(as_view(expected), all.substr(body.size()))) return std::nullopt;
  // A second spelling of the same bytes is an altered link too.
  if (base64url_encode(all) != token || body[0] != static_cast<char>(kind)) return std::nullopt;
  OwnPageLink link;
  link.kind = kind;
  link.workspace = {get_u64(body.substr(1))};
  link.customer = {get_u64(body.substr(9))};
  link.subject = get_u64(body.substr(17));
  link.expires = from_micros(static_cast<int64_t>(get_u64(body.substr(25))));
  link.text = body.substr(kFixed);
  if (now >= link.expires) return std::nullopt;
  return link;
}

}  // namespace rapport
