// DKIM (RFC 6376, RFC 8301, RFC 8463): signing messages with rsa-sha256 or ed25519-sha256.
//
// A DkimSigner gives the DKIM-Signature field that goes in front of a message. Header fields that a
// reader trusts are over-signed: listed once more than they occur, so that a second one added on
// the way breaks the signature. Nothing here throws for a message's content; a key or a name that
// cannot work is refused when the object is made. Immutable and thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

struct evp_pkey_st;

namespace rapport {

enum class DkimAlgorithm { kRsaSha256, kEd25519Sha256 };
enum class DkimForm { kSimple, kRelaxed };  // canonicalization

/// "rsa-sha256", "ed25519-sha256".
std::string_view dkim_algorithm_name(DkimAlgorithm algorithm);
std::optional<DkimAlgorithm> parse_dkim_algorithm(std::string_view name);

/// A private key. Copies share it.
class DkimKey {
 public:
  /// RSA keys have 2048 bits.
  static DkimKey generate(DkimAlgorithm algorithm);
  /// PKCS #8 or PKCS #1 in PEM. kInvalidArgument on `private_key`: no key, not RSA or Ed25519, or
  /// RSA outside 1024 to 4096 bits.
  static DkimKey parse(std::string_view pem);

  DkimAlgorithm algorithm() const { return algorithm_; }
  std::string pem() const;
  /// What the domain publishes: "v=DKIM1; k=rsa; p=…".
  std::string record() const;
  /// Raw signature; of the SHA-256 of `data` in either algorithm.
  std::string sign(std::string_view data) const;

 private:
  DkimKey(std::shared_ptr<evp_pkey_st> key, DkimAlgorithm algorithm)
      : key_(std::move(key)), algorithm_(algorithm) {}

  std::shared_ptr<evp_pkey_st> key_;
  DkimAlgorithm algorithm_;
};

struct DkimOptions {
  std::string domain;    // d=
  std::string selector;  // s=
  DkimForm header = DkimForm::kRelaxed;
  DkimForm body = DkimForm::kRelaxed;
  /// Signed as often as they occur, and once more.
  std::vector<std::string> over_signed = {
      "From", "To",         "Cc",           "Reply-To",     "Subject",
      "Date", "Message-ID", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"};
  /// Signed as often as they occur. RFC 8058 wants the first two signed.
  std::vector<std::string> also_signed = {"List-Unsubscribe", "List-Unsubscribe-Post", "List-Id",
                                          "Feedback-ID"};
};

class DkimSigner {
 public:
  /// Throws kInvalidArgument on `domain` or `selector` that is no DNS name.
  DkimSigner(DkimKey key, DkimOptions options);

  /// The field with its line end, for a message of CRLF lines. `at` becomes t=.
  std::string sign(std::string_view message, Timestamp at) const;

 private:
  DkimKey key_;
  DkimOptions options_;
};

/// bh=: base64 of the SHA-256 of the canonical body.
std::string dkim_body_hash(std::string_view body, DkimForm form);
/// RFC 6376 section 3.4, for CRLF lines.
std::string dkim_canonical_body(std::string_view body, DkimForm form);
/// One whole header field, without its line end.
std::string dkim_canonical_field(std::string_view field, DkimForm form);
/// b=: base64 of the signature over the fields `names` picks from `message` and over
/// `signature_field`, whose b= is empty.
std::string dkim_signature(const DkimKey& key, std::string_view message,
                           std::string_view signature_field, DkimForm form,
                           std::span<const std::string> names);

}  // namespace rapport
