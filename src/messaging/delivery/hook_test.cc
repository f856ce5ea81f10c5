#include <gtest/gtest.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <memory>

#include "base/error.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "messaging/delivery/hook_events.h"
#include "messaging/delivery/hook_signature.h"

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

std::string bytes_in(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<size_t>(size)};
}

std::string sign(EVP_PKEY* key, const EVP_MD* digest, std::string_view text) {
  std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
  std::string signature(1'024, '\0');
  size_t size = signature.size();
  EXPECT_EQ(EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key), 1);
  EXPECT_EQ(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                           reinterpret_cast<const unsigned char*>(text.data()), text.size()),
            1);
  signature.resize(size);
  return base64_encode(signature);
}

std::string public_der(EVP_PKEY* key) {
  const Bio bio(BIO_new(BIO_s_mem()));
  i2d_PUBKEY_bio(bio.get(), key);
  return base64_encode(bytes_in(bio.get()));
}

std::string certificate_of(EVP_PKEY* key) {
  std::unique_ptr<X509, Deleter<X509_free>> certificate(X509_new());
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key);
  X509_sign(certificate.get(), key, EVP_sha256());
  const Bio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), certificate.get());
  return bytes_in(bio.get());
}

TEST(HookSignature, SendgridsIsOverTimeAndBody) {
  const Key key(EVP_EC_gen("P-256"));
  const Key other(EVP_EC_gen("P-256"));
  const std::string body = R"([{"event":"bounce"}])";
  const std::string good = sign(key.get(), EVP_sha256(), "1770000000" + body);
  const std::string shown = public_der(key.get());
  EXPECT_TRUE(is_sendgrid_key(shown));
  EXPECT_TRUE(verify_sendgrid(shown, "1770000000", body, good));
  EXPECT_FALSE(verify_sendgrid(shown, "1770000001", body, good));
  EXPECT_FALSE(verify_sendgrid(shown, "1770000000", body + " ", good));
  EXPECT_FALSE(verify_sendgrid(public_der(other.get()), "1770000000", body, good));
  EXPECT_FALSE(verify_sendgrid(shown, "1770000000", body, ""));
  EXPECT_FALSE(verify_sendgrid(shown, "1770000000", body, "AAAA"));
  for (const char* text : {"", "x", "AAAA"}) EXPECT_FALSE(is_sendgrid_key(text));
}

TEST(HookSignature, MailgunsAndPostmarks) {
  const std::string good = hex_encode(hmac_sha256("signing-key", "1770000000token"));
  EXPECT_TRUE(verify_mailgun("signing-key", "1770000000", "token", good));
  EXPECT_FALSE(verify_mailgun("signing-kez", "1770000000", "token", good));
  EXPECT_FALSE(verify_mailgun("signing-key", "1770000001", "token", good));
  EXPECT_FALSE(verify_mailgun("", "1770000000", "token", good));
  EXPECT_TRUE(verify_basic("user:secret", "Basic " + base64_encode("user:secret")));
  EXPECT_FALSE(verify_basic("user:secret", "Basic " + base64_encode("user:secreT")));
  EXPECT_FALSE(verify_basic("user:secret", "Bearer x"));
  EXPECT_FALSE(verify_basic("", "Basic " + base64_encode("")));
}

