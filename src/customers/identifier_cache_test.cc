#include "customers/identifier_cache.h"

#include <gtest/gtest.h>

#include <string>

namespace rapport {
namespace {

constexpr WorkspaceId kOne{1};
constexpr WorkspaceId kTwo{2};

TEST(IdentifierCache, TellsWorkspacesKindsAndValuesApart) {
  IdentifierCache cache;
  cache.remember(kOne, "user_id", "ann", CustomerId{7});
  EXPECT_EQ(cache.find(kOne, "user_id", "ann"), CustomerId{7});
  EXPECT_EQ(cache.find(kTwo, "user_id", "ann"), CustomerId{});
  EXPECT_EQ(cache.find(kOne, "user_ida", "nn"), CustomerId{});
  EXPECT_EQ(cache.find(kOne, "email", "ann"), CustomerId{});
  cache.remember(kOne, "user_id", "ann", CustomerId{8});
  EXPECT_EQ(cache.find(kOne, "user_id", "ann"), CustomerId{8});
  cache.clear();
  EXPECT_EQ(cache.find(kOne, "user_id", "ann"), CustomerId{});
}

TEST(IdentifierCache, ForgetsWhatWasNotAskedForLately) {
  IdentifierCache cache;
  const size_t count = 3 * IdentifierCache::kGeneration;
  for (size_t i = 1; i <= count; ++i) {
    cache.remember(kOne, "user_id", std::to_string(i), CustomerId{i});
    // Asked for all the time, so it stays.
    if (i % 1'000 == 1) {
      ASSERT_EQ(cache.find(kOne, "user_id", "1"), CustomerId{1});
    }
  }
  EXPECT_EQ(cache.find(kOne, "user_id", "2"), CustomerId{});
  for (size_t i = count - IdentifierCache::kGeneration / 2; i <= count; ++i) {
    ASSERT_EQ(cache.find(kOne, "user_id", std::to_string(i)), CustomerId{i});
  }
}

}  // namespace
}  // namespace rapport
