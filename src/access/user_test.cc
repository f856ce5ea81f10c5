#include "access/user.h"

#include <gtest/gtest.h>

#include "access/access_test_support.h"
#include "access/name.h"
#include "base/limits/access.h"
#include "crypto/password.h"

namespace rapport {
namespace {

TEST(UserTest, Emails) {
  const struct {
    std::string text;
    std::string normal;  // empty: refused
  } cases[] = {
      {"ann@example.com", "ann@example.com"},
      {"  Ann@Example.COM\n", "ann@example.com"},
      {"root@localhost", "root@localhost"},
      {"a+b.c@sub.example.co.uk", "a+b.c@sub.example.co.uk"},
      {"nguyễn@example.vn", "nguyễn@example.vn"},
      {"", ""},
      {"ann", ""},
      {"@example.com", ""},
      {"ann@", ""},
      {"a@b@c", ""},
      {"a b@example.com", ""},
      {"a@exa\tmple.com", ""},
      {"a@example.com.", ""},
      {"a@.com", ""},
      {"Ann <ann@example.com>", ""},
      {"a@example.com\r\nBcc: x@y", ""},
      {"\xff@example.com", ""},
      {std::string(65, 'a') + "@example.com", ""},
      {"a@" + std::string(limits::kMaxEmailBytes, 'b'), ""},
  };
  for (const auto& c : cases) {
    if (c.normal.empty()) {
      EXPECT_EQ(field_of([&] { check_email(c.text, "who"); }), "who") << c.text;
    } else {
      EXPECT_EQ(check_email(c.text), c.normal);
    }
  }
}

TEST(UserTest, Passwords) {
  const struct {
    std::string password;
    bool good;
  } cases[] = {
      {"correct horse", true},
      {std::string(limits::kMinPasswordBytes, 'x'), true},
      {std::string(limits::kMinPasswordBytes - 1, 'x'), false},
      {std::string(limits::kMaxPasswordBytes, 'x'), true},
      {std::string(limits::kMaxPasswordBytes + 1, 'x'), false},
      {"annabelle.smith", false},
      {"Annabelle.Smith@example.com", false},
      {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", false},
      {std::string("before\0after....", 16), false},
      {"mật khẩu rất dài", true},
  };
  for (const auto& c : cases) {
    const auto field = field_of([&] { check_password(c.password, "annabelle.smith@example.com"); });
    EXPECT_EQ(field, c.good ? "" : "password") << c.password;
  }
}

TEST(UserTest, GeneratedPasswordsDiffer) {
  const std::string first = generate_password();
  EXPECT_EQ(first.size(), 20u);
  EXPECT_NE(first, generate_password());
}

TEST(UserTest, Names) {
  EXPECT_EQ(check_name("  Shop  ", "name"), "Shop");
  for (const std::string& bad :
       {std::string(), std::string("   "), std::string("a\nb"), std::string("\xff"),
        std::string(limits::kMaxNameBytes + 1, 'x')}) {
    EXPECT_EQ(field_of([&] { check_name(bad, "name"); }), "name") << bad;
  }
  EXPECT_EQ(check_time_zone("UTC"), "UTC");
  for (const auto* bad : {"", "../etc/passwd", "/etc/passwd", "Mars/Base", "UTC\n"}) {
    EXPECT_EQ(field_of([&] { check_time_zone(bad); }), "time_zone") << bad;
  }
}

TEST(UserTest, AnUnknownAccountCostsWhatAKnownOneDoes) {
  EXPECT_FALSE(password_needs_rehash(PasswordGate::unknown_account_hash()));
  PasswordGate gate;
  EXPECT_FALSE(gate.verify({}, kTestPassword));
}

}  // namespace
}  // namespace rapport
