#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <filesystem>

#include "http/test_server.h"
#include "runtime/clock.h"

namespace rapport {
namespace {

namespace fs = std::filesystem;

/// Writes a key and a certificate for 127.0.0.1 that signs itself.
void write_certificate(const fs::path& certificate, const fs::path& key) {
  EVP_PKEY* pair = EVP_EC_gen("P-256");
  X509* x509 = X509_new();
  X509_set_version(x509, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
  X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
  X509_set_pubkey(x509, pair);
  X509_NAME* name = X509_get_subject_name(x509);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
  X509_set_issuer_name(x509, name);
  X509_EXTENSION* names =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1");
  X509_add_ext(x509, names, -1);
  X509_EXTENSION_free(names);
  ENSURE(X509_sign(x509, pair, EVP_sha256()) > 0);
  FILE* out = std::fopen(certificate.c_str(), "w");
  PEM_write_X509(out, x509);
  std::fclose(out);
  out = std::fopen(key.c_str(), "w");
  PEM_write_PrivateKey(out, pair, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(out);
  X509_free(x509);
  EVP_PKEY_free(pair);
}

class TlsTest : public testing::Test {
 protected:
  TlsTest() {
    const fs::path root(testing::TempDir());
    options_.tls_certificate = root / ("tls-" + std::to_string(getpid()) + ".crt");
    options_.tls_key = root / ("tls-" + std::to_string(getpid()) + ".key");
    write_certificate(options_.tls_certificate, options_.tls_key);
  }
  ~TlsTest() override {
    fs::remove(options_.tls_certificate);
    fs::remove(options_.tls_key);
  }

  static RouteGroup routes() {
    RouteGroup group;
    group.routes.push_back(testing_http::make_route("POST", "/echo", [](const Request& r) {
      return Response::json((r.secure ? "secure " : "plain ") + r.body);
    }));
    return group;
  }

  SystemClock clock_;
  HttpServerOptions options_;
};

TEST_F(TlsTest, Serves) {
  const auto server = testing_http::start_server(routes(), clock_, options_);
  HttpClientOptions options;
  options.certificate_authority = options_.tls_certificate;
  const std::string url = "https://127.0.0.1:" + std::to_string(server->port());
  HttpClient client(url, options);
  const std::string body(200'000, 'b');
  for (int i = 0; i < 3; ++i) {
    const HttpReply reply = client.send("POST", "/echo", body);
    EXPECT_EQ(reply.body, "secure " + body);
    EXPECT_EQ(reply.header("strict-transport-security"), "max-age=31536000");
  }
  EXPECT_EQ(server->connections(), 1u);
  EXPECT_THROW(HttpClient(url).send("GET", "/"), Error);
  testing_http::RawSocket plain(server->port());
  plain.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(testing_http::status_of(plain.read_all()), 0);
  server->stop();
}

TEST_F(TlsTest, RefusesWrongFiles) {
  HttpServerOptions options = options_;
  options.tls_key = "/nonexistent";
  EXPECT_THROW(testing_http::start_server(routes(), clock_, options), Error);
  options = options_;
  options.tls_certificate = options_.tls_key;
  EXPECT_THROW(testing_http::start_server(routes(), clock_, options), Error);
}

}  // namespace
}  // namespace rapport
