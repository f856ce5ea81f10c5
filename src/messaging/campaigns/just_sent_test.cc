#include "messaging/campaigns/just_sent.h"

#include <gtest/gtest.h>

#include "base/limits/campaigns.h"

namespace rapport {
namespace {

Timestamp second(int64_t n) {
  return Timestamp(std::chrono::seconds(n));
}

TEST(JustSent, LastsItsSpanFromTheLastNote) {
  JustSent sent(std::chrono::seconds(5));
  EXPECT_FALSE(sent.is(MessageId{1}, second(100)));
  sent.note(MessageId{1}, second(100));
  sent.note(MessageId{2}, second(101));
  EXPECT_TRUE(sent.is(MessageId{1}, second(105)));
  EXPECT_FALSE(sent.is(MessageId{1}, second(106)));
  sent.note(MessageId{1}, second(104));
  // The first note is forgotten here, the second is not.
  sent.note(MessageId{3}, second(108));
  EXPECT_TRUE(sent.is(MessageId{1}, second(109)));
  EXPECT_FALSE(sent.is(MessageId{1}, second(110)));
  EXPECT_FALSE(sent.is(MessageId{2}, second(108)));
}

TEST(JustSent, IsBoundedAndCanBeOff) {
  JustSent sent(std::chrono::seconds(5));
  for (uint64_t n = 0; n <= limits::kMaxJustSent; ++n) sent.note(MessageId{n}, second(1));
  EXPECT_FALSE(sent.is(MessageId{0}, second(1)));
  EXPECT_TRUE(sent.is(MessageId{1}, second(1)));
  JustSent off(std::chrono::seconds(0));
  off.note(MessageId{1}, second(1));
  EXPECT_FALSE(off.is(MessageId{1}, second(1)));
}

}  // namespace
}  // namespace rapport
