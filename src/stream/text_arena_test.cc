#include "stream/text_arena.h"

#include <gtest/gtest.h>

#include <string>

namespace rapport {
namespace {

TEST(TextArena, KeepsTextsOfAllSizesUntilCleared) {
  TextArena arena;
  for (int batch = 0; batch < 3; ++batch) {
    std::vector<std::pair<std::string, std::string_view>> kept;
    for (size_t i = 0; i < 3'000; ++i) {
      const size_t size = i % 100 == 0 ? TextArena::kPieceBytes + i : i % 700;
      std::string text(size, static_cast<char>('a' + i % 26));
      const std::string_view view = arena.keep(text);
      kept.emplace_back(std::move(text), view);
    }
    for (const auto& [text, view] : kept) ASSERT_EQ(text, view);
    arena.clear();
  }
}

TEST(TextArena, UsesItsPiecesAgain) {
  TextArena arena;
  const char* const first = arena.keep("one").data();
  arena.clear();
  EXPECT_EQ(first, arena.keep("two").data());
}

}  // namespace
}  // namespace rapport
