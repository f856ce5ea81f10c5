// Signed links to a customer's own pages: preferences, confirmation of consent, change of address.
//
// A link carries workspace, customer, what it is for and when it ends, and a 128-bit signature by a
// key derived from the installation's: nothing is stored, and an altered link is none. Whoever has
// the link acts as the customer, so it goes to their address only. Pure and thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/time.h"
#include "crypto/secret_key.h"

namespace rapport {

enum class OwnPageKind : char { kPreferences = 'p', kConsent = 'c', kAddress = 'a' };

struct OwnPageLink {
  OwnPageKind kind = OwnPageKind::kPreferences;
  WorkspaceId workspace;
  CustomerId customer;
  uint64_t subject = 0;  // of a confirmation: the request's offset
  Timestamp expires;
  std::string text;  // of a change: the new address
};

class PermissionLinks {
 public:
  PermissionLinks(const SecretKey& root, std::string public_url = {})
      : key_(root.derive("own pages")), public_url_(std::move(public_url)) {}

  /// "https://host". Before the first link is made.
  void set_public_url(std::string url) { public_url_ = std::move(url); }

  std::string token(const OwnPageLink& link) const;
  /// public_url + "/p/TOKEN", "/c/TOKEN" or "/a/TOKEN".
  std::string url(const OwnPageLink& link) const;
  /// A customer's preferences, good for 400 days from `now`.
  std::string preferences_url(WorkspaceId workspace, CustomerId customer, Timestamp now) const;
  /// Null when it is not of that kind, altered, not of this installation, or over at `now`.
  std::optional<OwnPageLink> open(OwnPageKind kind, std::string_view token, Timestamp now) const;

 private:
  SecretKey key_;
  std::string public_url_;
};

}  // namespace rapport
