#include "mail/address.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace rapport {
namespace {

TEST(Address, Accepts) {
  for (const char* address :
       {"a@b.co", "first.last+tag@sub.example.com", "o'brien@example.ie",
        "x_y-z@xn--bcher-kva.example", "root@localhost", "1@2.3", "a/b=c@example.org"}) {
    EXPECT_EQ(address_problem(address), std::nullopt) << address;
  }
}

TEST(Address, Refuses) {
  const std::string cases[] = {"",
                               "a",
                               "@",
                               "a@",
                               "@b.co",
                               ".a@b.co",
                               "a.@b.co",
                               "a..b@c.de",
                               "a b@c.de",
                               "a@b",
                               "a@b..c",
                               "a@-b.co",
                               "a@b-.co",
                               "a@b.c o",
                               "a@[127.0.0.1]",
                               "\"a b\"@c.de",
                               "a@b.co\r\nBcc: x@y.zz",
                               "ánh@example.vn",
                               "a@bücher.example",
                               "a@b.co>",
                               "<a@b.co",
                               "a@b.co,c@d.ee",
                               "a\x7f@b.co",
                               std::string(65, 'a') + "@b.co",
                               "a@" + std::string(64, 'b') + ".co",
                               "a@" + std::string(250, 'b') + ".co"};
  for (const auto& address : cases) EXPECT_TRUE(address_problem(address)) << address;
}

TEST(Address, ParsesMailboxes) {
  const std::tuple<const char*, const char*, const char*> cases[] = {
      {"a@B.Co", "", "a@b.co"},
      {" <a@b.co> ", "", "a@b.co"},
      {"Shop <hello@shop.example>", "Shop", "hello@shop.example"},
      {"\"Shop, \\\"The\\\" <x>\" <a@b.co>", "Shop, \"The\" <x>", "a@b.co"},
      {"Ánh Lê <anh@example.vn>", "Ánh Lê", "anh@example.vn"},
  };
  for (const auto& [text, name, address] : cases) {
    const Mailbox mailbox = parse_mailbox(text);
    EXPECT_EQ(mailbox.name, name) << text;
    EXPECT_EQ(mailbox.address, address) << text;
    EXPECT_EQ(parse_mailbox(format_mailbox(mailbox)), mailbox) << text;
  }
}

TEST(Address, RefusesMailboxesNamingTheField) {
  for (const char* text :
       {"", "Shop", "Shop <a@b.co", "a@b.co>", "\"Shop <a@b.co>", "\"S\"x <a@b.co>",
        "Shop\r\nBcc: x@y.zz <a@b.co>", "Sh\tp <a@b.co>", "S\xff <a@b.co>"}) {
    try {
      parse_mailbox(text, "from");
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
      ASSERT_EQ(error.fields().size(), 1u);
      EXPECT_EQ(error.fields()[0].field, "from");
    }
  }
}

}  // namespace
}  // namespace rapport