TEST(HookSignature, AmazonsIsByACertificateFromItsHosts) {
  for (const char* url : {"https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem",
                          "https://sns.cn-north-1.amazonaws.com.cn/x.pem"}) {
    EXPECT_TRUE(is_sns_certificate_url(url)) << url;
  }
  for (const char* url :
       {"http://sns.eu-west-1.amazonaws.com/x.pem", "https://sns.evil.example/x.pem",
        "https://sns.eu-west-1.amazonaws.com.evil.example/x.pem",
        "https://sns.eu-west-1.amazonaws.com@evil.example/x.pem",
        "https://evil.example/sns.eu-west-1.amazonaws.com/x.pem",
        "https://s3.eu-west-1.amazonaws.com/x.pem", "https://sns..amazonaws.com/x.pem",
        "https://sns.a.b.amazonaws.com/x.pem", "https://sns.eu-west-1.amazonaws.com:8443/x.pem",
        "https://sns.eu-west-1.amazonaws.com/x?y=.pem", "https://sns.eu-west-1.amazonaws.com/x",
        ""}) {
    EXPECT_FALSE(is_sns_certificate_url(url)) << url;
  }
  const std::vector<std::pair<std::string, std::string>> fields = {
      {"Type", "Notification"}, {"MessageId", "1"},   {"TopicArn", "arn:aws:sns:x:1:t"},
      {"Message", "{}"},        {"Timestamp", "now"}, {"Signature", "ignored"}};
  const std::string text = sns_signed_text(fields, "Notification");
  EXPECT_EQ(text,
            "Message\n{}\nMessageId\n1\nTimestamp\nnow\nTopicArn\narn:aws:sns:x:1:t\n"
            "Type\nNotification\n");
  const Key key(EVP_RSA_gen(2048));
  const std::string pem = certificate_of(key.get());
  EXPECT_TRUE(verify_sns(pem, text, sign(key.get(), EVP_sha256(), text), "2"));
  EXPECT_TRUE(verify_sns(pem, text, sign(key.get(), EVP_sha1(), text), "1"));
  EXPECT_FALSE(verify_sns(pem, text, sign(key.get(), EVP_sha1(), text), "2"));
  EXPECT_FALSE(verify_sns(pem, text + "x", sign(key.get(), EVP_sha256(), text), "2"));
  EXPECT_FALSE(verify_sns(pem, text, sign(key.get(), EVP_sha256(), text), "3"));
  EXPECT_FALSE(verify_sns("no certificate", text, "AAAA", "2"));
}

struct EventCase {
  HookProvider provider;
  const char* body;
  size_t count;
  MessageStep step;
  const char* bounce;
};

