#include "mail/dkim.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "mail/address.h"

namespace rapport {
namespace {

constexpr int kRsaBits = 2048;
constexpr int kMinRsaBits = 1024;
constexpr int kMaxRsaBits = 4096;
constexpr size_t kFoldAt = 72;

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Bio = std::unique_ptr<BIO, Deleter<BIO_free_all>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;

bool is_wsp(char c) {
  return c == ' ' || c == '\t';
}

/// Runs of white space, line ends included, become one space; none at the ends.
void append_reduced(std::string& out, std::string_view text) {
  bool pending = false;
  const size_t start = out.size();
  for (const char c : text) {
    if (is_wsp(c) || c == '\r' || c == '\n') {
      pending = true;
      continue;
    }
    if (pending && out.size() > start) out += ' ';
    pending = false;
    out += c;
  }
}

/// The line without its CRLF, and past it.
std::string_view take_line(std::string_view& rest) {
  const size_t end = rest.find("\r\n");
  const std::string_view line = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 2);
  return line;
}

void append_relaxed_line(std::string& out, std::string_view line) {
  while (!line.empty() && is_wsp(line.back())) line.remove_suffix(1);
  auto at = line.begin();
  while (at != line.end()) {
    const auto next = std::find_if(at, line.end(), is_wsp);
    out.append(at, next);
    if (next == line.end()) break;
    out += ' ';
    at = std::find_if_not(next, line.end(), is_wsp);
  }
}

struct Split {
  std::vector<std::string_view> fields;  // whole, folds kept, without the last CRLF
  std::string_view body;
};

Split split_message(std::string_view message) {
  Split result;
  size_t start = 0;
  while (start < message.size()) {
    size_t end = message.find("\r\n", start);
    if (end == start) {
      result.body = message.substr(start + 2);
      return result;
    }
    while (end != std::string_view::npos && end + 2 < message.size() && is_wsp(message[end + 2])) {
      end = message.find("\r\n", end + 2);
    }
    result.fields.push_back(
        message.substr(start, end == std::string_view::npos ? end : end - start));
    if (end == std::string_view::npos) break;
    start = end + 2;
  }
  return result;
}

std::string_view name_of(std::string_view field) {
  return trim(field.substr(0, field.find(':')));
}

/// Repeated names take the fields from the bottom up; what is not there adds nothing.
std::string signed_data(const std::vector<std::string_view>& fields,
                        std::span<const std::string> names, std::string_view signature_field,
                        DkimForm form) {
  std::string data;
  std::vector<bool> used(fields.size(), false);
  for (const std::string& name : names) {
    for (size_t i = fields.size(); i-- > 0;) {
      if (used[i] || !equals_ignore_case(name_of(fields[i]), name)) continue;
      used[i] = true;
      data += dkim_canonical_field(fields[i], form);
      data += "\r\n";
      break;
    }
  }
  return data + dkim_canonical_field(signature_field, form);
}

bool is_dns_name(std::string_view name) {
  if (name.empty() || name.size() > 253) return false;
  for (const std::string_view label : split(name, '.')) {
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') {
      return false;
    }
    const auto good = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    };
    if (!std::all_of(label.begin(), label.end(), good)) return false;
  }
  return true;
}

std::string_view form_name(DkimForm form) {
  return form == DkimForm::kSimple ? "simple" : "relaxed";
}

[[noreturn]] void crypto_failed(const char* what) {
  throw Error(ErrorCode::kInternal, "The message cannot be signed", what);
}

std::shared_ptr<EVP_PKEY> own(EVP_PKEY* key) {
  if (!key) crypto_failed("no key");
  return {key, EVP_PKEY_free};
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<size_t>(size)};
}

}  // namespace

std::string_view dkim_algorithm_name(DkimAlgorithm algorithm) {
  return algorithm == DkimAlgorithm::kRsaSha256 ? "rsa-sha256" : "ed25519-sha256";
}

std::optional<DkimAlgorithm> parse_dkim_algorithm(std::string_view name) {
  for (const auto algorithm : {DkimAlgorithm::kRsaSha256, DkimAlgorithm::kEd25519Sha256}) {
    if (dkim_algorithm_name(algorithm) == name) return algorithm;
  }
  return std::nullopt;
}

