// Signatures of provider callbacks: who may tell us what became of a message.
//
// SendGrid signs with ECDSA (P-256, SHA-256) over time stamp and body, Mailgun with HMAC-SHA-256
// over time stamp and token, Amazon SNS with RSA over chosen fields, by a certificate fetched from
// its own hosts; Postmark sends a user and password. Pure functions and thread-safe; comparisons
// take the same time wherever they differ.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rapport {

/// `public_key`: base64 of a DER SubjectPublicKeyInfo, as SendGrid shows it. `signature`: base64
/// DER.
bool verify_sendgrid(std::string_view public_key, std::string_view timestamp, std::string_view body,
                     std::string_view signature);
/// Whether that is a key `verify_sendgrid` can use.
bool is_sendgrid_key(std::string_view public_key);

/// `signature`: lower-case hex.
bool verify_mailgun(std::string_view key, std::string_view timestamp, std::string_view token,
                    std::string_view signature);

/// `authorization`: the header; `credentials`: "user:password".
bool verify_basic(std::string_view credentials, std::string_view authorization);

/// The text that SNS signs: the fields of its kind that are present, "name\nvalue\n" each.
std::string sns_signed_text(const std::vector<std::pair<std::string, std::string>>& fields,
                            std::string_view type);
/// https, a host sns.REGION.amazonaws.com (or .com.cn), a path ending in .pem.
bool is_sns_certificate_url(std::string_view url);
/// The same hosts, any path.
bool is_sns_url(std::string_view url);
/// `version` "1": SHA-1, "2": SHA-256. `certificate`: PEM.
bool verify_sns(std::string_view certificate, std::string_view text, std::string_view signature,
                std::string_view version);

}  // namespace rapport