TEST(HookEvents, OfTheFourProviders) {
  using P = HookProvider;
  using S = MessageStep;
  const EventCase cases[] = {
      {P::kSes,
       R"({"eventType":"Bounce","mail":{"tags":{"rapport":["tok"]}},"bounce":{"bounceType":"Permanent",
       "bouncedRecipients":[{"emailAddress":"a@x.y","status":"5.1.1","diagnosticCode":"smtp; 550"}]}})",
       1, S::kBounced, "hard"},
      {P::kSes,
       R"({"notificationType":"Bounce","mail":{"tags":{"rapport":["tok"]}},"bounce":{"bounceType":
       "Transient","bouncedRecipients":[{"emailAddress":"a@x.y"}]}})",
       1, S::kBounced, "soft"},
      {P::kSes,
       R"({"eventType":"Complaint","mail":{"tags":{"rapport":["tok"]}},
       "complaint":{"complainedRecipients":[{"emailAddress":"a@x.y"}]}})",
       1, S::kComplained, ""},
      {P::kSes,
       R"({"eventType":"Delivery","mail":{"tags":{"rapport":["tok"]}},
       "delivery":{"recipients":["a@x.y"]}})",
       1, S::kDelivered, ""},
      {P::kSes, R"({"eventType":"Send","mail":{}})", 0, S::kBounced, ""},
      {P::kSendgrid,
       R"([{"event":"bounce","email":"a@x.y","rapport":"tok","type":"bounce","reason":"550"}])", 1,
       S::kBounced, "hard"},
      {P::kSendgrid, R"([{"event":"bounce","email":"a@x.y","rapport":"tok","type":"blocked"}])", 1,
       S::kBounced, ""},
      {P::kSendgrid, R"([{"event":"spamreport","email":"a@x.y","rapport":"tok"}])", 1,
       S::kComplained, ""},
      {P::kSendgrid, R"([{"event":"delivered","email":"a@x.y","rapport":"tok"},{"event":"open"}])",
       1, S::kDelivered, ""},
      {P::kSendgrid, "[]", 0, S::kBounced, ""},
      {P::kPostmark,
       R"({"RecordType":"Bounce","Type":"HardBounce","Email":"a@x.y","Metadata":{"rapport":"tok"}})",
       1, S::kBounced, "hard"},
      {P::kPostmark,
       R"({"RecordType":"Bounce","Type":"SoftBounce","Email":"a@x.y","Metadata":{"rapport":"tok"}})",
       1, S::kBounced, "soft"},
      {P::kPostmark,
       R"({"RecordType":"SpamComplaint","Email":"a@x.y","Metadata":{"rapport":"tok"}})", 1,
       S::kComplained, ""},
      {P::kPostmark,
       R"({"RecordType":"Delivery","Recipient":"a@x.y","Metadata":{"rapport":"tok"}})", 1,
       S::kDelivered, ""},
      {P::kPostmark, R"({"RecordType":"Open"})", 0, S::kBounced, ""},
      {P::kMailgun,
       R"({"event-data":{"event":"failed","severity":"permanent","recipient":"a@x.y",
       "user-variables":{"rapport":"tok"},"delivery-status":{"code":550,"message":"No such user"}}})",
       1, S::kBounced, "hard"},
      {P::kMailgun, R"({"event-data":{"event":"failed","severity":"temporary"}})", 0, S::kBounced,
       ""},
      {P::kMailgun,
       R"({"event-data":{"event":"complained","recipient":"a@x.y","user-variables":{"rapport":"tok"}}})",
       1, S::kComplained, ""},
  };
  for (const EventCase& c : cases) {
    const auto events = read_hook_events(c.provider, c.body);
    ASSERT_EQ(events.size(), c.count) << c.body;
    if (events.empty()) continue;
    EXPECT_EQ(events[0].token, "tok") << c.body;
    EXPECT_EQ(events[0].recipient, "a@x.y") << c.body;
    EXPECT_EQ(events[0].step, c.step) << c.body;
    EXPECT_EQ(events[0].bounce, c.bounce) << c.body;
  }
}

TEST(HookEvents, RubbishIsRefusedOrEmpty) {
  for (const auto provider : {HookProvider::kSes, HookProvider::kSendgrid, HookProvider::kPostmark,
                              HookProvider::kMailgun}) {
    EXPECT_EQ(parse_hook_provider(hook_provider_name(provider)), provider);
    EXPECT_THROW(read_hook_events(provider, ""), Error);
    EXPECT_THROW(read_hook_events(provider, "{"), Error);
    EXPECT_THROW(read_hook_events(provider, std::string(100, '[')), Error);
    for (const char* body :
         {"[1,null,{}]", "{\"event-data\":[]}", "{\"mail\":1,\"eventType\":2}"}) {
      try {
        EXPECT_TRUE(read_hook_events(provider, body).empty()) << body;
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
      }
    }
  }
}

TEST(HookEvents, HeadersGoWithTheProvidersHost) {
  EXPECT_EQ(provider_headers("email-smtp.eu-west-1.amazonaws.com", "t"),
            "X-SES-MESSAGE-TAGS: rapport=t\r\n");
  EXPECT_EQ(provider_headers("SMTP.SendGrid.net", "t"),
            "X-SMTPAPI: {\"unique_args\":{\"rapport\":\"t\"}}\r\n");
  EXPECT_NE(provider_headers("smtp.postmarkapp.com", "t").find("X-PM-Metadata-rapport: t\r\n"),
            std::string::npos);
  EXPECT_NE(provider_headers("smtp.eu.mailgun.org", "t").find("X-Mailgun-Variables"),
            std::string::npos);
  EXPECT_EQ(provider_headers("notsendgrid.net", "t"), "");
  EXPECT_EQ(provider_headers("relay.shop.example", "t"), "");
}

}  // namespace
}  // namespace rapport
