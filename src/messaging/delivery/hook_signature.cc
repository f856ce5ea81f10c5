#include "messaging/delivery/hook_signature.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <boost/url.hpp>
#include <memory>

#include "base/text.h"
#include "crypto/hash.h"

namespace rapport {
namespace {

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using Bio = std::unique_ptr<BIO, Deleter<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

bool verify(EVP_PKEY* key, const EVP_MD* digest, std::string_view text,
            std::string_view signature) {
  const DigestContext context(EVP_MD_CTX_new());
  return EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(text),
                          text.size()) == 1;
}

Key sendgrid_key(std::string_view public_key) {
  const auto der = base64_decode(trim(public_key));
  if (!der) return nullptr;
  const unsigned char* at = bytes_of(*der);
  Key key(d2i_PUBKEY(nullptr, &at, static_cast<long>(der->size())));
  if (key && EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_EC) return nullptr;
  return key;
}

bool is_region(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

}  // namespace

bool verify_sendgrid(std::string_view public_key, std::string_view timestamp, std::string_view body,
                     std::string_view signature) {
  const Key key = sendgrid_key(public_key);
  const auto raw = base64_decode(trim(signature));
  return key && raw &&
         verify(key.get(), EVP_sha256(), std::string(timestamp) + std::string(body), *raw);
}

bool is_sendgrid_key(std::string_view public_key) {
  return sendgrid_key(public_key) != nullptr;
}

bool verify_mailgun(std::string_view key, std::string_view timestamp, std::string_view token,
                    std::string_view signature) {
  if (key.empty() || timestamp.empty() || token.empty()) return false;
  return constant_time_equal(
      hex_encode(hmac_sha256(key, std::string(timestamp) + std::string(token))), signature);
}

bool verify_basic(std::string_view credentials, std::string_view authorization) {
  constexpr std::string_view kScheme = "Basic ";
  if (credentials.empty() || !authorization.starts_with(kScheme)) return false;
  const auto given = base64_decode(trim(authorization.substr(kScheme.size())));
  return given && constant_time_equal(sha256(*given), sha256(credentials));
}

std::string sns_signed_text(const std::vector<std::pair<std::string, std::string>>& fields,
                            std::string_view type) {
  const std::vector<std::string_view> names =
      type == "Notification"
          ? std::vector<std::string_view>{"Message",   "MessageId", "Subject",
                                          "Timestamp", "TopicArn",  "Type"}
          : std::vector<std::string_view>{"Message", "MessageId", "SubscribeURL", "Timestamp",
                                          "Token",   "TopicArn",  "Type"};
  std::string text;
  for (const std::string_view name : names) {
    for (const auto& [key, value] : fields) {
      if (key == name) text += key + "\n" + value + "\n";
    }
  }
  return text;
}

bool is_sns_url(std::string_view url) {
  const auto parsed = boost::urls::parse_uri(url);
  if (!parsed || parsed->scheme() != "https" || parsed->has_userinfo() || parsed->has_port()) {
    return false;
  }
  std::string_view host{parsed->encoded_host().data(), parsed->encoded_host().size()};
  if (!host.starts_with("sns.")) return false;
  host.remove_prefix(4);
  for (const std::string_view end : {".amazonaws.com.cn", ".amazonaws.com"}) {
    if (host.ends_with(end)) return is_region(host.substr(0, host.size() - end.size()));
  }
  return false;
}

bool is_sns_certificate_url(std::string_view url) {
  return is_sns_url(url) && url.ends_with(".pem") && url.find_first_of("?#") == url.npos;
}

bool verify_sns(std::string_view certificate, std::string_view text, std::string_view signature,
                std::string_view version) {
  const Bio bio(BIO_new_mem_buf(certificate.data(), static_cast<int>(certificate.size())));
  const Certificate x509(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (!x509) return false;
  const Key key(X509_get_pubkey(x509.get()));
  const auto raw = base64_decode(signature);
  if (!key || !raw || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) return false;
  const EVP_MD* digest = version == "2" ? EVP_sha256() : version == "1" ? EVP_sha1() : nullptr;
  return digest && verify(key.get(), digest, text, *raw);
}

}  // namespace rapport
