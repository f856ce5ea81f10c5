// Tracking of opens, clicks and unsubscribes: signed links, and putting them into a mail's HTML.
//
// A link carries its workspace, message and target, and a 128-bit signature by a key derived from
// the installation's: nothing is stored, and an altered or foreign link is not one. Pure and
// thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "crypto/secret_key.h"

namespace rapport {

enum class LinkKind : char { kOpen = 'o', kClick = 'c', kUnsubscribe = 'u' };

struct TrackingLink {
  LinkKind kind;
  WorkspaceId workspace;
  MessageId message;
  std::string url;  // target of a click, else empty
  // Whose message of which campaign it is, so that following a link asks no store; 0 in links of
  // mails that older programs sent.
  CustomerId customer = {};
  CampaignId campaign = {};
};

class LinkSigner {
 public:
  explicit LinkSigner(const SecretKey& root) : key_(root.derive("tracking links")) {}

  /// base64url of the link and its signature.
  std::string sign(const TrackingLink& link) const;
  /// Null when it is not of that kind, damaged, or not signed by this installation.
  std::optional<TrackingLink> open(LinkKind kind, std::string_view token) const;

 private:
  SecretKey key_;
};

/// The addresses of one message's links under `public_url` ("https://host").
class MessageLinks {
 public:
  MessageLinks(const LinkSigner& signer, std::string public_url, WorkspaceId workspace,
               MessageId message, CustomerId customer = {}, CampaignId campaign = {})
      : signer_(signer),
        public_url_(std::move(public_url)),
        workspace_(workspace),
        message_(message),
        customer_(customer),
        campaign_(campaign) {}

  std::string open_pixel() const;
  std::string click(std::string_view url) const;
  std::string unsubscribe() const;
  /// Whether an address is one of these links, of any message.
  bool is_ours(std::string_view url) const;

 private:
  std::string address(LinkKind kind, std::string_view url) const;

  const LinkSigner& signer_;
  std::string public_url_;
  WorkspaceId workspace_;
  MessageId message_;
  CustomerId customer_;
  CampaignId campaign_;
};

/// Puts `addition` before the last </body>, or at the end.
void insert_at_body_end(std::string& html, std::string_view addition);

/// Rewrites http(s) links of <a> and <area> to click links, except those that are already ours, and
/// adds the open pixel before </body> or at the end.
std::string add_tracking(std::string_view html, const MessageLinks& links);

}  // namespace rapport
