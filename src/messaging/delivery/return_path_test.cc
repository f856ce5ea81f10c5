#include "messaging/delivery/return_path.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "mail/address.h"

namespace rapport {
namespace {

TEST(ReturnPath, ComesBackInAnyCaseAndFromNobodyElse) {
  const ReturnPathSigner signer(SecretKey::generate());
  const ReturnPathSigner other(SecretKey::generate());
  for (const uint64_t message : {uint64_t{1}, uint64_t{123'456'789}, ~uint64_t{0} >> 1}) {
    const ReturnedMessage returned{WorkspaceId{7}, MessageId{message}};
    std::string address = signer.address(returned.workspace, returned.message, "in.shop.example");
    EXPECT_TRUE(is_valid_address(address)) << address;
    EXPECT_EQ(signer.open(address), returned);
    EXPECT_EQ(other.open(address), std::nullopt);
    const size_t at = address.find('@');
    for (size_t i = 0; i < at; ++i) {
      std::string altered = address;
      altered[i] = altered[i] == 'a' ? 'b' : 'a';
      EXPECT_EQ(signer.open(altered), std::nullopt) << altered;
    }
    std::transform(address.begin(), address.end(), address.begin(), ::toupper);
    EXPECT_EQ(signer.open(address), returned);
  }
  for (const char* text :
       {"", "@", "bounce+@x", "bounce+aa@x", "info@shop.example", "bounce+11@x"}) {
    EXPECT_EQ(signer.open(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace rapport
