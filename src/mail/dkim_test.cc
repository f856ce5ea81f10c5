#include "mail/dkim.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/text.h"

namespace rapport {
namespace {

constexpr const char* kMessage =
    "From: Joe SixPack <joe@football.example.com>\r\n"
    "To: Suzie Q <suzie@shopping.example.net>\r\n"
    "Subject: Is dinner ready?\r\n"
    "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
    "Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n"
    "\r\n"
    "Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n";

// RFC 8463 appendix A.1: the secret key of RFC 8032 in PKCS #8, and the RSA key.
constexpr const char* kEd25519Key =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
    "-----END PRIVATE KEY-----\n";
constexpr const char* kRsaKey =
    "-----BEGIN RSA PRIVATE KEY-----\n"
    "MIICXQIBAAKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQi\n"
    "Y/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqM\n"
    "KrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB\n"
    "AoGAH0cxOhFZDgzXWhDhnAJDw5s4roOXN4OhjiXa8W7Y3rhX3FJqmJSPuC8N9vQm\n"
    "6SVbaLAE4SG5mLMueHlh4KXffEpuLEiNp9Ss3O4YfLiQpbRqE7Tm5SxKjvvQoZZe\n"
    "zHorimOaChRL2it47iuWxzxSiRMv4c+j70GiWdxXnxe4UoECQQDzJB/0U58W7RZy\n"
    "6enGVj2kWF732CoWFZWzi1FicudrBFoy63QwcowpoCazKtvZGMNlPWnC7x/6o8Gc\n"
    "uSe0ga2xAkEA8C7PipPm1/1fTRQvj1o/dDmZp243044ZNyxjg+/OPN0oWCbXIGxy\n"
    "WvmZbXriOWoSALJTjExEgraHEgnXssuk7QJBALl5ICsYMu6hMxO73gnfNayNgPxd\n"
    "WFV6Z7ULnKyV7HSVYF0hgYOHjeYe9gaMtiJYoo0zGN+L3AAtNP9huqkWlzECQE1a\n"
    "licIeVlo1e+qJ6Mgqr0Q7Aa7falZ448ccbSFYEPD6oFxiOl9Y9se9iYHZKKfIcst\n"
    "o7DUw1/hz2Ck4N5JrgUCQQCyKveNvjzkkd8HjYs0SwM0fPjK16//5qDZ2UiDGnOe\n"
    "uEzxBDAr518Z8VFbR41in3W4Y3yCDgQlLlcETrS+zYcL\n"
    "-----END RSA PRIVATE KEY-----\n";

const std::vector<std::string> kNames = {"from",       "to",   "subject", "date",
                                         "message-id", "from", "subject", "date"};

// RFC 8463 appendix A.3; both algorithms are deterministic, so signing gives the RFC's own bytes.
TEST(Dkim, SignsAsTheExampleOfRfc8463) {
  struct Case {
    const char* key;
    const char* field;
    const char* signature;
  };
  const Case cases[] = {
      {kEd25519Key,
       "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"
       " d=football.example.com; i=@football.example.com;\r\n"
       " q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"
       " subject : date : message-id : from : subject : date;\r\n"
       " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
       " b=",
       "/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus"
       "Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw=="},
      {kRsaKey,
       "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n"
       " d=football.example.com; i=@football.example.com;\r\n"
       " q=dns/txt; s=test; t=1528637909; h=from : to : subject :\r\n"
       " date : message-id : from : subject : date;\r\n"
       " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
       " b=",
       "F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3"
       "DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz"
       "dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8="},
  };
  const std::string_view message = kMessage;
  EXPECT_EQ(dkim_body_hash(message.substr(message.find("\r\n\r\n") + 4), DkimForm::kRelaxed),
            "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=");
  for (const Case& c : cases) {
    EXPECT_EQ(dkim_signature(DkimKey::parse(c.key), message, c.field, DkimForm::kRelaxed, kNames),
              c.signature);
  }
}

TEST(Dkim, PublishesTheKeysOfRfc8463) {
  EXPECT_EQ(DkimKey::parse(kEd25519Key).record(),
            "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
  EXPECT_EQ(DkimKey::parse(kRsaKey).record(),
            "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWR"
            "iGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutAC"
            "DfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3"
            "Ip3G+2kryOTIKT+l/K4w3QIDAQAB");
}

// RFC 6376 section 3.4.5, and the hashes of the empty body in 3.4.3 and 3.4.4.
TEST(Dkim, CanonicalFormsAreThoseOfRfc6376) {
  const std::string body = " C \r\nD \t E\r\n\r\n\r\n";
  EXPECT_EQ(dkim_canonical_body(body, DkimForm::kRelaxed), " C\r\nD E\r\n");
  EXPECT_EQ(dkim_canonical_body(body, DkimForm::kSimple), " C \r\nD \t E\r\n");
  EXPECT_EQ(dkim_canonical_field("A: X", DkimForm::kRelaxed), "a:X");
  EXPECT_EQ(dkim_canonical_field("B : Y\t\r\n\tZ  ", DkimForm::kRelaxed), "b:Y Z");
  EXPECT_EQ(dkim_canonical_field("B : Y\t\r\n\tZ  ", DkimForm::kSimple), "B : Y\t\r\n\tZ  ");
  EXPECT_EQ(dkim_body_hash("", DkimForm::kSimple), "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=");
  EXPECT_EQ(dkim_body_hash("", DkimForm::kRelaxed), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
  EXPECT_EQ(dkim_canonical_body("\r\n\r\n", DkimForm::kRelaxed), "");
  EXPECT_EQ(dkim_canonical_body(" \r\nx", DkimForm::kRelaxed), "\r\nx\r\n");
  EXPECT_EQ(dkim_canonical_body("x", DkimForm::kSimple), "x\r\n");
}

TEST(Dkim, OverSignsWhatReadersTrust) {
  const DkimSigner signer(DkimKey::generate(DkimAlgorithm::kEd25519Sha256),
                          {.domain = "shop.example", .selector = "r1"});
  const std::string field = signer.sign(kMessage, from_micros(1'770'000'000'000'000));
  EXPECT_TRUE(field.starts_with("DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"));
  EXPECT_TRUE(field.ends_with("\r\n"));
  std::string flat;
  for (const char c : field)
    flat += c == '\r' || c == '\n' || c == '\t' || c == ' ' ? "" : std::string(1, c);
  EXPECT_NE(flat.find(";t=1770000000;"), std::string::npos) << flat;
  EXPECT_NE(flat.find(";h=from:from:to:to:cc:reply-to:subject:subject:date:date:message-id:"
                      "message-id:mime-version:content-type:content-transfer-encoding;b="),
            std::string::npos)
      << flat;
  for (const std::string_view line : split(field, '\n')) EXPECT_LE(line.size(), 79u);
}

TEST(Dkim, KeysComeBackFromTheirText) {
  for (const auto algorithm : {DkimAlgorithm::kRsaSha256, DkimAlgorithm::kEd25519Sha256}) {
    const DkimKey key = DkimKey::generate(algorithm);
    const DkimKey again = DkimKey::parse(key.pem());
    EXPECT_EQ(again.algorithm(), algorithm);
    EXPECT_EQ(again.record(), key.record());
    EXPECT_EQ(again.sign("x"), key.sign("x"));
    EXPECT_EQ(parse_dkim_algorithm(dkim_algorithm_name(algorithm)), algorithm);
  }
  EXPECT_EQ(parse_dkim_algorithm("rsa-sha1"), std::nullopt);
}

TEST(Dkim, RefusesWhatCannotWork) {
  EXPECT_THROW(DkimKey::parse("no key"), Error);
  EXPECT_THROW(DkimKey::parse("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
               Error);
  const DkimKey key = DkimKey::generate(DkimAlgorithm::kEd25519Sha256);
  for (const char* domain : {"", "a b", "x..y", "-x.y", "x.y\r\nz", "Ünï.example"}) {
    EXPECT_THROW(DkimSigner(key, {.domain = domain, .selector = "s"}), Error) << domain;
    EXPECT_THROW(DkimSigner(key, {.domain = "x.y", .selector = domain}), Error) << domain;
  }
}

}  // namespace
}  // namespace rapport