DkimKey DkimKey::generate(DkimAlgorithm algorithm) {
  if (algorithm == DkimAlgorithm::kRsaSha256) {
    return {own(EVP_RSA_gen(kRsaBits)), algorithm};
  }
  return {own(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")), algorithm};
}

DkimKey DkimKey::parse(std::string_view pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const auto no_password = [](char*, int, int, void*) { return -1; };
  EVP_PKEY* raw = PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr);
  if (!raw) throw Error::invalid("private_key", "is not an unencrypted private key in PEM");
  std::shared_ptr<EVP_PKEY> key = own(raw);
  const int bits = EVP_PKEY_get_bits(raw);
  if (EVP_PKEY_get_base_id(raw) == EVP_PKEY_ED25519) return {key, DkimAlgorithm::kEd25519Sha256};
  if (EVP_PKEY_get_base_id(raw) != EVP_PKEY_RSA || bits < kMinRsaBits || bits > kMaxRsaBits) {
    throw Error::invalid("private_key", "must be Ed25519, or RSA of 1024 to 4096 bits");
  }
  return {key, DkimAlgorithm::kRsaSha256};
}

std::string DkimKey::pem() const {
  const Bio bio(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    crypto_failed("key to PEM");
  }
  return text_of(bio.get());
}

std::string DkimKey::record() const {
  if (algorithm_ == DkimAlgorithm::kEd25519Sha256) {
    std::string raw(32, '\0');
    size_t size = raw.size();
    if (EVP_PKEY_get_raw_public_key(key_.get(), reinterpret_cast<unsigned char*>(raw.data()),
                                    &size) != 1) {
      crypto_failed("raw public key");
    }
    return "v=DKIM1; k=ed25519; p=" + base64_encode(raw);
  }
  const Bio bio(BIO_new(BIO_s_mem()));
  if (i2d_PUBKEY_bio(bio.get(), key_.get()) != 1) crypto_failed("public key to DER");
  return "v=DKIM1; k=rsa; p=" + base64_encode(text_of(bio.get()));
}

std::string DkimKey::sign(std::string_view data) const {
  const bool rsa = algorithm_ == DkimAlgorithm::kRsaSha256;
  // Ed25519 signs the hash as its message (RFC 8463 section 3).
  const std::string hash = rsa ? std::string() : sha256(data);
  const std::string_view input = rsa ? data : std::string_view(hash);
  const DigestContext context(EVP_MD_CTX_new());
  std::string signature(static_cast<size_t>(EVP_PKEY_get_size(key_.get())), '\0');
  size_t size = signature.size();
  if (EVP_DigestSignInit(context.get(), nullptr, rsa ? EVP_sha256() : nullptr, nullptr,
                         key_.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     reinterpret_cast<const unsigned char*>(input.data()), input.size()) != 1) {
    crypto_failed("signature");
  }
  signature.resize(size);
  return signature;
}

std::string dkim_canonical_body(std::string_view body, DkimForm form) {
  std::string out;
  out.reserve(body.size() + 2);
  std::string_view rest = body;
  size_t kept = 0;  // up to the last line that is not empty
  while (!rest.empty()) {
    const std::string_view line = take_line(rest);
    const size_t before = out.size();
    if (form == DkimForm::kRelaxed) {
      append_relaxed_line(out, line);
    } else {
      out += line;
    }
    const bool empty = out.size() == before;
    out += "\r\n";
    if (!empty) kept = out.size();
  }
  out.resize(kept);
  if (out.empty() && form == DkimForm::kSimple) out = "\r\n";
  return out;
}

std::string dkim_canonical_field(std::string_view field, DkimForm form) {
  if (form == DkimForm::kSimple) return std::string(field);
  const size_t colon = field.find(':');
  std::string out = to_lower_ascii(name_of(field));
  if (colon == std::string_view::npos) return out;
  out += ':';
  append_reduced(out, field.substr(colon + 1));
  return out;
}

std::string dkim_body_hash(std::string_view body, DkimForm form) {
  return base64_encode(sha256(dkim_canonical_body(body, form)));
}

std::string dkim_signature(const DkimKey& key, std::string_view message,
                           std::string_view signature_field, DkimForm form,
                           std::span<const std::string> names) {
  return base64_encode(
      key.sign(signed_data(split_message(message).fields, names, signature_field, form)));
}

DkimSigner::DkimSigner(DkimKey key, DkimOptions options)
    : key_(std::move(key)), options_(std::move(options)) {
  if (!is_dns_name(options_.domain)) throw Error::invalid("domain", "is not a domain name");
  if (!is_dns_name(options_.selector)) {
    throw Error::invalid("selector", "must be a DNS label of a-z, 0-9 and -");
  }
}

std::string DkimSigner::sign(std::string_view message, Timestamp at) const {
  const Split parts = split_message(message);
  std::vector<std::string> names;
  const auto add = [&](const std::string& name, size_t more) {
    for (const std::string_view field : parts.fields) {
      if (equals_ignore_case(name_of(field), name)) ++more;
    }
    names.insert(names.end(), more, to_lower_ascii(name));
  };
  for (const std::string& name : options_.over_signed) add(name, 1);
  for (const std::string& name : options_.also_signed) add(name, 0);

  std::string field =
      fmt::format("DKIM-Signature: v=1; a={}; c={}/{};\r\n\td={}; s={};\r\n\tt={}; bh={};\r\n\th=",
                  dkim_algorithm_name(key_.algorithm()), form_name(options_.header),
                  form_name(options_.body), options_.domain, options_.selector,
                  to_micros(at) / 1'000'000, dkim_body_hash(parts.body, options_.body));
  size_t column = 3;
  for (const std::string& name : names) {
    if (column + name.size() > kFoldAt) {
      field += "\r\n\t ";
      column = 2;
    }
    field += name + ":";
    column += name.size() + 1;
  }
  field.back() = ';';
  field += "\r\n\tb=";
  const std::string signature =
      base64_encode(key_.sign(signed_data(parts.fields, names, field, options_.header)));
  for (size_t i = 0; i < signature.size(); i += kFoldAt) {
    if (i > 0) field += "\r\n\t ";
    field.append(signature, i, kFoldAt);
  }
  return field + "\r\n";
}

}  // namespace rapport
